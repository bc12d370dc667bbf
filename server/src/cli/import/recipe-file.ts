// A recipe as a YAML file: how the old system made its secrets, which column of the file is which, and what all rows have in
// common. A pepper stands in a file of its own, so that the recipe can be kept with other files.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { NewImportRecipe } from '@keyward/sdk/wire';
import { parse } from 'yaml';
import { misuse } from '../terminal/command-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { tokenFields } from './row-fields.ts';

export interface RecipeFile {
  recipe: NewImportRecipe;
  /** By what Keyward calls it, the name of the column that has it. */
  columns: Readonly<Record<string, string>>;
  /** What all rows have in common. */
  defaults: Readonly<Record<string, unknown>>;
}

const known = ['name', 'algorithm', 'encoding', 'shape', 'hashed', 'before', 'after', 'salt', 'locator'] as const;
const own = ['columns', 'defaults', 'pepper'];

/** Throws CommandError for what is no recipe; what its members may be is the server's to say. */
export function readRecipeFile({ folder }: Terminal, name: string): RecipeFile {
  const path = resolve(folder, name);
  const content = mapping(parsed(path), path);
  const strange = Object.keys(content).find((one) => ![...known, ...own].includes(one as never));
  if (strange !== undefined) {
    throw misuse(`${path} says ${strange}, which no recipe has.`, `A recipe has ${[...known, ...own].join(', ')}.`);
  }
  const { columns = {}, defaults = {}, pepper = null, ...rules } = content;
  return {
    recipe: { ...(rules as unknown as NewImportRecipe), ...(pepper !== null && { pepper: pepperIn(path, pepper) }) },
    columns: columnsIn(path, columns),
    defaults: mapping(defaults, `defaults in ${path}`),
  };
}

function columnsIn(path: string, given: unknown): Record<string, string> {
  const columns = mapping(given, `columns in ${path}`);
  for (const [name, column] of Object.entries(columns)) {
    if (!Object.hasOwn(tokenFields, name)) {
      throw misuse(
        `columns in ${path} say ${JSON.stringify(name)}, which no row has.`,
        `A row has ${Object.keys(tokenFields).join(', ')}.`,
      );
    }
    if (typeof column !== 'string') {
      throw misuse(`columns in ${path} name no column for ${name}.`, 'Write them like columns: { name: customer }');
    }
  }
  return columns as Record<string, string>;
}

function pepperIn(path: string, pepper: unknown): NonNullable<NewImportRecipe['pepper']> {
  const { as, file, ...others } = mapping(pepper, `pepper in ${path}`);
  if (typeof file !== 'string' || Object.keys(others).length > 0) {
    throw misuse(`The pepper in ${path} names no file.`, 'Write it like pepper: { as: key, file: pepper.txt }');
  }
  const secret = readFileSync(resolve(dirname(path), file), 'utf8').replace(/\r?\n$/, '');
  return { secret, as: as as 'key' };
}

function parsed(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  try {
    // What YAML can say beyond JSON, as of a thing that is a part of itself, cannot be sent.
    return JSON.parse(JSON.stringify(parse(text, { logLevel: 'error' })) ?? 'null');
  } catch (error) {
    throw misuse(`${path} is no YAML: ${error instanceof Error ? error.message.split('\n')[0] : 'it cannot be read'}`);
  }
}

function mapping(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw misuse(`${what} has no members.`, 'Write them like name: old-portal');
}
