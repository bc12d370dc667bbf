// What a user, an API user or an API token made, itself or through what it made: shown to whoever may see the one, and
// ended with it by whoever may end it, in whichever organization it was made. A leaked credential leaves nothing behind then.

import { actingPermission, type Caller, may } from '../caller/caller.ts';
import { writeAs } from '../caller/write-as.ts';
import type { Clocked } from '../clock.ts';
import { deactivateApiUser, deleteApiUser, readApiUser } from '../identity/api-user.ts';
import { deactivateUser, deleteUser, keepAnOwner, manageable, readUser } from '../identity/user.ts';
import { entryOf } from '../journal/entry.ts';
import { readApiToken } from './api-token.ts';
import { deactivateApiToken, deleteApiToken } from './api-token-lifecycle.ts';
import type { Changes, Changing, Reading } from './ports.ts';
import type { Descendant } from './records.ts';

/** Whose descendants are meant. */
export type Root = Pick<Descendant, 'type' | 'id'>;

/** `inactive`: deactivated; `expired`: past its end. */
export type ShownDescendant = Descendant & { state: 'active' | 'inactive' | 'expired' };

export type Ending = 'deactivate' | 'delete';

type Nouns = 'users' | 'apiUsers' | 'apiTokens' | 'roles' | 'credentials' | 'lineage';

const shownAtMost = 100;
const endedAtOnce = 500;

/**
 * The first 100 that are not deleted, those of the root's organization first, and how many there are. Needs what reading the
 * root does. Those at customers are counted, and shown to who may act for these.
 */
export async function descendantsOf(
  ports: Reading<'users' | 'apiUsers' | 'apiTokens' | 'lineage'> & Clocked,
  caller: Caller,
  root: Root,
): Promise<{ items: ShownDescendant[]; total: number }> {
  if (root.type === 'user') await readUser(ports, caller, root.id);
  else if (root.type === 'api_user') await readApiUser(ports, caller, root.id);
  else await readApiToken(ports, caller, { id: root.id });
  const narrow = { besides: caller.owner.id, alive: 'undeleted' } as const;
  const { items, total } = await ports.store.lineage.of(caller.organization.id, root.id, narrow, shownAtMost);
  const now = ports.clock();
  const isShown = ({ organization }: Descendant) =>
    organization.id === caller.organization.id || (caller.organization.isOperator && may(caller, actingPermission));
  return { items: items.filter(isShown).map((one) => ({ ...one, state: stateOf(one, now) })), total };
}

/**
 * Ends the root and all that it made: the first 500 in the root's own change, the rest in further ones, until a look finds
 * none alive, each in its own organization. Needs what ending the root does and, where users were made, all that their roles
 * hold; otherwise nothing is ended. A customer may be left without an owner: whoever provides the APIs adds another. Whoever asks is spared, with what they made themselves. Harmless when repeated.
 */
export async function endWithDescendants(
  ports: Changing<Nouns>,
  caller: Caller,
  root: Root,
  how: Ending,
  options: { cutOff?: boolean } = {},
): Promise<void> {
  const cutOff = options.cutOff === true;
  const endSome = async (changes: Changes<Nouns>): Promise<boolean> => {
    const narrow = { besides: caller.owner.id, alive: how === 'delete' ? 'undeleted' : 'active' } as const;
    const { items } = await changes.lineage.of(caller.organization.id, root.id, narrow, endedAtOnce);
    const at = ports.clock();
    for (const one of items) await endOne(changes, caller, one, how, { at, cutOff, descendantOf: root.id });
    return items.length > 0;
  };
  let hasMore = await writeAs(ports, caller, async (changes) => {
    // First, so that whoever may not end the root learns nothing of what it made.
    await endRoot({ ...ports, store: { write: (change) => change(changes) } }, caller, root, how, { cutOff });
    return endSome(changes);
  });
  // What was allowed is carried out, though the caller may have ended itself with it.
  while (hasMore) hasMore = await ports.store.write(endSome);
}

function stateOf({ deactivatedAt, expiresAt }: Descendant, now: number): ShownDescendant['state'] {
  if (deactivatedAt !== null) return 'inactive';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active';
}

async function endRoot(
  ports: Changing<Nouns>,
  caller: Caller,
  { type, id }: Root,
  how: Ending,
  options: { cutOff: boolean },
): Promise<unknown> {
  if (type === 'user') return how === 'delete' ? deleteUser(ports, caller, id) : deactivateUser(ports, caller, id);
  if (type === 'api_token') {
    return how === 'delete' ? deleteApiToken(ports, caller, { id }) : deactivateApiToken(ports, caller, { id });
  }
  return how === 'delete' ? deleteApiUser(ports, caller, id) : deactivateApiUser(ports, caller, id, options);
}

/** Within a change: ends one of what the root made; false if it had ended. Throws what ending it does. */
export async function endOne(
  changes: Changes<Nouns>,
  caller: Caller,
  { type, id, organization }: Descendant,
  how: Ending,
  { at, cutOff, descendantOf, because }: { at: number; cutOff: boolean; descendantOf: string; because?: string },
): Promise<boolean> {
  const organizationId = organization.id;
  const there = { ...caller, organization: { ...caller.organization, ...organization } };
  const user = type === 'user' ? await manageable(changes, there, id) : null;
  if (user !== null && organizationId === caller.organization.id) await keepAnOwner(changes, user);
  const noun = { user: changes.users, api_user: changes.apiUsers, api_token: changes.apiTokens }[type];
  const isDone =
    how === 'delete'
      ? await noun.delete(organizationId, id, at)
      : await noun.deactivate(organizationId, id, at, type === 'api_user' && cutOff);
  if (!isDone) return false;
  const why = because === undefined ? {} : { because };
  const detail = { descendantOf, ...why, ...(type === 'api_user' && how === 'deactivate' && { cutOff }) };
  changes.journal(entryOf(caller, at, `${type}.${how}d`, { type, id }, detail, organizationId));
  return true;
}
