// A change on somebody's behalf, which is made only if they still stand when it is made: between the moment when they were
// let in and the change, there may be a body that comes slowly, a password's hash, a queue (S60). What they may do is
// judged by each operation; here only that they still may do all that they were let in with.

import { allows } from '@keyward/rules/permission';
import { KeywardError } from '../errors.ts';
import type { Writer } from '../writer.ts';
import { demandThere } from './acting.ts';
import type { Caller } from './caller.ts';
import { generationOf, isInForce } from './credential-lifecycle.ts';
import type { Answering, CachedCredentialLookup } from './ports.ts';
import { principalOf } from './principal.ts';
import type { CredentialRecord } from './records.ts';

/**
 * As `store.write`. Throws `unauthenticated` if the caller, its owner or its organization was deactivated or deleted
 * meanwhile, or its session ended by that, and `forbidden` if the caller has come to hold less: as far as the next request
 * would be refused too, without asking the database; `not_found` if a customer that it acts for was deleted. What the change resolves to is kept in the same transaction where the
 * caller's request has an idempotency key.
 */
export function writeAs<Changes, T>(
  ports: { store: Writer<Changes & Answering>; credentials: Pick<CachedCredentialLookup, 'bySource'> },
  caller: Caller,
  change: (changes: Changes & Answering) => Promise<T>,
): Promise<T> {
  if (caller.type === 'system') return ports.store.write(change);
  const { type, id, session, actingFrom, organization } = caller;
  return ports.store.write(async (changes) => {
    const record = await ports.credentials.bySource({ type, id });
    const stands =
      record !== null && isInForce(record) && (session === undefined || session.generation === generationOf(record));
    if (!stands) throw new KeywardError('unauthenticated', 'The credential was not accepted.', { reason: 'unknown' });
    demandStill(caller, record);
    if (actingFrom !== undefined) demandThere(await changes.organizations.find(organization.id), organization.id);
    const made = await change(changes);
    await caller.keepAnswer?.(changes.answers, made);
    return made;
  });
}

/** What somebody may do, as far as operations ask. */
export type Standing = Pick<Caller, 'permissions' | 'held'> & { owner: Pick<Caller['owner'], 'role'> };

/** Whether whoever stands so may do all that they could before. */
export function mayStill(now: Standing, before: Standing): boolean {
  const holdsAll = allowsAll(now.permissions, before.permissions) && allowsAll(now.held, before.held);
  return holdsAll && (before.owner.role !== 'owner' || now.owner.role === 'owner');
}

function demandStill(caller: Caller, record: CredentialRecord): void {
  if (mayStill(principalOf(record), caller)) return;
  throw new KeywardError('forbidden', 'What you may do was changed while this was under way. Try again.');
}

/** The same list mostly, as records share theirs. */
function allowsAll(now: readonly string[], before: readonly string[]): boolean {
  return now === before || allows(now, before);
}
