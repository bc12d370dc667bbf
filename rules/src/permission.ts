// Permissions: their grammar, and whether what is held covers what is asked.
// It knows no organization and no credential; the server and every verifier decide through these same lines.

import { isOwnPermission } from './own-permissions.ts';

/** `verb:resource`, each side 1 to 64 of `A-Z a-z 0-9 _ . -`. In a pattern a whole side may be `*`. Case counts. */
const side = '[A-Za-z0-9_.\\-]{1,64}';
const exact = new RegExp(`^${side}:${side}$`);
const pattern = new RegExp(`^(?:\\*|${side}):(?:\\*|${side})$`);

/** True for a permission that names one verb and one resource, such as `read:funds`. */
export function isPermission(text: string): boolean {
  return exact.test(text);
}

/** True for a permission or a pattern such as `read:*`, `*:funds` or `*:*`. `*` alone is neither. */
export function isPermissionPattern(text: string): boolean {
  return pattern.test(text);
}

/**
 * True if some one of `held` covers `wanted` entirely. `wanted` may itself be a pattern: `read:*` covers `read:funds`
 * and `read:*`, and is not covered by any number of exact permissions, since resources have no end. Patterns mean
 * permissions of the guarded APIs: one of Keyward's own is covered by its name and by `*:*` alone. Text outside the grammar
 * grants nothing and is covered by nothing, not even by `*:*` or by itself.
 */
export function covers(held: readonly string[], wanted: string): boolean {
  if (!isPermissionPattern(wanted)) return false;
  const colon = wanted.indexOf(':');
  const verb = wanted.slice(0, colon);
  const resource = wanted.slice(colon + 1);
  for (const one of held) if (one === wanted || meets(one, verb, resource, wanted)) return true;
  return false;
}

/** True if `held` covers all (or, with `any`, at least one) of `required`. An empty requirement is met by anyone. */
export function allows(held: readonly string[], required: readonly string[], match: 'all' | 'any' = 'all'): boolean {
  if (required.length === 0) return true;
  return match === 'all' ? required.every((one) => covers(held, one)) : required.some((one) => covers(held, one));
}

/** The patterns that both sides cover: what is left of `granted` when its owner holds only `held`. */
export function intersect(granted: readonly string[], held: readonly string[]): string[] {
  const both = new Set<string>();
  const others = held.filter(isPermissionPattern);
  for (const one of granted.filter(isPermissionPattern)) {
    for (const other of others) {
      const [verb, resource] = [narrower(one, other, 0), narrower(one, other, 1)];
      if (verb === undefined || resource === undefined) continue;
      const shared = `${verb}:${resource}`;
      const isReached = !isOwnPermission(shared) || !(isHalfOpen(one) || isHalfOpen(other));
      if (isReached) both.add(shared);
    }
  }
  return [...both];
}

/** True for `verb:*` and `*:resource`, which reach permissions of the guarded APIs only. */
export function isHalfOpen(pattern: string): boolean {
  return pattern.startsWith('*:') !== pattern.endsWith(':*');
}

/** `verb` and `resource` are well-formed, so a malformed `held` can equal neither, once it has a colon at all. */
function meets(held: string, verb: string, resource: string, wanted: string): boolean {
  const colon = held.indexOf(':');
  if (colon === -1) return false;
  const heldVerb = held.slice(0, colon);
  const heldResource = held.slice(colon + 1);
  const isAnyVerb = heldVerb === '*';
  const isAnyResource = heldResource === '*';
  if (!((isAnyVerb || heldVerb === verb) && (isAnyResource || heldResource === resource))) return false;
  return isAnyVerb === isAnyResource || !isOwnPermission(wanted);
}

function narrower(one: string, other: string, part: 0 | 1): string | undefined {
  const a = one.split(':')[part];
  const b = other.split(':')[part];
  if (a === b || b === '*') return a;
  return a === '*' ? b : undefined;
}
