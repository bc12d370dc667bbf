// Rounds: every contestant once, then every contestant again, A B A B …, so that what slows the machine down for a while
// slows all of them. The figures are made of what this returns.

/** Takes one sample: the cost of one unit of work, in any unit. */
export type Sample = () => Promise<number>;

/**
 * Costs by name, one for each round, after as many rounds of warm-up as asked for: a server is compiled while it runs,
 * on threads whose work counts as its own, and that goes on for tens of thousands of requests.
 */
export async function interleave<Name extends string>(
  { rounds, warmUps }: { rounds: number; warmUps: number },
  contestants: Readonly<Record<Name, Sample>>,
  progress: (text: string) => void = () => {},
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contestants) as Name[];
  const costs = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 1 - warmUps; round <= rounds; round += 1) {
    progress(round < 1 ? 'warming up' : `round ${round} of ${rounds}`);
    for (const name of names) {
      const cost = await contestants[name]();
      if (round > 0) costs[name].push(cost);
    }
  }
  return costs;
}
