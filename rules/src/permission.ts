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
  const others = held.filter(isPermissionPattern).map(sidesOf);
  for (const one of granted.filter(isPermissionPattern).map(sidesOf)) {
    for (const other of others) {
      const verb = narrower(one.verb, other.verb);
      const resource = verb === undefined ? undefined : narrower(one.resource, other.resource);
      if (resource === undefined) continue;
      const shared = `${verb}:${resource}`;
      const isReached = !isOwnPermission(shared) || !(one.isHalfOpen || other.isHalfOpen);
      if (isReached) both.add(shared);
    }
  }
  return [...both];
}

/** The same in as few patterns, each once and in their order: without those that another one covers. In linear time. */
export function simplify(patterns: readonly string[]): string[] {
  const all = new Set(patterns.filter(isPermissionPattern));
  return [...all].filter((one) => !isWithinWider(all, one));
}

/** As `covers` for much that is asked of the same patterns: each answer takes the same time, however many they are. */
export function covering(held: readonly string[]): (wanted: string) => boolean {
  const all = new Set(held.filter(isPermissionPattern));
  return (wanted) => all.has(wanted) || (isPermissionPattern(wanted) && isWithinWider(all, wanted));
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

interface Sides {
  verb: string;
  resource: string;
  isHalfOpen: boolean;
}

function sidesOf(pattern: string): Sides {
  const colon = pattern.indexOf(':');
  return { verb: pattern.slice(0, colon), resource: pattern.slice(colon + 1), isHalfOpen: isHalfOpen(pattern) };
}

function narrower(a: string, b: string): string | undefined {
  if (a === b || b === '*') return a;
  return a === '*' ? b : undefined;
}

/** `one` is a permission or a pattern, and so are all. */
function isWithinWider(all: ReadonlySet<string>, one: string): boolean {
  if (one === '*:*') return false;
  if (all.has('*:*')) return true;
  if (!isPermission(one) || isOwnPermission(one)) return false;
  const { verb, resource } = sidesOf(one);
  return all.has(`${verb}:*`) || all.has(`*:${resource}`);
}
