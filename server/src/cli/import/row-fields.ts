// What a row of a file says, in the words of the API: lists with commas, times, numbers. A raw secret becomes its digest here, so
// that none leaves this machine.

import { createHash } from 'node:crypto';
import { isAscii } from '@keyward/rules/ascii';
import { hasShape } from '@keyward/rules/secret-shape';
import { asEnd, asLimits, orNone } from '../grammar/readings.ts';
import { CommandError } from '../terminal/command-error.ts';
import type { Row } from './read-rows.ts';
import type { UsedRecipe } from './used-recipe.ts';

/** Finds who is to own what is imported, by how it is written in a file. */
export type FindOwner = (written: string) => Promise<{ type: 'user' | 'api_user'; id: string }>;

type Reading = (value: unknown) => unknown;

const text: Reading = (value) => {
  if (typeof value === 'object') throw new Error('This is no text.');
  return String(value);
};
const list: Reading = (value) =>
  Array.isArray(value)
    ? value
    : String(value)
        .split(/[,;\s]+/)
        .filter(Boolean);
const orNull =
  (reading: Reading): Reading =>
  (value) =>
    value === null || value === 'none' ? null : reading(value);
const flag =
  (read: (given: string, name: string, terminal: never) => unknown, name: string): Reading =>
  (value) =>
    typeof value === 'string' ? read(value, name, undefined as never) : value;
const json: Reading = (value) => (typeof value === 'string' ? JSON.parse(value) : value);
const metadataOf = flag(
  orNone((given) => json(given)),
  'metadata',
);

/** By the names of the API. */
export const tokenFields: Readonly<Record<string, Reading>> = {
  name: text,
  secret: text,
  hash: text,
  salt: text,
  locator: text,
  description: text,
  permissions: list,
  addresses: list,
  apis: orNull(list),
  use: text,
  expiresAt: flag(asEnd, 'expiresAt'),
  limits: flag(asLimits, 'limits'),
  owner: (value) => value,
  externalId: orNull(text),
  metadata: metadataOf,
};

export const personFields: Readonly<Record<string, Reading>> = {
  username: text,
  name: text,
  role: text,
  passwordHash: text,
};

export const apiUserFields: Readonly<Record<string, Reading>> = {
  ...personFields,
  externalId: orNull(text),
  metadata: metadataOf,
};

/** The members of a row; a cell that is empty says nothing. Throws CommandError for what cannot be read. */
export function membersOf(
  fields: Readonly<Record<string, Reading>>,
  columns: Readonly<Record<string, string>>,
  row: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(fields)) {
    const column = columns[name] ?? name;
    const value = Object.hasOwn(row, column) ? row[column] : undefined;
    if (value === undefined || value === '' || value === null) continue;
    try {
      members[name] = read(value);
    } catch (error) {
      // What stands there may be a secret, in a file whose columns are not what they are said to be.
      const hint = error instanceof CommandError && error.hint !== null ? ` ${error.hint}` : '';
      throw new CommandError(`${name} cannot be read.${hint}`);
    }
  }
  return members;
}

/** A row of tokens as it is sent. */
export async function tokenRow(
  recipe: UsedRecipe,
  columns: Readonly<Record<string, string>>,
  findOwner: FindOwner,
  { line, fields }: Row,
): Promise<Record<string, unknown>> {
  const { secret, owner, ...members } = membersOf(tokenFields, columns, fields);
  const row: Record<string, unknown> = { line, ...members };
  if (typeof owner === 'string') row.owner = await findOwner(owner);
  else if (owner !== undefined) row.owner = owner;
  if (typeof secret !== 'string') return row;
  if (recipe.algorithm !== 'raw') throw new CommandError('The recipe is of hashes, and the row has a secret.');
  if (!isAscii(secret)) throw new CommandError('The secret has characters outside of ASCII, which no header carries.');
  if (!hasShape(recipe.shape, secret)) throw new CommandError('The secret is not of the shape that the recipe says.');
  row.hash = createHash('sha256').update(secret, 'latin1').digest('hex');
  return row;
}
