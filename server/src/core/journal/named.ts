// Entries with what they speak of as it is called now. What belongs to another organization than the reader's has a name
// for those alone who may see that; organizations themselves are named to everyone who has an entry of theirs.

import { type Caller, isOperating } from '../caller/caller.ts';
import type { JournalEntry } from './entry.ts';
import type { Reading } from './ports.ts';

/** An entry with what its people and things are called now, as far as that is known. */
export interface NamedEntry extends JournalEntry {
  actorName: string | null;
  subjectName: string | null;
  /** Of which organization the actor is, where that is another than the entry's. */
  actorOrganization: NamedOrganization | null;
  /** Whose the entry is, where that is another than the reader's. */
  organization: NamedOrganization | null;
}

export interface NamedOrganization {
  id: string;
  name: string | null;
}

interface Thing {
  type: string;
  id: string;
}

/** Looks up the names of all that the entries speak of, organization by organization. */
export async function named(
  ports: Reading<'names'>,
  caller: Caller,
  entries: readonly JournalEntry[],
): Promise<NamedEntry[]> {
  const home = caller.organization.id;
  const isVisible = (id: string) => id === home || id === caller.actingFrom?.id || isOperating(caller);
  const things = new Map<string, Thing[]>();
  for (const entry of entries) {
    const { place, from } = placesOf(entry, home);
    if (isVisible(place)) addTo(things, place, entry.subject);
    if (isVisible(from)) addTo(things, from, entry.actor);
  }
  const names = new Map<string, string>();
  for (const [organizationId, some] of things) {
    for (const [key, name] of await ports.store.names.of(organizationId, some)) names.set(key, name);
  }
  const others = entries.flatMap((entry) => Object.values(placesOf(entry, home))).filter((id) => id !== home);
  const organizations = await ports.store.names.ofOrganizations([...new Set(others), home]);
  const nameOf = ({ type, id }: Thing) => names.get(`${type}:${id}`) ?? null;
  const organizationOf = (id: string) => ({ id, name: organizations.get(id) ?? null });
  return entries.map((entry) => {
    const { place, from } = placesOf(entry, home);
    return {
      ...entry,
      actorName: nameOf(entry.actor),
      subjectName: nameOf(entry.subject),
      actorOrganization: from === place ? null : organizationOf(from),
      organization: place === home ? null : organizationOf(place),
    };
  });
}

/** Whose an entry is, and of which organization its actor; those of the whole server are nobody's, and not read here. */
function placesOf({ organizationId, actor }: JournalEntry, home: string): { place: string; from: string } {
  const place = organizationId ?? home;
  return { place, from: actor.organizationId ?? place };
}

function addTo(things: Map<string, Thing[]>, organizationId: string, thing: Thing): void {
  const some = things.get(organizationId);
  if (some === undefined) things.set(organizationId, [thing]);
  else some.push(thing);
}
