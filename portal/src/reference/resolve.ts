// What the description refers to, put in its place where an operation is opened. Swagger UI's own way reads the whole
// description anew for every part that it shows, which takes seconds. It knows references within the document alone:
// Keyward's own has no others.

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const beginning = '#/';
/** What is referred to there has a name, which Swagger UI shows. */
const named = '#/components/schemas/';

/** The part at `path` of `document`. A reference that leads back into itself, or nowhere, stays as it is. */
export function resolvedPart(document: Json, path: readonly string[]): Json | undefined {
  const done = new Map<string, Json>();
  const open = new Set<string>();
  const referred = (reference: string): Json | undefined => {
    const known = done.get(reference);
    if (known !== undefined || open.has(reference) || !reference.startsWith(beginning)) return known;
    const target = at(document, reference.slice(beginning.length).split('/').map(unescaped));
    if (target === undefined) return undefined;
    open.add(reference);
    const value = resolved(target);
    open.delete(reference);
    done.set(reference, value);
    return value;
  };
  const resolved = (value: Json): Json => {
    if (value === null || typeof value !== 'object') return value;
    if (isList(value)) return value.map(resolved);
    const { $ref: reference, ...others } = value;
    const target = typeof reference === 'string' ? referred(reference) : undefined;
    const own = target === undefined ? value : others;
    const changed = Object.fromEntries(Object.entries(own).map(([key, one]) => [key, resolved(one)]));
    const isObject = target !== undefined && target !== null && typeof target === 'object' && !isList(target);
    if (!isObject) return changed;
    // By the word that Swagger UI's own resolver has for it.
    return { ...target, ...changed, ...(isName(reference) && { $$ref: reference }) };
  };
  const found = at(document, path);
  return found === undefined ? undefined : resolved(found);
}

function at(document: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = document;
  for (const key of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, Json>>)[key];
  }
  return value;
}

function unescaped(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isName(reference: Json | undefined): reference is string {
  return typeof reference === 'string' && reference.startsWith(named);
}

/** For Swagger UI, in the place of its own. */
export const resolving = {
  fn: {
    resolveSubtree: async (document: object, path: readonly string[]) => ({
      spec: resolvedPart(document as Json, path),
      errors: [],
    }),
  },
};
