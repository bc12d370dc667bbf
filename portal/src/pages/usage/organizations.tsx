// Calls by organization, the busiest first, for operators: what became of them, and the way to that organization's usage.

import type { UsageRow } from '@keyward/sdk/wire';
import { Anchor } from '@mantine/core';
import { hrefIn } from '../../acting.ts';
import { Panel } from '../../parts/states.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { mayAct, useOwnSession } from '../../session.ts';
import { usageWords } from '../../words/usage.ts';
import type { UsageAnswer } from './answer.ts';
import { Share } from './share.tsx';
import classes from './usage.module.css';
import { sumOf } from './verdicts.ts';

const words = usageWords.organizations;
const most = 25;
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });

interface OrganizationsProps {
  /** By organization, in total: all calls, those let in, and those over a limit. */
  all: UsageAnswer;
  allowed: UsageAnswer;
  limited: UsageAnswer;
  /** What a link takes along, such as `?range=7d`. */
  search: string;
}

export function Organizations({ all, allowed, limited, search }: OrganizationsProps) {
  const own = useOwnSession();
  const rows = all.data?.items;
  const largest = rows?.[0]?.calls ?? 1;
  const sum = sumOf(rows ?? []);
  const of = (answer: UsageAnswer, id: string | undefined) =>
    answer.data?.items.find(({ organization }) => organization?.id === id)?.calls ?? 0;
  const hrefOf = (id: string) => hrefIn(id === own.organization.id ? null : id, `/usage${search}`);
  const columns: Column<UsageRow>[] = [
    {
      key: 'name',
      header: words.name,
      cell: ({ organization }) => {
        if (organization === undefined) return null;
        const name = organization.name ?? words.deleted;
        if (organization.name === null || !mayAct(own)) return <span className={classes.cut}>{name}</span>;
        return (
          <Anchor href={hrefOf(organization.id)} fz="sm" className={classes.cut} title={words.show(name)}>
            {name}
          </Anchor>
        );
      },
    },
    { key: 'calls', header: words.calls, align: 'right', cell: ({ calls }) => calls.toLocaleString() },
    {
      key: 'allowed',
      header: usageWords.tiles.allowed,
      align: 'right',
      isWideOnly: true,
      cell: ({ organization }) => of(allowed, organization?.id).toLocaleString(),
    },
    {
      key: 'refused',
      header: usageWords.tiles.refused,
      align: 'right',
      isWideOnly: true,
      // The three are asked for one after the other, and calls go on meanwhile.
      cell: ({ organization, calls }) =>
        Math.max(0, calls - of(allowed, organization?.id) - of(limited, organization?.id)).toLocaleString(),
    },
    {
      key: 'limited',
      header: usageWords.tiles.limited,
      align: 'right',
      cell: ({ organization }) => of(limited, organization?.id).toLocaleString(),
    },
    {
      key: 'share',
      header: words.share,
      width: 120,
      isWideOnly: true,
      cell: ({ calls }) => <Share of={calls / largest} text={percent.format(calls / Math.max(1, sum))} />,
    },
  ];
  const isThere = [all, allowed, limited].every(({ data }) => data !== undefined);
  const failed = [all, allowed, limited].find(({ error }) => error !== null);
  return (
    <Panel title={words.title} intro={(rows?.length ?? 0) > most ? words.more(most) : words.intro}>
      <DataTable
        label={words.title}
        list={{
          items: isThere ? rows?.slice(0, most) : undefined,
          error: failed?.error ?? null,
          refetch: () => void Promise.all([all, allowed, limited].map(({ refetch }) => refetch())),
        }}
        columns={columns}
        keyOf={({ organization }) => organization?.id ?? ''}
        expected={4}
        empty={words.none}
      />
    </Panel>
  );
}
