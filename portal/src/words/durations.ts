// How long something takes, in words: the two largest units that matter.

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** Such as `2 days 3 hours`, `9 minutes 30 seconds` or `1 second`; never less than a second. */
export function duration(ms: number): string {
  const whole = Math.max(1000, Math.ceil(ms / 1000) * 1000);
  const first = units.findIndex(([, length]) => whole >= length);
  const [unit, length] = units[first] ?? units[3];
  const count = Math.floor(whole / length);
  const next = units[first + 1];
  const rest = next === undefined ? 0 : Math.floor((whole - count * length) / next[1]);
  return next === undefined || rest === 0 ? said(count, unit) : `${said(count, unit)} ${said(rest, next[0])}`;
}

function said(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
