// Which object of the server one in the files is: the one of the same external id, else the one of the same name.

import type { Wanted } from '../model/manifest.ts';
import { type Kind, scopeOf, titles } from '../model/thing.ts';
import type { Problem } from '../reading/problem.ts';
import type { Found } from '../state/found.ts';

export interface Matches {
  of(wanted: Wanted): Found | null;
  /** Those that nothing in the files is. */
  rest: Found[];
}

/** Where one could be several, that goes to `problems`. `found` are of the same organizations, by what the files call them. */
export function match(wanted: readonly Wanted[], found: readonly Found[], problems: Problem[]): Matches {
  const scopes = new Map<string, Named>();
  for (const one of found) {
    const scope = scopeFor(scopes, scopeWithin(one));
    if (one.externalId !== null) scope.byExternalId.set(one.externalId, one);
    const namesakes = scope.byName.get(one.name);
    if (namesakes === undefined) scope.byName.set(one.name, [one]);
    else namesakes.push(one);
  }
  const pairs = new Map<Wanted, Found>();
  const taken = new Map<Found, Wanted>();
  for (const one of wanted) {
    const scope = scopes.get(scopeWithin(one));
    const other = scope === undefined ? null : find(scope, one, problems);
    if (other === null) continue;
    const first = taken.get(other);
    if (first === undefined) {
      pairs.set(one, other);
      taken.set(other, one);
    } else {
      const text = `The ${titles[one.kind]} ${one.key} is the same one on the server as ${first.key} in line ${first.at.line} of ${first.at.file}. Keep one of them.`;
      problems.push({ at: one.at, text });
    }
  }
  return { of: (one) => pairs.get(one) ?? null, rest: found.filter((one) => !taken.has(one)) };
}

interface Named {
  byExternalId: Map<string, Found>;
  byName: Map<string, Found[]>;
}

function find({ byExternalId, byName }: Named, wanted: Wanted, problems: Problem[]): Found | null {
  const { externalId, name } = wanted.fields;
  const known = typeof externalId === 'string' ? byExternalId.get(externalId) : undefined;
  if (known !== undefined) return known;
  const all = byName.get(typeof name === 'string' && hasName(wanted.kind) ? name : wanted.key) ?? [];
  // One with an external id of its own is another one of the same name.
  const namesakes = typeof externalId === 'string' ? all.filter((one) => one.externalId === null) : all;
  if (namesakes.length > 1) {
    const mend = mends[wanted.kind] ?? 'Rename one of them.';
    const text = `There are ${namesakes.length} objects of this kind called ${wanted.key} on the server. ${mend}`;
    problems.push({ at: wanted.placeOf(['name']), text });
    return null;
  }
  return namesakes[0] ?? null;
}

/** Plans and APIs are named by what stays; what they are called beside it names nothing. */
function hasName(kind: Kind): boolean {
  return kind !== 'plan' && kind !== 'api' && kind !== 'user' && kind !== 'permission';
}

const withExternalIds = 'Give them external ids, and say which is meant.';
const mends: Partial<Record<Kind, string>> = {
  apiUser: withExternalIds,
  token: withExternalIds,
  organization: withExternalIds,
  webhook: 'Delete one of them.',
};

/** A permission is unique on the server, whichever API it is of. */
function scopeWithin(thing: Wanted | Found): string {
  if (thing.kind === 'organization') return scopeOf({ kind: 'organization', organization: null, parent: null });
  return scopeOf(thing.kind === 'permission' ? { ...thing, parent: null } : thing);
}

function scopeFor(scopes: Map<string, Named>, key: string): Named {
  const known = scopes.get(key);
  if (known !== undefined) return known;
  const made: Named = { byExternalId: new Map(), byName: new Map() };
  scopes.set(key, made);
  return made;
}
