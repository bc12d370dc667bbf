// Times, as people say them: how long ago, with the exact moment in the viewer's own zone when one points at it.

import { useEffect, useState } from 'react';
import { partWords } from '../words/parts.ts';

const units = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** `3 minutes ago`, `in 2 days`; never for null. `form="exact"` shows date and time. */
export function When({
  at,
  form = 'relative',
  never = partWords.time.never,
}: {
  at: string | null;
  form?: 'relative' | 'exact';
  never?: string;
}) {
  const now = useNow();
  if (at === null) return <span>{never}</span>;
  return (
    <time dateTime={at} title={exactTime(at)}>
      {form === 'exact' ? shortTime(at) : relativeTime(at, now)}
    </time>
  );
}

/** Date and time with the zone. */
export function exactTime(at: string): string {
  return exact.format(new Date(at));
}

/** Date and time. */
export function shortTime(at: string): string {
  return short.format(new Date(at));
}

export function relativeTime(at: string, now = Date.now()): string {
  const ms = Date.parse(at) - now;
  const unit = units.find(([, length]) => Math.abs(ms) >= length);
  return unit === undefined ? partWords.time.now : relative.format(Math.round(ms / unit[1]), unit[0]);
}

/** The present, renewed often enough for minutes. */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
