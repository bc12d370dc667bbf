// What stands in the place of every page while it is not sure that one may work in the organization that the address
// names: it is being asked for, it is gone, or it is not for this person. The pages of one's own are never shown instead.

import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { actingFor, hrefIn } from '../acting.ts';
import { problemOf } from '../problem.ts';
import { customerQuery, mayAct, useOwnSession } from '../session.ts';
import { actingWords as words } from '../words/acting.ts';
import { Page } from './page.tsx';
import { Failed, Loading } from './states.tsx';

/** Null where the pages may be shown. */
export function useInstead(): ReactNode {
  const own = useOwnSession();
  const { data, error, refetch } = useQuery({ ...customerQuery, enabled: actingFor !== null && mayAct(own) });
  if (actingFor === null) return null;
  if (!mayAct(own)) return <Refused {...words.refused} />;
  const status = error === null ? null : problemOf(error).status;
  if (status === 404 || status === 400) return <Refused {...words.gone} />;
  if (status === 403) return <Refused {...words.refused} />;
  if (data !== undefined) return null;
  if (error === null) return <Loading rows={4} height={40} />;
  return (
    <Page title={words.failed}>
      <Failed error={error} onRetry={() => void refetch()} />
      <WayOut />
    </Page>
  );
}

function Refused({ title, text }: { title: string; text: string }) {
  return (
    <Page title={title}>
      <Text mb="lg" maw={720}>
        {text}
      </Text>
      <WayOut />
    </Page>
  );
}

function WayOut() {
  const own = useOwnSession();
  return (
    <Group>
      <Button component="a" href={hrefIn(null, '/')} variant="default">
        {words.back(own.organization.name)}
      </Button>
      {mayAct(own) && (
        <Button component="a" href={hrefIn(null, '/organizations')} variant="default">
          {words.all}
        </Button>
      )}
    </Group>
  );
}
