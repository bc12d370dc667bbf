// Finding what somebody names: by its id, or by a name that is its alone. Where there is no such thing, it says what is nearly
// called so.

import { idOf } from '../../core/secret.ts';
import { ask, type Client, items, type Query } from '../client/client.ts';
import { CommandError } from '../terminal/command-error.ts';
import { plain } from '../terminal/terminal.ts';

export interface Thing {
  id: string;
  externalId?: string | null;
  [member: string]: unknown;
}

/** A kind of thing that has ids of its own. */
export interface Kind {
  /** `API token`, as in sentences. */
  word: string;
  /** `/v1/tokens` */
  path: string;
  /** What it is called, the first as it is shown. */
  names: (thing: Thing) => readonly unknown[];
  /** What the list is asked with, so that all of them are in it. */
  query?: Query;
  hasExternalId?: true;
  /** Its list comes whole: it can be neither searched nor paged. */
  isWhole?: true;
  /** What it is named by stands in its path: nothing need be looked up. */
  isKeyed?: true;
  /** What the description of the API calls that place in the path; `id` unless said otherwise. */
  parameter?: string;
}

const idForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The thing that is meant. Throws CommandError where there is none, or more than one. */
export async function find(client: Client, kind: Kind, handle: string, query: Query = {}): Promise<Thing> {
  if (kind.isKeyed) return { id: handle };
  const id = idForm.test(handle) ? handle : (publicId(handle) ?? undefined);
  // Of what was deleted the list knows.
  if (id !== undefined && query.deleted === undefined) return ask(client, 'GET', `${kind.path}/${id}`);
  const found = await findAll(client, kind, handle, id, { ...kind.query, ...query });
  const [one, ...more] = found;
  if (one === undefined) throw await nothingSo(client, kind, handle, { ...kind.query, ...query });
  if (more.length === 0) return one;
  const list = found.map((each) => `  ${each.id}  ${nameOf(kind, each)}`).join('\n');
  throw new CommandError(
    `${found.length} are called ${JSON.stringify(plain(handle))}.`,
    `Name one by its id:\n${list}`,
    2,
  );
}

/** What it is called in sentences: its word and its name. */
export function called(kind: Kind, thing: Thing): string {
  return `${kind.word} ${nameOf(kind, thing)}`;
}

export function nameOf(kind: Kind, thing: Thing): string {
  return plain(String(kind.names(thing)[0] ?? thing.id));
}

async function findAll(client: Client, kind: Kind, handle: string, id: string | undefined, query: Query) {
  const found = new Map<string, Thing>();
  const searches: Query[] = kind.isWhole
    ? [whole]
    : [
        ...(kind.hasExternalId ? [{ externalId: handle }] : []),
        // What a list shows of a token's beginning is in no name.
        ...(id === undefined && !isStart(handle) ? [{ search: handle.slice(0, 200) }] : [{}]),
      ];
  for (const search of searches) {
    for await (const thing of items<Thing>(client, kind.path, { ...query, ...search })) {
      const isMeant = thing.id === id || thing.externalId === handle || kind.names(thing).includes(handle);
      if (isMeant) found.set(thing.id, thing);
    }
  }
  return [...found.values()];
}

const isStart = (handle: string) => /^[a-z][a-z0-9]{1,9}_[0-9A-Za-z]{8}$/.test(handle);

/** Asks with nothing. */
const whole: Query = { limit: undefined };

async function nothingSo(client: Client, kind: Kind, handle: string, query: Query): Promise<CommandError> {
  const names: string[] = [];
  for await (const thing of items<Thing>(client, kind.path, kind.isWhole ? whole : query)) {
    names.push(nameOf(kind, thing));
    if (names.length >= 1000) break;
  }
  const near = nearest(handle, names);
  const message = `There is no ${kind.word} ${JSON.stringify(plain(handle))}.`;
  return new CommandError(message, near === null ? null : `Did you mean ${near}?`);
}

/** The name that takes the fewest changes to come to; null where none is like it. */
export function nearest(handle: string, names: readonly string[]): string | null {
  const most = Math.max(1, Math.floor(handle.length / 3));
  const scored = names.map((name) => ({ name, at: distance(handle.toLowerCase(), name.toLowerCase(), most) }));
  const best = scored.filter(({ at }) => at <= most).sort((one, other) => one.at - other.at)[0];
  return best?.name ?? null;
}

/** Levenshtein's, as far as it matters: more than `most` is all the same. */
function distance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= other.length; to += 1) {
      const isSame = one[at - 1] === other[to - 1];
      next.push(Math.min((row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1, (row[to - 1] ?? 0) + (isSame ? 0 : 1)));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

/** The id within the beginning of an API token, which is not secret: `kw_<public id>`; null for anything else. */
export function publicId(text: string): string | null {
  const [, digits] = /^[a-z][a-z0-9]{1,9}_([0-9A-Za-z]{22})$/.exec(text) ?? [];
  return digits === undefined ? null : idOf(digits);
}
