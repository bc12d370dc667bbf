// What a figure is: a work of performance.md, measured against its budget.

import type { Bench } from './keyward.ts';
import type { Summary } from './ratio.ts';

export interface Figure {
  title: string;
  /** How it was measured, in a sentence or two under the title. */
  method: string;
  /** What this machine does not let it measure, a sentence for each; they follow the method. */
  notes?: readonly string[];
  measure(bench: Bench): Promise<Row[]>;
}

export interface Row {
  /** `what / against what`. */
  work: string;
  value: Summary;
  /** What `value` is in; a ratio has none. */
  unit?: 'MB' | 'B' | 'ms';
  /** Digits behind the point; two of a ratio and none of what has a unit, unless said otherwise. */
  digits?: number;
  /** Left out for what is only good to know; `floor` is null where only a goal is set. */
  budget?: { floor: number | null; goal: number; better: 'more' | 'less' };
  /** What went into it, by name: medians with their unit. */
  costs: Readonly<Record<string, string>>;
}

/** A cost as it is shown beside a ratio. */
export function shown(value: number, unit: string): string {
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${unit}`;
}
