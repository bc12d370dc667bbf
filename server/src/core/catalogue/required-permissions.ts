// What the routes of the configuration require is registered in their APIs, so that it can be granted. What another API
// has registered already stays there, and an API that does not exist gets nothing: its routes answer 503.

import { isOwnPermission } from '@keyward/rules/own-permissions';
import type { Caller } from '../caller/caller.ts';
import { entryOf } from '../journal/entry.ts';
import type { GuardedPath } from '../settings.ts';
import type { Changes } from './ports.ts';

/** Registers what is lacking; journalled with the route. Repeating it changes nothing. */
export async function registerRequired(
  changes: Changes<'apis' | 'permissions'>,
  caller: Caller,
  at: number,
  guarded: readonly GuardedPath[],
): Promise<void> {
  const apis = new Set((await changes.apis.list()).map(({ handle }) => handle));
  const known = new Set((await changes.permissions.list()).map(({ name }) => name));
  for (const { path, api, permissions } of guarded) {
    for (const name of permissions) {
      if (known.has(name) || isOwnPermission(name) || !apis.has(api)) continue;
      known.add(name);
      if (!(await changes.permissions.insert({ name, api, description: '', group: '', createdAt: at }))) continue;
      const subject = { type: 'permission', id: name };
      changes.journal(entryOf(caller, at, 'permission.registered', subject, { api, requiredBy: path }));
    }
  }
}
