// Which applications act for one, with what, and ending that.

import type { Authorization, AuthorizationList } from '@keyward/sdk/wire';
import { Button, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { hostDescribing } from '../../parts/described-at.ts';
import { Icon } from '../../parts/icon.tsx';
import { showDone, showProblem } from '../../parts/notice.ts';
import { Loaded, Panel } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { accountWords } from '../../words/account.ts';
import classes from './sessions.module.css';

const words = accountWords.applications;

export function ApplicationsPanel() {
  const authorizations = useQuery({
    queryKey: ['/v1/self/authorizations'],
    queryFn: ({ signal }) => api.get<AuthorizationList>('/v1/self/authorizations', {}, signal),
  });
  return (
    <Panel title={words.title} intro={words.intro}>
      <Loaded query={authorizations}>
        {({ items }) =>
          items.length === 0 ? (
            <Text fz="sm" c="dimmed">
              {words.none}
            </Text>
          ) : (
            <ul className={classes.list}>
              {items.map((authorization) => (
                <Entry key={authorization.id} authorization={authorization} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Entry({ authorization }: { authorization: Authorization }) {
  const { id, application, api: handle, scope, createdAt, lastUsedAt } = authorization;
  const end = useMutation({
    mutationFn: () => api.delete(`/v1/self/authorizations/${part(id)}`),
    onSuccess: async () => {
      await Promise.all([invalidate('/v1/self/authorizations'), invalidate('/v1/sessions')]);
      showDone(words.ended(application.name));
    },
    onError: showProblem,
  });
  return (
    <li className={classes.entry}>
      <Icon name="robot" size={22} />
      <div className={classes.about}>
        <Text fw={600} fz="sm">
          {application.name}
        </Text>
        <Text fz="sm" c="dimmed">
          {words.of(hostDescribing(application) ?? application.organization.name, handle)} · {words.since}{' '}
          <When at={createdAt} /> ·{' '}
          {lastUsedAt === null ? (
            words.unused
          ) : (
            <>
              {words.used} <When at={lastUsedAt} />
            </>
          )}
        </Text>
        <Text fz="sm" c="dimmed" className="kw-mono">
          {scope.join(' ')}
        </Text>
      </div>
      <Button
        variant="default"
        size="compact-sm"
        aria-label={words.endOne(application.name)}
        loading={end.isPending}
        onClick={() => end.mutate()}
      >
        {words.end}
      </Button>
    </li>
  );
}
