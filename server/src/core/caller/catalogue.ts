// What can be granted at all: the permissions that the APIs have registered, Keyward's own, and patterns that reach some.
// Whether somebody may grant it is the caller's affair (caller.ts); a check asks neither.

import { entitledTo } from '@keyward/rules/entitlement';
import { nearestWord } from '@keyward/rules/nearest-word';
import { isOwnPermission, ownPermissions } from '@keyward/rules/own-permissions';
import { isPermission } from '@keyward/rules/permission';
import { invalid } from '../errors.ts';
import type { Caller } from './caller.ts';
import type { ApiHandles, PermissionReads } from './ports.ts';

/** The API that is there from the start: whoever guards one API need not name it. */
export const defaultApi = 'default';

interface Granting {
  kept?: readonly string[];
  caller?: Pick<Caller, 'held' | 'organization'>;
}

/**
 * Throws `invalid_request` for the first that no API has registered or, of a pattern, that reaches nothing; with what was
 * probably meant. Two are not looked at: what was `kept` so far in these words by what is changed, as it was claimed in the
 * same change; and the patterns that the `caller` holds, which may have come to reach nothing. What the caller holds by name
 * may be about to be removed. Of what the caller's organization is not entitled to nothing is told.
 */
export async function demandRegistered(
  catalogue: PermissionReads,
  field: string,
  patterns: readonly string[],
  { kept = [], caller }: Granting = {},
): Promise<void> {
  const held = caller?.held ?? [];
  const entitlement = caller?.organization.entitlement ?? null;
  for (const [index, one] of patterns.entries()) {
    const isGranted = kept.includes(one) || (!isPermission(one) && held.includes(one));
    if (isGranted || (await isReached(catalogue, one))) continue;
    const shown = namesOf(await catalogue.list()).filter((name) => entitledTo([name], entitlement).length > 0);
    throw invalid(['body', field, index], unknownText(one, shown));
  }
}

/**
 * The same of what an organization may hold at most, which says nothing of Keyward's own permissions: none of these may be
 * among them.
 */
export async function demandEntitlement(
  catalogue: PermissionReads,
  patterns: readonly string[],
  kept: readonly string[] = [],
): Promise<void> {
  const at = patterns.findIndex(isOwnPermission);
  if (at >= 0) {
    const text = `${patterns[at]} is one of Keyward's own permissions, which roles bound and no entitlement does. Name permissions of the APIs.`;
    throw invalid(['body', 'entitlement', at], text);
  }
  await demandRegistered(catalogue, 'entitlement', patterns, { kept });
}

/**
 * Throws `invalid_request` for the first API that does not exist, with what was probably meant. `at`: where they stand;
 * `kept`: as of `demandRegistered`.
 */
export async function demandApis(
  apis: ApiHandles,
  at: readonly string[],
  handles: readonly string[],
  kept: readonly string[] = [],
): Promise<void> {
  for (const [index, one] of handles.entries()) {
    if (kept.includes(one) || (await apis.find(one)) !== null) continue;
    const known = (await apis.list()).map(({ handle }) => handle);
    throw invalid([...at, index], noApiText(one, known));
  }
}

/** `known`: the handles that there are. */
export function noApiText(handle: string, known: Iterable<string>): string {
  const meant = nearestWord(handle, [...known]);
  return `There is no API ${handle}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`;
}

/** True for a pattern that reaches something: a permission that is registered, or Keyward's own. */
export function isReached(catalogue: PermissionReads, pattern: string): Promise<boolean> {
  return reachingIn(catalogue)(pattern);
}

/** The same of one after the other: the whole catalogue is read once at most, and not for permissions. */
export function reachingIn(catalogue: PermissionReads): (pattern: string) => Promise<boolean> {
  let all: Promise<ReadonlySet<string>> | undefined;
  return async (pattern) => {
    if (pattern === '*:*' || isOwnPermission(pattern)) return true;
    if (isPermission(pattern)) return (await catalogue.find(pattern)) !== null;
    all ??= catalogue.list().then((registered) => patternsOver(namesOf(registered)));
    return (await all).has(pattern);
  };
}

function unknownText(wanted: string, registered: readonly string[]): string {
  const isExact = isPermission(wanted);
  const what = isExact ? `No API has the permission ${wanted}.` : `${wanted} reaches no permission of any API.`;
  const own = isExact ? undefined : ownPermissions.find((one) => isUnder(wanted, one));
  if (own !== undefined) return `${what} Keyward's own permissions are granted by their names, such as ${own}.`;
  const known = isExact ? [...registered, ...ownPermissions] : patternsOver(registered);
  const meant = nearestWord(wanted, known);
  return meant === undefined
    ? `${what} Have it registered, or choose from the catalogue.`
    : `${what} Did you mean ${meant}?`;
}

function namesOf(registered: readonly { name: string }[]): string[] {
  return registered.map(({ name }) => name);
}

/** All patterns with one side open that reach one of these. */
function patternsOver(names: readonly string[]): Set<string> {
  return new Set(
    names.flatMap((name) => {
      const [verb, resource] = name.split(':');
      return [`${verb}:*`, `*:${resource}`];
    }),
  );
}

function isUnder(pattern: string, name: string): boolean {
  return pattern.startsWith('*:') ? name.endsWith(pattern.slice(1)) : name.startsWith(pattern.slice(0, -1));
}
