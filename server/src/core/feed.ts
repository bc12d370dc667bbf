// Following the journal from outside: what verifiers are told, what they say back, and receipts for who has heard of a
// change. Who is where is kept in followers.ts.

import { type Caller, demand } from './caller.ts';
import { KeywardError } from './errors.ts';
import type { Following } from './followers.ts';
import type { JournalEntry } from './journal.ts';
import type { Ports } from './ports.ts';
import type { Receipt } from './receipt.ts';
import { inspect } from './verify.ts';

/** What following the feed and answering it needs. */
export const feedPermission = 'follow:feed';

export interface FollowRequest {
  /** As it was presented: it is looked at again before every heartbeat. */
  credential: string | null;
  address: string;
  /** The last entry that the follower has applied; null if it remembers nothing. */
  cursor: number | null;
  /** The verifier's name; null if its first acknowledgement brings it. */
  verifier: string | null;
  /** Ends the connection of a follower that does not read. */
  cut(): void;
}

/**
 * The changes of the caller's organization and of the whole server, from a cursor on. Needs `follow:feed`, then and for
 * as long as it lasts. Throws `too_many_requests` beyond a thousand followers, `unavailable` while the server stops.
 */
export async function follow(ports: Ports, caller: Caller, request: FollowRequest): Promise<Following> {
  demand(caller, feedPermission);
  const { credential, address, ...place } = request;
  const following = await ports.followers.open({
    ...place,
    organizationId: caller.organization.id,
    principal: { id: caller.id, name: caller.name },
    mayStill: async () => (await inspect(ports, credential, { address, permissions: [feedPermission] })).allowed,
  });
  if (following === 'stopping') throw new KeywardError('unavailable', 'The server is stopping.');
  if (following === 'full')
    throw new KeywardError('too_many_requests', 'Too many follow the feed. Wait, then try again.');
  return following;
}

/** A verifier has applied everything up to `cursor`. Needs `follow:feed`. */
export function acknowledge(ports: Ports, caller: Caller, word: { verifier: string; cursor: number }): void {
  demand(caller, feedPermission);
  const from = { organizationId: caller.organization.id, principalId: caller.id };
  ports.followers.acknowledge(from, word.verifier, word.cursor);
}

/**
 * Whom the newest change of `subject` has reached: for a caller who has just made it, and so needs no further
 * permission. Answers when all of the organization's verifiers on this node have it, or when `until` aborts.
 */
export async function receiptFor(
  ports: Ports,
  caller: Caller,
  subject: JournalEntry['subject'],
  until: AbortSignal,
): Promise<Receipt> {
  return ports.followers.receipt(caller.organization.id, subject, until);
}
