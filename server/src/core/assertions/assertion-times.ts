// When an outside token counts: between its times, and only while it is young. Clocks of others may differ by a minute.

const leewaySeconds = 60;

/**
 * In seconds. A token is taken within an hour of being issued, however long it claims to live: GitLab's live as long as a job may
 * take, a cluster's for up to a year. So a token that leaked into a log is soon worth nothing, and what has to be remembered of those that
 * were used stays small.
 */
const longestAge = 3600;

type Claims = Readonly<Record<string, unknown>>;

/**
 * In words for the operator; null if the token counts at `now` (milliseconds). Whoever signs for itself chooses its `exp`, which is no
 * later than it could count (`isOwn`).
 */
export function faultInTimes(claims: Claims, now: number, isOwn: boolean): string | null {
  const { exp, iat, nbf } = claims;
  const seconds = now / 1000;
  if (!isTime(exp) || (iat !== undefined && !isTime(iat)) || (nbf !== undefined && !isTime(nbf))) {
    return 'its exp, iat or nbf is missing or no time';
  }
  if (exp + leewaySeconds <= seconds) return 'it has expired';
  if (Math.max(iat ?? 0, nbf ?? 0) > seconds + leewaySeconds) return 'it is not valid yet';
  const endsSoon = exp <= seconds + longestAge + leewaySeconds;
  if (isOwn && !endsSoon) return 'its exp is more than an hour ahead';
  if (iat !== undefined)
    return iat + longestAge + leewaySeconds > seconds ? null : 'it was issued more than an hour ago';
  return endsSoon ? null : 'it has no iat, and ends in more than an hour';
}

/** From when on it counts no more, in milliseconds. */
export function usableUntil({ exp, iat }: Claims): number {
  const youngUntil = isTime(iat) ? iat + longestAge : Number.POSITIVE_INFINITY;
  return (Math.min(isTime(exp) ? exp : 0, youngUntil) + leewaySeconds) * 1000;
}

/** Up to the year 9999: milliseconds are none. Fractions are allowed (RFC 7519 section 2). */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 253_402_300_799;
}
