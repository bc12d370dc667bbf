// What is to be done: one step for each object that is to be made, changed or removed, and what cannot be done, with its reason.

import type { Wanted } from '../model/manifest.ts';
import type { Kind, Thing } from '../model/thing.ts';
import type { Position } from '../reading/problem.ts';
import type { Found } from '../state/found.ts';

export interface FieldChange {
  field: string;
  /** Undefined where there is nothing yet. */
  before: unknown;
  after: unknown;
}

export interface Step {
  op: 'create' | 'change' | 'remove';
  kind: Kind;
  organization: string | null;
  parent: string | null;
  key: string;
  /** What is there; null for what is to be made. */
  found: Found | null;
  /** What the files say; null for what is to be removed. */
  wanted: Wanted | null;
  /** Of a new one what it gets, of a change what changes, of a removal nothing. */
  changes: FieldChange[];
  /** Steps with a lower number come first; those with the same may be under way together. */
  phase: number;
}

/** A difference that stays, and why. */
export interface Remainder {
  thing: Omit<Thing, 'fields'>;
  text: string;
  at: Position | null;
  /** `failure`: somebody has to do it elsewhere; `kept`: it is another than the files say, on purpose; `note`: it is as it should be. */
  sort: 'failure' | 'kept' | 'note';
}

export interface Plan {
  steps: Step[];
  remainders: Remainder[];
  /** What the files call each thing that there is: by `idOf`, its id. */
  ids: Map<string, string>;
}

/** What a thing is looked up by in `ids`. */
export function idOf({ kind, organization, parent, key }: Omit<Thing, 'fields'>): string {
  return JSON.stringify([kind, organization, kind === 'federatedCredential' ? parent : null, key]);
}

/** From now on it is known by its key; an API user with an external id also by its name, unless another one is. */
export function know(ids: Map<string, string>, thing: Thing, id: string): void {
  ids.set(idOf(thing), id);
  const { kind, fields } = thing;
  if (kind !== 'apiUser' || typeof fields.name !== 'string') return;
  const byName = idOf({ ...thing, key: fields.name });
  if (!ids.has(byName)) ids.set(byName, id);
}
