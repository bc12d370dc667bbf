// Following the journal from outside: what verifiers are told, what they say back, and receipts for who has heard of a
// change. Who is where is kept in subscribers.ts.

import { type Caller, demand, may } from '../caller/caller.ts';
import type { Finding, FindingPorts } from '../checking/calls/verifier-findings.ts';
import type { InspectingPorts } from '../checking/find-credential.ts';
import type { Reading } from '../checking/ports.ts';
import { inspect } from '../checking/verify.ts';
import type { Clock, Clocked } from '../clock.ts';
import { KeywardError } from '../errors.ts';
import type { JournalEntry } from '../journal/entry.ts';
import type { FeedScope } from '../journal/tail.ts';
import type { Receipt } from './receipt.ts';
import type { GivenReceipt, LastReceipts } from './recent-receipts.ts';
import type { ConnectedVerifier, SubscriberRegistry, Subscription } from './subscribers.ts';

type RememberingPorts = Reading<'journal'> & { lastReceipts: Pick<LastReceipts, 'remember'>; clock: Clock };

/** Whoever asks, as far as it matters whose changes concern them. */
interface Asking {
  organization: Pick<Caller['organization'], 'id' | 'isOperator'>;
}

/** What following the feed and answering it needs. */
export const feedPermission = 'follow:feed';

export interface FollowRequest {
  /** As it was presented: it is looked at again before every heartbeat. */
  credential: string | null;
  address: string;
  /** The last entry that the follower has applied; null if it remembers nothing. */
  cursor: number | null;
  /** The epoch that the cursor was told with; null if none. */
  epoch: string | null;
  /** The verifier's name; null if its first acknowledgement brings it. */
  verifier: string | null;
  /** Ends the connection of a follower that does not read. */
  cut(): void;
}

/**
 * The changes of the caller's organization, or of all of them for a caller of the operator's, and of the whole server, from
 * a cursor on. Needs `follow:feed`, then and for as long as it lasts. Throws `too_many_requests` beyond a thousand followers, `unavailable` while the server stops.
 */
export async function follow(
  ports: { subscribers: Pick<SubscriberRegistry, 'open'> } & InspectingPorts,
  caller: Caller,
  request: FollowRequest,
): Promise<Subscription> {
  demand(caller, feedPermission);
  const { credential, ...place } = request;
  const { address } = place;
  const scope = scopeOf(caller);
  const following = await ports.subscribers.open({
    ...place,
    organizationId: caller.organization.id,
    scope,
    principal: { id: caller.id, name: caller.name },
    async mayStill() {
      const seen = await inspect(ports, credential, { address, permissions: [feedPermission] });
      return seen.allowed && scopeOf(seen.principal) === scope;
    },
  });
  if (following === 'stopping') throw new KeywardError('unavailable', 'The server is stopping.');
  if (following === 'full')
    throw new KeywardError('too_many_requests', 'Too many follow the feed. Wait, then try again.');
  return following;
}

/** A verifier has applied everything up to `cursor`, whichever node it follows through. Needs `follow:feed`. */
export async function acknowledge(
  ports: { subscribers: Pick<SubscriberRegistry, 'acknowledge'> },
  caller: Caller,
  word: { verifier: string; cursor: number },
): Promise<void> {
  demand(caller, feedPermission);
  const from = { organizationId: caller.organization.id, principalId: caller.id };
  await ports.subscribers.acknowledge(from, word.verifier, word.cursor);
}

/**
 * Whom the newest change of `subject` has reached: for a caller who has just made it, and so needs no further
 * permission. Answers when all nodes, all verifiers of the organization and of others that the change concerns, and all that
 * follow every organization have it, or when `until` aborts.
 */
export async function receiptFor(
  ports: { subscribers: Pick<SubscriberRegistry, 'receipt'> } & RememberingPorts,
  caller: Asking,
  subject: JournalEntry['subject'],
  until: AbortSignal,
): Promise<Receipt> {
  // What the operator trusts may have made access tokens of any organization.
  const isEverybodys = caller.organization.isOperator && subject.type === 'federated_credential';
  const receipt = await ports.subscribers.receipt(caller.organization.id, subject, until, isEverybodys);
  await remember(ports, caller, subject, receipt);
  return receipt;
}

/**
 * Access tokens of whom the caller follows that were revoked one by one and have not ended by any verifier's clock, a page of
 * them, `after` the last of the page before; all that the journal says of them up to `cursor` is in it. Needs `follow:feed`.
 */
export async function listRevokedTokens(
  { store, clock }: Reading<'revokedTokens' | 'journal'> & { clock: Clock },
  caller: Caller,
  after = '',
): Promise<{ items: { jti: string; expiresAt: number }[]; next: string | null; cursor: number }> {
  demand(caller, feedPermission);
  const page = { organizationId: scopeOf(caller), after, limit: revokedAtOnce };
  const items = await store.revokedTokens.living(clock() - clocksDifferMs, page);
  const cursor = await store.journal.head();
  return { items, next: items.length < revokedAtOnce ? null : (items.at(-1)?.jti ?? null), cursor };
}

const revokedAtOnce = 5000;
/** A verifier's clock is not behind by more. */
const clocksDifferMs = 600_000;

export interface ListedVerifier extends ConnectedVerifier {
  /** What it found wrong with itself, as far as it told this node. */
  findings: readonly Finding[];
}

/** Who of the caller's organization follows, on whichever node. Needs `follow:feed` or `read:journal`. */
export async function listVerifiers(
  ports: { subscribers: Pick<SubscriberRegistry, 'list'> } & FindingPorts & Clocked,
  caller: Caller,
): Promise<ListedVerifier[]> {
  if (!may(caller, feedPermission)) demand(caller, 'read:journal');
  const { id } = caller.organization;
  const all = await ports.subscribers.list(id, scopeOf(caller));
  const now = ports.clock();
  return all.map((one) => ({ ...one, findings: ports.findings.of(id, one.name, now) }));
}

/** The newest receipt that this node gave to the caller's organization. Needs what `listVerifiers` does. */
export function latestReceipt(ports: { lastReceipts: Pick<LastReceipts, 'of'> }, caller: Caller): GivenReceipt | null {
  if (!may(caller, feedPermission)) demand(caller, 'read:journal');
  return ports.lastReceipts.of(caller.organization.id);
}

/** Whose changes somebody follows: from the operator's organization everybody's, from any other its own. */
function scopeOf({ organization }: Asking): FeedScope {
  return organization.isOperator ? null : organization.id;
}

/** The receipt was given whether or not it can be remembered. */
async function remember(
  ports: RememberingPorts,
  caller: Asking,
  subject: JournalEntry['subject'],
  receipt: Receipt,
): Promise<void> {
  const { journal } = ports.store;
  const [entry] = await journal.after(receipt.seq - 1, 1, scopeOf(caller) ?? undefined).catch(() => []);
  // Of several that ended together it is of the last.
  const told = entry?.seq === receipt.seq ? entry : { action: null, subject };
  ports.lastReceipts.remember(caller.organization.id, {
    ...receipt,
    at: ports.clock(),
    subject: told.subject,
    action: told.action,
  });
}
