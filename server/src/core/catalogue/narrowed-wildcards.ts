// Who held one of Keyward's own permissions by a wildcard such as `read:*` alone, from when wildcards still reached these.
// It is told and journalled once after the upgrade; nothing is expanded, so nobody keeps what nobody gave them by name.

import { type OwnPermission, ownPermissions } from '@keyward/rules/own-permissions';
import { covers, isHalfOpen } from '@keyward/rules/permission';
import { systemIn } from '../caller/caller.ts';
import { rolePermissions } from '../caller/principal.ts';
import type { Clock } from '../clock.ts';
import { entryOf } from '../journal/entry.ts';
import type { Journalled } from '../journal/ports.ts';
import type { Writer } from '../writer.ts';
import type { PermissionHolderReads, Reading } from './ports.ts';
import type { PermissionHolder } from './records.ts';

export interface NarrowedHolder extends PermissionHolder {
  /** What it could do before and no longer can. */
  lost: readonly OwnPermission[];
}

/** What an upgrade leaves to be done once. */
interface UpgradingPorts {
  store: Reading<'credentials' | 'holders'>['store'] &
    Writer<Journalled & { upgradeSteps: { finish(name: string): Promise<boolean> } }> & {
      upgradeSteps: { isPending(name: string): Promise<boolean> };
    };
  clock: Clock;
}

const step = 'narrow_wildcards';

/** Journals each role and API token that lost something, on one of several nodes, and answers them there; else none. */
export async function journalNarrowedWildcards(ports: UpgradingPorts): Promise<readonly NarrowedHolder[]> {
  const { store, clock } = ports;
  if (!(await store.upgradeSteps.isPending(step))) return [];
  const narrowed = [...(await narrowedRoles(store.holders)), ...(await narrowedTokens(store))];
  return store.write(async (changes) => {
    if (!(await changes.upgradeSteps.finish(step))) return [];
    for (const { type, id, organizationId, permissions, lost } of narrowed) {
      const system = systemIn({ id: organizationId, name: '' });
      const detail = { lost, permissions };
      changes.journal(entryOf(system, clock(), `${type}.wildcards_narrowed`, { type, id }, detail));
    }
    return narrowed;
  });
}

async function narrowedRoles(holders: PermissionHolderReads): Promise<NarrowedHolder[]> {
  const roles = await holders.roles('patterns');
  return roles.map((role) => ({ ...role, lost: lostBy([role.permissions]) })).filter(({ lost }) => lost.length > 0);
}

const batch = 500;

async function narrowedTokens(store: UpgradingPorts['store']): Promise<NarrowedHolder[]> {
  const narrowed: NarrowedHolder[] = [];
  for (let after = ''; ; ) {
    const tokens = await store.holders.apiTokens('patterns', { after, limit: batch });
    for (const token of tokens) {
      const record = await store.credentials.bySource({ type: 'api_token', id: token.id });
      if (record === null) continue;
      const lost = lostBy([token.permissions, rolePermissions(record.owner.role, record.rolePermissions)]);
      if (lost.length > 0) narrowed.push({ ...token, lost });
    }
    const last = tokens.at(-1);
    if (last === undefined || tokens.length < batch) return narrowed;
    after = last.id;
  }
}

/** What was never reached, as it was not there yet. */
const newer: ReadonlySet<OwnPermission> = new Set(['act:organization']);

/** Of these lists all must allow it: a token's own and its owner's role's. */
function lostBy(lists: readonly (readonly string[])[]): OwnPermission[] {
  const isHeld = (one: string) => lists.every((list) => covers(list, one));
  const wasHeld = (one: string) => lists.every((list) => covers(list, one) || list.some((held) => reached(held, one)));
  return ownPermissions.filter((one) => !newer.has(one) && wasHeld(one) && !isHeld(one));
}

function reached(pattern: string, own: string): boolean {
  if (!isHalfOpen(pattern)) return false;
  return pattern.startsWith('*:') ? own.endsWith(pattern.slice(1)) : own.startsWith(pattern.slice(0, -1));
}
