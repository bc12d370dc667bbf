// Calls by what became of them, hour by hour or day by day; or those that were refused alone, by the reason.

import type { UsageRow } from '@keyward/sdk/wire';
import { useMemo } from 'react';
import { type ChartSeries, UsageChart } from '../../parts/usage-chart.tsx';
import { usageWords } from '../../words/usage.ts';
import { type Range, timesOf } from './range.ts';
import { refusalsIn } from './reasons.tsx';
import { kindOf } from './verdicts.ts';

const words = usageWords.chart;
const mostReasons = 4;
const reasonColors = ['orange', 'red', 'grape', 'cyan'] as const;

type Line = { label: string; color: ChartSeries['color']; holds: (verdict: string) => boolean };

const kinds: readonly Line[] = [
  { label: words.allowed, color: 'indigo', holds: (verdict) => kindOf(verdict) === 'allowed' },
  { label: words.refused, color: 'red', holds: (verdict) => kindOf(verdict) === 'refused' },
  { label: words.limited, color: 'orange', holds: (verdict) => kindOf(verdict) === 'limited' },
];

interface CallsOverTimeProps {
  rows: readonly UsageRow[];
  range: Range;
  isRefusedOnly: boolean;
}

export function CallsOverTime({ rows, range, isRefusedOnly }: CallsOverTimeProps) {
  const { times, series } = useMemo(() => {
    const lines = isRefusedOnly ? reasonsIn(rows) : kinds;
    const times = rows.length === 0 || lines.length === 0 ? [] : timesOf(range);
    const series = lines.map(({ label, color, holds }) => ({ label, color, counts: countsOf(rows, times, holds) }));
    return { times, series };
  }, [rows, range, isRefusedOnly]);
  return <UsageChart label={words.title} times={times} series={series} height={240} />;
}

/** The most frequent reasons, and the others together. */
function reasonsIn(rows: readonly UsageRow[]): Line[] {
  const reasons = refusalsIn(rows).map(([reason]) => reason);
  const shown = reasons.slice(0, mostReasons);
  const lines: Line[] = shown.map((reason, index) => ({
    label: usageWords.reasons.texts[reason]?.title ?? reason,
    color: reasonColors[index] ?? 'gray',
    holds: (verdict) => verdict === reason,
  }));
  if (reasons.length === shown.length) return lines;
  const holds = (verdict: string) => verdict !== 'allowed' && !shown.includes(verdict);
  return [...lines, { label: words.others, color: 'gray', holds }];
}

function countsOf(rows: readonly UsageRow[], times: readonly string[], holds: Line['holds']): number[] {
  const sums = new Map<string, number>();
  for (const { at, verdict = '', calls } of rows) {
    if (holds(verdict)) sums.set(at, (sums.get(at) ?? 0) + calls);
  }
  return times.map((at) => sums.get(at) ?? 0);
}
