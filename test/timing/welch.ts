// Welch's t of two samples of times: how surely their means differ, in standard errors. Above 4.5 it is no chance. The
// slowest tenth of both together is left out first: what the machine did meanwhile is in there, and hides the rest.

export function welch(one: readonly number[], other: readonly number[]): number {
  const both = [...one, ...other].sort((a, b) => a - b);
  const longest = both[Math.floor(both.length * 0.9)] ?? Number.POSITIVE_INFINITY;
  const [a, b] = [momentsOf(one, longest), momentsOf(other, longest)];
  return (a.mean - b.mean) / Math.sqrt(a.variance / a.count + b.variance / b.count);
}

function momentsOf(sample: readonly number[], longest: number) {
  const kept = sample.filter((value) => value <= longest);
  const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
  const variance = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (kept.length - 1);
  return { mean, variance, count: kept.length };
}
