// Calls by credential, the busiest first; choosing one shows its calls alone.

import type { UsageRow } from '@keyward/sdk/wire';
import { Anchor, Button, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { actingFor } from '../../acting.ts';
import { Empty, Panel } from '../../parts/states.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { usageWords } from '../../words/usage.ts';
import type { UsageAnswer } from './answer.ts';
import { Share } from './share.tsx';
import classes from './usage.module.css';
import { sumOf } from './verdicts.ts';

const words = usageWords.sources;
const most = 8;
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });

interface SourcesProps {
  query: UsageAnswer;
  chosen: string | undefined;
  onChoose: (source: string) => void;
}

export function Sources({ query, chosen, onChoose }: SourcesProps) {
  const rows = query.data?.items;
  const all = sumOf(rows ?? []);
  const largest = rows?.[0]?.calls ?? 1;
  const columns: Column<UsageRow>[] = [
    {
      key: 'name',
      header: words.name,
      cell: ({ source }) => {
        if (source === undefined) return null;
        const key = `${source.type}:${source.id}`;
        const name = source.name ?? words.deleted;
        return (
          <>
            {key === chosen ? (
              <Text fz="sm" fw={600} className={classes.cut}>
                {name}
              </Text>
            ) : (
              <Anchor
                component="button"
                fz="sm"
                ta="left"
                className={classes.cut}
                title={words.show(name)}
                onClick={() => onChoose(key)}
              >
                {name}
              </Anchor>
            )}
            <Text fz={13} c="dimmed">
              {words.type[source.type]}
            </Text>
          </>
        );
      },
    },
    { key: 'calls', header: words.calls, align: 'right', cell: ({ calls }) => calls.toLocaleString() },
    {
      key: 'share',
      header: words.share,
      width: 120,
      isWideOnly: true,
      cell: ({ calls }) => <Share of={calls / largest} text={percent.format(calls / all)} />,
    },
  ];
  return (
    <Panel title={words.title} {...((rows?.length ?? 0) > most && { intro: words.more(most) })}>
      <DataTable
        label={words.title}
        list={{ items: rows?.slice(0, most), error: query.error, refetch: () => void query.refetch() }}
        columns={columns}
        keyOf={({ source }) => `${source?.type}:${source?.id}`}
        expected={4}
        empty={
          <Empty
            icon="token"
            title={words.none}
            {...(actingFor === null && {
              action: (
                <Button component={Link} to="/get-started" variant="default" size="sm">
                  {words.start}
                </Button>
              ),
            })}
          >
            {actingFor === null && words.noneText}
          </Empty>
        }
      />
    </Panel>
  );
}
