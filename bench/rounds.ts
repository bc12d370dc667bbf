// Rounds: every contestant once, then every contestant again, A B A B …, so that what slows the machine down for a while
// slows all of them. The figures are made of what this returns.

/** Takes one sample: the cost of one unit of work, in any unit. */
export type Sample = () => Promise<number>;

/** Costs by name, one for each round. Every contestant is asked once more beforehand, to warm up; that is not kept. */
export async function interleave<Name extends string>(
  rounds: number,
  contestants: Readonly<Record<Name, Sample>>,
  progress: (text: string) => void = () => {},
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contestants) as Name[];
  const costs = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round += 1) {
    progress(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    for (const name of names) {
      const cost = await contestants[name]();
      if (round > 0) costs[name].push(cost);
    }
  }
  return costs;
}
