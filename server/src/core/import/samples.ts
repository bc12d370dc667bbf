// Secrets that prove a recipe: whether one has the recipe's shape, and which row of a batch it is of. Nothing is kept of them.

import { hasShape } from '@keyward/rules/secret-shape';
import { digestOf } from '../secret.ts';
import type { Prepared, Sample } from './outcome.ts';
import type { SlowHasher } from './ports.ts';
import { kindOf, locate, type Recogniser } from './recogniser.ts';
import type { ImportRecipe } from './records.ts';

export async function provedSamples(
  { slowHasher }: { slowHasher: SlowHasher },
  recipe: ImportRecipe,
  recogniser: Recogniser | null,
  samples: readonly string[],
  rows: readonly Prepared[],
): Promise<Sample[]> {
  const kind = kindOf(recipe);
  const proved: Sample[] = [];
  for (const text of samples) {
    const find = kind === 'located' ? findLocated : findDigest;
    const row = await find(slowHasher, recipe, recogniser, text, rows);
    proved.push({ hasShape: hasShape(recipe.shape, text), line: row?.line ?? null });
  }
  return proved;
}

async function findDigest(
  _hasher: SlowHasher,
  _recipe: ImportRecipe,
  recogniser: Recogniser | null,
  text: string,
  rows: readonly Prepared[],
): Promise<Prepared | undefined> {
  const key = recogniser === null ? digestOf(text) : recogniser.keyOf(text, 0);
  return rows.find(({ secret }) => secret.keyOf(0) === key);
}

async function findLocated(
  hasher: SlowHasher,
  recipe: ImportRecipe,
  recogniser: Recogniser | null,
  text: string,
  rows: readonly Prepared[],
): Promise<Prepared | undefined> {
  const located = locate(recipe.locator, text);
  if (located === null || recogniser === null) return undefined;
  const alike = rows.filter(({ secret }) => secret.located === located).slice(0, mostTried);
  for (const row of alike) {
    const { hash, salt } = row.secret;
    if (hash === null) continue;
    const input = recogniser.inputOf(text, '');
    const is = recogniser.isSlow
      ? input !== null && (await hasher.verify(hash, input))
      : recogniser.proves({ hash, salt }, text);
    if (is) return row;
  }
  return undefined;
}

/** As many as are alike. */
const mostTried = 4;
