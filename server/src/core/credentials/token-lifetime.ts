// How long an API token may live, where its organization says so. It is counted from when the token was made, so that none
// is kept alive for ever by one step after another. Tokens from before stay as they are until their end is changed.

import { invalid } from '../errors.ts';
import type { Changes } from './ports.ts';
import type { ApiToken } from './records.ts';

/** The end of a new token: what was asked for, or as far off as it may be. Throws `invalid_request` beyond that. */
export async function endOfNew(
  changes: Changes<'organizations'>,
  token: Pick<ApiToken, 'organizationId' | 'createdAt' | 'expiresAt'>,
): Promise<number | null> {
  const latest = await latestEnd(changes, token);
  if (latest === null) return token.expiresAt;
  if (token.expiresAt === null) return latest.at;
  if (token.expiresAt > latest.at) throw tooLate(latest.lifetimeMs);
  return token.expiresAt;
}

/** Throws `invalid_request` if the end that a token is to get is later than it may be, or if it is to get none. */
export async function demandLifetime(
  changes: Changes<'organizations'>,
  token: Pick<ApiToken, 'organizationId' | 'createdAt'>,
  expiresAt: number | null,
): Promise<void> {
  const latest = await latestEnd(changes, token);
  if (latest !== null && (expiresAt === null || expiresAt > latest.at)) throw tooLate(latest.lifetimeMs);
}

async function latestEnd(
  { organizations }: Changes<'organizations'>,
  { organizationId, createdAt }: Pick<ApiToken, 'organizationId' | 'createdAt'>,
): Promise<{ at: number; lifetimeMs: number } | null> {
  const organization = await organizations.find(organizationId);
  const lifetimeMs = organization?.longestTokenLifetimeMs ?? null;
  return lifetimeMs === null ? null : { at: createdAt + lifetimeMs, lifetimeMs };
}

function tooLate(lifetimeMs: number) {
  const text = `In this organization an API token ends at most ${durationOf(lifetimeMs)} after it was made. Say a nearer end.`;
  return invalid('expiresAt', text);
}

/** In the largest unit that it is a whole number of. */
function durationOf(ms: number): string {
  const [name = 'milliseconds', unit = 1] = units.find(([, one]) => ms % one === 0) ?? [];
  return `${ms / unit} ${ms === unit ? name.slice(0, -1) : name}`;
}

const units: readonly (readonly [string, number])[] = [
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
  ['seconds', 1000],
];
