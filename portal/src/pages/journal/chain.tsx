// Whether the chain of hashes holds, as far as the server has checked it.

import type { ChainStatus } from '@keyward/sdk/wire';
import { Alert, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { Icon } from '../../parts/icon.tsx';
import { When } from '../../parts/when.tsx';
import { journalWords } from '../../words/journal.ts';
import classes from './journal.module.css';

const words = journalWords.chain;

export function Chain() {
  const { data } = useQuery({
    queryKey: ['/v1/journal/chain'],
    queryFn: ({ signal }) => api.get<ChainStatus>('/v1/journal/chain', {}, signal),
    refetchInterval: 15_000,
  });
  if (data?.intact === false) {
    return (
      <Alert color="red" variant="light" icon={<Icon name="alert" />} title={words.broken} mb="md">
        {words.brokenText(data.problem ?? '')}
      </Alert>
    );
  }
  return (
    <div className={classes.chain} data-intact={data?.intact === true || undefined} role="status">
      {data !== undefined && (
        <>
          <Icon name={data.intact === true ? 'check' : 'clock'} size={16} />
          <Text fz="sm" fw={600} component="span">
            {data.intact === true ? words.intact : words.checking}
          </Text>
          <Text fz="sm" c="dimmed" component="span">
            {stateOf(data)}{' '}
            {data.checkedAt !== null && (
              <>
                {words.checkedAt} <When at={data.checkedAt} />.
              </>
            )}
          </Text>
        </>
      )}
    </div>
  );
}

function stateOf({ intact, checkedTo, head }: ChainStatus): string {
  if (intact === true && checkedTo >= head) return words.intactText(head.toLocaleString());
  return words.nearlyText(checkedTo.toLocaleString(), head.toLocaleString());
}
