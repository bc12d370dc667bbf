// What becomes of a leaked API token and of what it made, as its organization wishes: told of only, shortened, or ended.
// Nothing is deleted: a person may let all of it work again.

import { type Caller, systemIn } from '../../caller/caller.ts';
import { KeywardError } from '../../errors.ts';
import type { LeakPolicy } from '../../identity/leak-policy.ts';
import { entryOf } from '../../journal/entry.ts';
import { subjectOf } from '../api-token.ts';
import { endOne } from '../lineage.ts';
import type { Changes } from '../ports.ts';
import type { ApiToken, Descendant } from '../records.ts';

export type Nouns =
  | 'apiTokens'
  | 'previousSecrets'
  | 'users'
  | 'apiUsers'
  | 'roles'
  | 'credentials'
  | 'lineage'
  | 'organizations';

/** What was done; `endsAt`: when it ends, or ended. */
export type Done =
  | { result: 'reported'; endsAt: null }
  | { result: 'shortened'; endsAt: number }
  | { result: 'ended'; endsAt: number };

/** A token that leaked, and the secret that did: its own, or the one from before a rotation that still works. */
export interface Leaked {
  token: ApiToken;
  secret: 'current' | 'previous';
}

const because = 'leaked';
const atOnce = 500;

/** Within a change, to a token in force. What it made is ended by `endDescendants`, in this change and in more if need be. */
export async function applyPolicy(
  changes: Changes<Nouns>,
  actor: Caller,
  leaked: Leaked,
  policy: LeakPolicy,
  at: number,
): Promise<Done> {
  const { token, secret } = leaked;
  if (policy.action === 'notify') return { result: 'reported', endsAt: null };
  if (policy.action === 'shorten' && policy.endsAfterMs !== null) {
    const endsAt = at + policy.endsAfterMs;
    return secret === 'previous'
      ? shortenOverlap(changes, actor, token, endsAt, at)
      : shorten(changes, actor, token, endsAt, at);
  }
  if (secret === 'previous') await endOverlap(changes, actor, token, at);
  else await deactivateLeaked(changes, actor, token, at);
  return { result: 'ended', endsAt: at };
}

/** Deactivates a token, in a way that says why; harmless when it is deactivated already. */
export async function deactivateLeaked(
  changes: Changes<Nouns>,
  actor: Caller,
  { organizationId, id }: Pick<ApiToken, 'organizationId' | 'id'>,
  at: number,
): Promise<void> {
  if (!(await changes.apiTokens.deactivate(organizationId, id, at))) return;
  await changes.apiTokens.markLeaked(organizationId, id, { leakEndsAt: at });
  changes.journal(entryOf(actor, at, 'api_token.deactivated', subjectOf(id), { because }, organizationId));
}

/**
 * Within a change: ends some of what the token made, whoever made it in turn and in whichever organization; true if more is
 * left. An organization's last owner is spared, and stands in the journal as such.
 */
export async function endDescendants(
  changes: Changes<Nouns>,
  actor: Caller,
  { organizationId, id }: Pick<ApiToken, 'organizationId' | 'id'>,
  at: number,
): Promise<boolean> {
  const { items } = await changes.lineage.of(organizationId, id, { besides: '', alive: 'active' }, atOnce);
  let ended = 0;
  for (const one of items) {
    if (await endDescendant(changes, actor, one, id, at)) ended += 1;
  }
  return ended > 0 && items.length === atOnce;
}

async function endDescendant(
  changes: Changes<Nouns>,
  actor: Caller,
  one: Descendant,
  root: string,
  at: number,
): Promise<boolean> {
  const caller = endingIn(one.organization, actor);
  try {
    await endOne(changes, caller, one, 'deactivate', { at, cutOff: true, descendantOf: root, because });
  } catch (error) {
    if (!(error instanceof KeywardError && error.code === 'conflict')) throw error;
    const { type, id, organization } = one;
    const detail = { descendantOf: root, because };
    changes.journal(entryOf(caller, at, `${type}.spared`, { type, id }, detail, organization.id));
    return false;
  }
  if (one.type === 'api_token') await changes.apiTokens.markLeaked(one.organization.id, one.id, { leakEndsAt: at });
  return true;
}

/** Whoever reports a leak need not hold what the ending of its descendants would take: the policy ends them. */
function endingIn(organization: Descendant['organization'], { type, id, ...actor }: Caller): Caller {
  const there = systemIn({ ...organization });
  return type === 'system' ? there : { ...there, type, id, actingFrom: actor.actingFrom ?? actor.organization };
}

async function shorten(
  changes: Changes<Nouns>,
  actor: Caller,
  token: ApiToken,
  wanted: number,
  at: number,
): Promise<Done> {
  const { organizationId, id } = token;
  const endsAt = Math.min(wanted, token.expiresAt ?? wanted);
  await changes.apiTokens.markLeaked(organizationId, id, { leakEndsAt: endsAt });
  if (endsAt !== token.expiresAt) {
    await changes.apiTokens.update(organizationId, id, { expiresAt: endsAt, updatedAt: at, endsAccess: true });
    const detail = { expiresAt: endsAt, because };
    changes.journal(entryOf(actor, at, 'api_token.changed', subjectOf(id), detail, organizationId));
  }
  return { result: 'shortened', endsAt };
}

async function endOverlap(changes: Changes<Nouns>, actor: Caller, token: ApiToken, at: number): Promise<void> {
  const { organizationId, id } = token;
  const previous = (await changes.previousSecrets.of(organizationId, [id])).get(id);
  if (previous === undefined) return;
  await changes.previousSecrets.delete(organizationId, id, previous.digest);
  await changes.apiTokens.endAccessTokens(organizationId, id);
  changes.journal(entryOf(actor, at, 'api_token.previous_secret_ended', subjectOf(id), { because }, organizationId));
}

async function shortenOverlap(
  changes: Changes<Nouns>,
  actor: Caller,
  token: ApiToken,
  wanted: number,
  at: number,
): Promise<Done> {
  const { organizationId, id } = token;
  const previous = (await changes.previousSecrets.of(organizationId, [id])).get(id);
  if (previous === undefined || previous.endsAt <= wanted) {
    return { result: 'shortened', endsAt: previous?.endsAt ?? at };
  }
  await changes.previousSecrets.delete(organizationId, id, previous.digest);
  await changes.previousSecrets.insert({ ...previous, endsAt: wanted });
  const detail = { previousUntil: wanted, because };
  changes.journal(entryOf(actor, at, 'api_token.changed', subjectOf(id), detail, organizationId));
  return { result: 'shortened', endsAt: wanted };
}
