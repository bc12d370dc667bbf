// Names in the files that mean another object: whether there is such a one, in the files or on the server, told where the
// name stands. What cannot be known, as the caller may not read it, is left to the server.

import { nearestWord } from '@keyward/rules/nearest-word';
import { isOwnPermission } from '@keyward/rules/own-permissions';
import { isPermission } from '@keyward/rules/permission';
import { builtInRoles } from '../../../core/caller/built-in-roles.ts';
import type { Wanted } from '../model/manifest.ts';
import type { Kind, Thing } from '../model/thing.ts';
import type { Problem } from '../reading/problem.ts';
import type { State } from '../state/read-state.ts';
import { idOf } from './step.ts';

export function checkReferences(wanted: readonly Wanted[], state: State, problems: Problem[]): void {
  const namesOf = namesIn(wanted, state);
  for (const one of wanted) {
    const say = (path: readonly (string | number)[], text: string) => problems.push({ at: one.placeOf(path), text });
    const demand = (kind: Kind, organization: string | null, name: unknown, path: readonly (string | number)[]) => {
      if (typeof name !== 'string') return;
      const known = namesOf(kind, organization);
      if (known === null || known.has(name)) return;
      const meant = nearestWord(name, known);
      const mend = meant === undefined ? 'Describe it in the files, or name another.' : `Did you mean ${meant}?`;
      say(path, `There is no ${nouns[kind] ?? kind} ${name}, neither here nor on the server. ${mend}`);
    };
    const { organization, fields } = one;
    if (one.kind === 'organization') demand('plan', null, fields.plan, ['plan']);
    if (one.kind === 'user' || one.kind === 'apiUser') demand('role', organization, fields.role, ['role']);
    if (one.kind === 'token') {
      const owner = fields.owner as { user?: string; apiUser?: string } | undefined;
      demand('user', organization, owner?.user, ['owner', 'user']);
      demand('apiUser', organization, owner?.apiUser, ['owner', 'apiUser']);
      for (const api of (fields.apis ?? []) as string[]) demand('api', null, api, ['apis']);
    }
    for (const field of ['permissions', 'entitlement']) {
      const held = Array.isArray(fields[field]) ? (fields[field] as string[]) : [];
      for (const name of held.filter((name) => isPermission(name) && !isOwnPermission(name))) {
        demand('permission', null, name, [field]);
      }
    }
  }
}

/** What a wanted token's `owner` is looked up by among the ids: the files' own API user first, by external id or name. */
export function ownerKey({ organization }: Pick<Thing, 'organization'>, owner: unknown): string {
  const { user, apiUser } = owner as { user?: string; apiUser?: string };
  const kind = user === undefined ? 'apiUser' : 'user';
  return idOf({ kind, organization, parent: null, key: user ?? apiUser ?? '' });
}

const nouns: Partial<Record<Kind, string>> = { apiUser: 'API user', api: 'API' };

/** What things of a kind are called in an organization, in the files or on the server; null where that is not known. */
function namesIn(wanted: readonly Wanted[], { found, known }: State) {
  const all = new Map<string, Set<string>>();
  const keyOf = (kind: Kind, organization: string | null) => JSON.stringify([kind, organization]);
  for (const one of [...wanted, ...found]) {
    const key = keyOf(one.kind, one.kind === 'organization' ? null : one.organization);
    const names = all.get(key) ?? new Set<string>();
    all.set(key, names);
    names.add(one.key);
    if (one.kind === 'apiUser') names.add(String(one.fields.name));
  }
  const isShared = (kind: Kind) => kind === 'api' || kind === 'permission' || kind === 'plan';
  return (kind: Kind, organization: string | null): ReadonlySet<string> | null => {
    if (isShared(kind) && !known.has(kind)) return null;
    const names = all.get(keyOf(kind, organization)) ?? new Set<string>();
    return kind === 'role' ? new Set([...names, ...builtInRoles.keys()]) : names;
  };
}
