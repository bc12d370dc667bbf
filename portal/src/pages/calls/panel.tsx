// The last calls of one credential, on its page.

import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Panel } from '../../parts/states.tsx';
import { callsWords as words } from '../../words/calls.ts';
import { CallsTable } from './calls-table.tsx';
import { useCalls } from './use-calls.ts';

/** `credential` as `api_token:<id>`. */
export function CallsPanel({ credential }: { credential: string }) {
  const query = useCalls({ credential, limit: 10 });
  return (
    <Panel
      title={words.title}
      actions={
        <Anchor component={Link} to="/calls" search={{ credential } as never} fz="sm">
          {words.all}
        </Anchor>
      }
    >
      <CallsTable query={query} expected={3} />
    </Panel>
  );
}
