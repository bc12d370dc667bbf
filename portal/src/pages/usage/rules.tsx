// Calls by the guarded path that they fell under.

import type { UsageRow } from '@keyward/sdk/wire';
import { Text } from '@mantine/core';
import { Panel } from '../../parts/states.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { usageWords } from '../../words/usage.ts';
import type { UsageAnswer } from './answer.ts';

const words = usageWords.rules;
const most = 15;

const columns: Column<UsageRow>[] = [
  {
    key: 'rule',
    header: words.rule,
    cell: ({ rule = '' }) =>
      rule in words.named ? <Text fz="sm">{words.named[rule]}</Text> : <span className="kw-mono">{rule}</span>,
  },
  { key: 'calls', header: usageWords.sources.calls, align: 'right', cell: ({ calls }) => calls.toLocaleString() },
];

export function Rules({ query }: { query: UsageAnswer }) {
  return (
    <Panel title={words.title}>
      <DataTable
        label={words.title}
        list={{ items: query.data?.items.slice(0, most), error: query.error, refetch: () => void query.refetch() }}
        columns={columns}
        keyOf={({ rule }) => rule ?? ''}
        expected={4}
        empty={
          <Text fz="sm" c="dimmed">
            {words.none}
          </Text>
        }
      />
    </Panel>
  );
}
