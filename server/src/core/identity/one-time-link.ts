// Links that work once and for a while: their token stands behind the `#`, which no browser sends and no proxy logs; of
// the token only its digest is kept. What a link lets its holder do is for password-link.ts and set-up.ts.

import type { Clock } from '../clock.ts';
import { KeywardError } from '../errors.ts';
import { digestOf, generateKey, looksLikeKey } from '../secret.ts';
import type { Settings } from '../settings.ts';
import type { Reading } from './ports.ts';
import type { OneTimeLink } from './records.ts';
import type { SignInLimiter } from './sign-in-limiter.ts';

/** The ports of what makes links. */
export interface LinkingPorts {
  clock: Clock;
  settings: Pick<Settings, 'issuer'>;
}

export type FindingLinkPorts = Reading<'oneTimeLinks'> & { clock: Clock; signInLimiter: SignInLimiter };

/** What is handed out. */
export interface Link {
  url: string;
  expiresAt: number;
}

/** A new link. Its address is made of the public one, never of what a request said (S73). */
export function newLink(
  ports: LinkingPorts,
  purpose: OneTimeLink['purpose'],
  user: OneTimeLink['user'],
): { record: OneTimeLink; link: Link } {
  const { page, lastsMs } = kinds[purpose];
  const token = generateKey();
  const createdAt = ports.clock();
  const expiresAt = createdAt + lastsMs;
  return {
    record: { digest: digestOf(token), purpose, user, createdAt, expiresAt },
    link: { url: `${ports.settings.issuer}/${page}#${token}`, expiresAt },
  };
}

/**
 * The link of a token, which must be for one of these purposes. Throws `not_found` for any other text, in the same words
 * whatever is wrong with it, and `too_many_requests` after too many wrong ones from an address.
 */
export async function findLink(
  ports: FindingLinkPorts,
  token: string,
  purposes: readonly OneTimeLink['purpose'][],
  address: string,
): Promise<OneTimeLink> {
  const find = async () => {
    if (!looksLikeKey(token)) return null;
    const link = await ports.store.oneTimeLinks.find(digestOf(token));
    return link !== null && link.expiresAt > ports.clock() && purposes.includes(link.purpose) ? link : null;
  };
  const link = await ports.signInLimiter.attempt(null, address, find, (found) => found === null);
  if (link === null) throw linkEnded();
  return link;
}

export function linkEnded(): KeywardError {
  return new KeywardError('not_found', 'This link was used or has expired. Ask for a new one.');
}

const hour = 3_600_000;
const kinds: Record<OneTimeLink['purpose'], { page: string; lastsMs: number }> = {
  set_up: { page: 'set-up', lastsMs: hour },
  invitation: { page: 'welcome', lastsMs: 7 * 24 * hour },
  reset: { page: 'new-password', lastsMs: 24 * hour },
};
