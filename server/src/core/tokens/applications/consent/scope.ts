// How much an application is given of what it asks for: as far as it may ask, as far as somebody may do that themselves, and no
// more than they were shown. Whether they allow it is not decided here.

import { isOwnPermission } from '@keyward/rules/own-permissions';
import { covering, intersect, isPermission, simplify } from '@keyward/rules/permission';
import type { Caller } from '../../../caller/caller.ts';
import { defaultApi, reachingIn } from '../../../caller/catalogue.ts';
import type { PermissionReads } from '../../../caller/ports.ts';
import { invalid, type KeywardError } from '../../../errors.ts';
import { longestScope } from '../../scope.ts';
import type { KnownApplication } from '../ports.ts';
import type { Asked } from '../request.ts';

/** What an application may ask for and somebody may do are compared line by line: beyond this it is not asked. */
const mostCompared = 1000;

/**
 * What it would be given of what is there, and no more than was `shown`. Where it names nothing, only what belongs to the API.
 * Throws where nobody could look through it.
 */
export async function scopeFor(
  permissions: PermissionReads,
  caller: Caller,
  { application }: KnownApplication,
  { scope, api }: Asked,
  shown?: readonly string[],
): Promise<readonly string[]> {
  const asked = scope ?? (await ofApi(permissions, application.permissions, api));
  const askable = simplify(intersect(asked, application.permissions));
  if (askable.length > mostCompared) throw askedTooMuch();
  // Nobody reads a list of what another line of it says already.
  const may = simplify(intersect(askable, caller.permissions));
  if (may.join(' ').length > longestScope) throw askedTooMuch();
  const isReached = reachingIn(permissions);
  const given: string[] = [];
  // Whoever removes one of them meanwhile waits for who is given it, and finds them.
  for (const one of shown === undefined ? may : common(may, shown)) if (await isReached(one)) given.push(one);
  return given;
}

/** The most that there is: it is asked each time, and confirmed. */
export function isEverything(scope: readonly string[]): boolean {
  return scope.includes('*:*');
}

async function ofApi(
  permissions: PermissionReads,
  patterns: readonly string[],
  api: string,
): Promise<readonly string[]> {
  const apis = new Map((await permissions.list()).map((one) => [one.name, one.api]));
  return patterns.filter(
    (one) => !isPermission(one) || (apis.get(one) ?? (isOwnPermission(one) ? defaultApi : '')) === api,
  );
}

function askedTooMuch(): KeywardError {
  return invalid('request', 'This application asks for more than one token can carry. It has to ask for less at once.');
}

/** What both say, without what each says only half of: it is allowed less, and asked again. */
function common(given: readonly string[], shown: readonly string[]): readonly string[] {
  return simplify([...given.filter(covering(shown)), ...shown.filter(covering(given))]);
}
