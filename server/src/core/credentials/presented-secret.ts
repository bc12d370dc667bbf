// Which of a credential's secrets was presented, while the one from before a rotation still works, and when that one ends.

import type { CredentialRecord } from '../caller/records.ts';
import { digestsEqual } from '../secret.ts';

/**
 * Which secret of an API token, or password of an API user, has this digest: its only one, or while it is being rotated the
 * current or the previous one; null if none has, or no longer.
 */
export function whichSecret(
  { digest, previous }: Pick<NonNullable<CredentialRecord['token']>, 'digest' | 'previous'>,
  presented: string,
  now: number,
): 'only' | 'current' | 'previous' | null {
  if (digestsEqual(digest, presented)) return previous === null ? 'only' : 'current';
  return previous !== null && previous.endsAt > now && digestsEqual(previous.digest, presented) ? 'previous' : null;
}

/** When a token ends for whoever presents this secret of it: the previous one with the overlap, if not before. */
export function endOfSecret(
  { expiresAt, token }: CredentialRecord,
  secret: 'only' | 'current' | 'previous',
): number | null {
  if (secret !== 'previous' || token?.previous == null) return expiresAt;
  return Math.min(expiresAt ?? token.previous.endsAt, token.previous.endsAt);
}
