// The recipe that an import goes by: as the server has it, made there when it is new, and refused where the two differ.

import type { ImportRecipe, NewImportRecipe, SecretShape } from '@keyward/sdk/wire';
import { ask, type Client, type Page } from '../client/client.ts';
import { CommandError } from '../terminal/command-error.ts';

/** A recipe that is at the server, or of a dry run one that need not be. */
export type UsedRecipe = Pick<ImportRecipe, 'name' | 'algorithm'> & { shape: SecretShape };

/** Makes the recipe at the server, unless it is there already, as it is here; not of a dry run. */
export async function recipeAt(client: Client, recipe: NewImportRecipe, dryRun: boolean): Promise<UsedRecipe> {
  const { items } = await ask<Page<ImportRecipe>>(client, 'GET', '/v1/import-recipes');
  const there = items.find(({ name }) => name === recipe.name);
  if (there === undefined && dryRun) return { ...recipe, shape: { ...anyShape, ...recipe.shape } };
  if (there === undefined) return ask<ImportRecipe>(client, 'POST', '/v1/import-recipes', { body: recipe });
  const other = differing(there, recipe);
  if (other === null) return there;
  throw new CommandError(
    `There is a recipe ${recipe.name} already, which says another ${other}.`,
    'Give this one another name, or make them the same.',
  );
}

const anyShape: SecretShape = { prefix: '', suffix: '', alphabet: 'printable', minLength: 16, maxLength: 512 };

/** The first member that differs. A pepper cannot be compared, as nobody is shown one. */
function differing(there: ImportRecipe, { pepper, shape = {}, ...wanted }: NewImportRecipe): string | null {
  for (const [name, value] of Object.entries(wanted)) {
    if (JSON.stringify(there[name as keyof ImportRecipe]) !== JSON.stringify(value)) return name;
  }
  for (const [name, value] of Object.entries(shape)) {
    if (there.shape[name as keyof typeof there.shape] !== value) return `shape.${name}`;
  }
  return there.pepper === (pepper?.as ?? 'none') ? null : 'pepper';
}
