// How often a token was used and refused, in the last day by hours or the last month by days.

import type { UsageList, UsageRow } from '@keyward/sdk/wire';
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api } from '../../api.ts';
import { Loaded, Loading, Panel } from '../../parts/states.tsx';
import { type ChartSeries, UsageChart } from '../../parts/usage-chart.tsx';
import { tokenWords } from '../../words/token.ts';
import { Switcher } from '../access/switcher.tsx';
import classes from './token.module.css';

const words = tokenWords.usage;
const hourMs = 3_600_000;
const spans = {
  day: { group: 'hour', stepMs: hourMs, steps: 24 },
  month: { group: 'day', stepMs: 24 * hourMs, steps: 30 },
} as const;
type Span = keyof typeof spans;

export function UsagePanel({ id }: { id: string }) {
  const [span, setSpan] = useState<Span>('day');
  const usage = useQuery({
    queryKey: ['/v1/usage', { id, span }],
    queryFn: async ({ signal }) => {
      const { group, stepMs, steps } = spans[span];
      const from = startOf(Date.now() - (steps - 1) * stepMs, stepMs);
      const query = { source: `api_token:${id}`, group, by: 'verdict', from: new Date(from).toISOString() };
      return { from, rows: (await api.get<UsageList>('/v1/usage', query, signal)).items };
    },
    refetchInterval: 30_000,
  });
  return (
    <Panel
      title={words.title}
      intro={words.intro}
      actions={
        <Switcher
          label={words.span}
          size="xs"
          value={span}
          onChange={setSpan}
          options={[
            ['day', words.day],
            ['month', words.month],
          ]}
        />
      }
    >
      <Loaded query={usage} loading={<Loading rows={1} height={260} />}>
        {({ from, rows }) => <Usage span={span} from={from} rows={rows} />}
      </Loaded>
    </Panel>
  );
}

function Usage({ span, from, rows }: { span: Span; from: number; rows: readonly UsageRow[] }) {
  const { times, series } = useMemo(() => chartOf(span, from, rows), [span, from, rows]);
  const reasons = useMemo(() => sums(rows.filter(({ verdict }) => verdict !== 'allowed')), [rows]);
  const refused = reasons.reduce((sum, [, calls]) => sum + calls, 0);
  const all = rows.reduce((sum, { calls }) => sum + calls, 0);
  return (
    <>
      <UsageChart label={words.chart} times={all === 0 ? [] : times} series={series} height={200} />
      {all > 0 && (
        <Text fz="sm" c="dimmed" mt="xs">
          {words.total(all - refused, refused)}
        </Text>
      )}
      {reasons.length > 0 && (
        <>
          <Text fz="sm" fw={600} mt="sm">
            {words.reasons}
          </Text>
          <ul className={classes.reasons}>
            {reasons.map(([reason, calls]) => (
              <li key={reason}>
                {calls.toLocaleString()} × {words.reason[reason] ?? reason}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

/** Hours and days are UTC's, as the server counts them. */
function startOf(at: number, stepMs: number): number {
  return at - (at % stepMs);
}

function chartOf(span: Span, from: number, rows: readonly UsageRow[]): { times: string[]; series: ChartSeries[] } {
  const { stepMs, steps } = spans[span];
  // The server's clock may be ahead of the browser's.
  const last = rows.reduce((latest, { at }) => Math.max(latest, Date.parse(at)), from + (steps - 1) * stepMs);
  const count = Math.min((last - from) / stepMs + 1, 2 * steps);
  const starts = Array.from({ length: count }, (_, index) => from + index * stepMs);
  const countsOf = (kind: string) => {
    const counts = new Map<number, number>();
    for (const { at, verdict, calls } of rows) {
      if (kindOf(verdict) !== kind) continue;
      const start = startOf(Date.parse(at), stepMs);
      counts.set(start, (counts.get(start) ?? 0) + calls);
    }
    return starts.map((start) => counts.get(start) ?? 0);
  };
  return {
    times: starts.map((start) => new Date(start).toISOString()),
    series: [
      { label: words.allowed, color: 'indigo', counts: countsOf('allowed') },
      { label: words.limited, color: 'orange', counts: countsOf('limited') },
      { label: words.refused, color: 'red', counts: countsOf('refused') },
    ],
  };
}

function kindOf(verdict: string | undefined): 'allowed' | 'limited' | 'refused' {
  if (verdict === 'allowed') return 'allowed';
  return verdict === 'rate_limited' ? 'limited' : 'refused';
}

function sums(rows: readonly UsageRow[]): [reason: string, calls: number][] {
  const counts = new Map<string, number>();
  for (const { verdict = '', calls } of rows) counts.set(verdict, (counts.get(verdict) ?? 0) + calls);
  return [...counts].sort(([, one], [, other]) => other - one);
}
