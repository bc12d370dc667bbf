// The arithmetic: what is concluded from rounds. A figure is the median of the ratios of rounds, never a ratio of
// medians, because what disturbs a machine disturbs both sides of one round alike.

export interface Summary {
  median: number;
  min: number;
  max: number;
}

/** Throws for no values at all. */
export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new Error('There is nothing to summarise.');
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? min) + (sorted[Math.ceil(middle)] ?? max)) / 2;
  return { median, min, max };
}

/** One ratio for each round; both sides must have been measured in every round. */
export function ratios(above: readonly number[], below: readonly number[]): number[] {
  if (above.length !== below.length) throw new Error('Both sides need the same number of rounds.');
  return above.map((value, round) => value / (below[round] ?? Number.NaN));
}

/** The cost of doing several things one after the other, round by round: the harmonic bound of their speeds. */
export function together(...costs: readonly (readonly number[])[]): number[] {
  const [first = [], ...others] = costs;
  return others.reduce<number[]>(
    (sum, one) => sum.map((value, round) => value + (one[round] ?? Number.NaN)),
    [...first],
  );
}

/** The value that so many of a hundred do not exceed. Throws for no values at all. */
export function percentile(values: Float64Array, percent: number): number {
  const value = values.toSorted()[Math.max(0, Math.ceil((values.length * percent) / 100) - 1)];
  if (value === undefined) throw new Error('There is nothing to take a percentile of.');
  return value;
}

export type Verdict = 'goal' | 'floor' | 'below floor' | 'below goal';

/** Which of the two marks a figure reaches; `less` where small is good. */
export function judge(value: number, floor: number | null, goal: number, better: 'more' | 'less'): Verdict {
  const reaches = (mark: number) => (better === 'more' ? value >= mark : value <= mark);
  if (reaches(goal)) return 'goal';
  if (floor === null) return 'below goal';
  return reaches(floor) ? 'floor' : 'below floor';
}
