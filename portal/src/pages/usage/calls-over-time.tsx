// Calls by what became of them, hour by hour or day by day.

import type { UsageRow } from '@keyward/sdk/wire';
import { useMemo } from 'react';
import { type ChartSeries, UsageChart } from '../../parts/usage-chart.tsx';
import { usageWords } from '../../words/usage.ts';
import { type Range, timesOf } from './range.ts';
import { type Kind, kindOf } from './verdicts.ts';

const words = usageWords.chart;
const kinds: readonly { kind: Kind; color: ChartSeries['color'] }[] = [
  { kind: 'allowed', color: 'indigo' },
  { kind: 'refused', color: 'red' },
  { kind: 'limited', color: 'orange' },
];

export function CallsOverTime({ rows, range }: { rows: readonly UsageRow[]; range: Range }) {
  const { times, series } = useMemo(() => {
    const times = rows.length === 0 ? [] : timesOf(range);
    const series = kinds.map(({ kind, color }) => ({ label: words[kind], color, counts: countsOf(rows, times, kind) }));
    return { times, series };
  }, [rows, range]);
  return <UsageChart label={words.title} times={times} series={series} height={240} />;
}

function countsOf(rows: readonly UsageRow[], times: readonly string[], kind: Kind): number[] {
  const sums = new Map<string, number>();
  for (const { at, verdict, calls } of rows) {
    if (kindOf(verdict) === kind) sums.set(at, (sums.get(at) ?? 0) + calls);
  }
  return times.map((at) => sums.get(at) ?? 0);
}
