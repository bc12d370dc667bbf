// How a token's secret begins and ends, in one column that says of which secret that is: during an upgrade a node of an
// older version replaces the secret and knows nothing of this.

import type { ApiToken } from '../core/credentials/records.ts';
import { usualPrefix } from '../core/secret.ts';

type Hints = Pick<ApiToken, 'digest' | 'prefix' | 'lastFour'>;

/** The prefix, the last four characters and the beginning of the digest. Of what was imported the prefix alone is known. */
export function fromHints({ digest, prefix, lastFour }: Hints): string | null {
  if (lastFour === null && prefix === usualPrefix) return null;
  return [prefix, lastFour ?? '', beginningOf(digest)].join(' ');
}

/** What an older version made begins as all did then, and nobody knows how it ends. */
export function toHints(hint: string | null, digest: string): Omit<Hints, 'digest'> {
  const [prefix = '', lastFour = '', beginning] = hint?.split(' ') ?? [];
  return beginning === beginningOf(digest)
    ? { prefix, lastFour: lastFour === '' ? null : lastFour }
    : { prefix: usualPrefix, lastFour: null };
}

/** What of a digest the column says. */
export function beginningOf(digest: string): string {
  return digest.slice(0, 16);
}
