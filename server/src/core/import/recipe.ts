// Recipes: how secrets of another system are recognised and checked. An organization's own; verifiers are told their shapes. What
// is imported by one is import-tokens.ts's affair.

import { longestSecret, type SecretShape, secretAlphabets, shortestSecret } from '@keyward/rules/secret-shape';
import { type Caller, demand } from '../caller/caller.ts';
import type { Acting } from '../caller/ports.ts';
import { writeAs } from '../caller/write-as.ts';
import { invalid, KeywardError, notFound, taken } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import { checkedHandle } from '../name.ts';
import type { Sealer } from '../sealer.ts';
import { newId } from '../secret.ts';
import { isSlow } from './foreign-hash.ts';
import type { ImportedSecrets } from './imported-secrets.ts';
import type { Changes, ImportReads } from './ports.ts';
import { kindOf } from './recogniser.ts';
import type { ImportRecipe, Locator, RecipeRules } from './records.ts';

export interface NewRecipe extends Partial<Omit<RecipeRules, 'shape' | 'pepper'>> {
  name: string;
  algorithm: RecipeRules['algorithm'];
  shape?: Partial<SecretShape>;
  /** The key of an HMAC, or a text that stands before or after what is hashed. */
  pepper?: { secret: string; as: 'key' | 'before' | 'after' } | null;
}

type Changing = Acting<Changes<'recipes'>>;
type Reading = { store: Pick<ImportReads, 'recipes'> };

const mostOfOne = 16;
/** Of the whole server: each is a digest for every unknown secret of its shape. */
const mostWays = 64;

/** Needs `create:organization_api_key`. `conflict` if the name is taken or there are too many. */
export async function createImportRecipe(
  ports: Changing & { sealer: Pick<Sealer, 'seal'>; imported: Pick<ImportedSecrets, 'ways'> },
  caller: Caller,
  wanted: NewRecipe,
): Promise<ImportRecipe> {
  demand(caller, 'create:organization_api_key');
  const at = ports.clock();
  const id = newId();
  const rules = checkedRules(wanted);
  const recipe: ImportRecipe = {
    ...rules,
    id,
    organizationId: caller.organization.id,
    name: checkedHandle('name', wanted.name),
    sealedPepper: wanted.pepper == null ? null : ports.sealer.seal('import-pepper', wanted.pepper.secret, id),
    createdAt: at,
    createdBy: caller.id,
  };
  if (kindOf(rules) !== 'native' && ports.imported.ways >= mostWays) {
    const text = `This server knows ${mostWays} ways of recognising imported secrets, which is as many as it takes. Delete recipes first.`;
    throw new KeywardError('conflict', text);
  }
  return writeAs(ports, caller, async (changes) => {
    if ((await changes.recipes.list(recipe.organizationId)).length >= mostOfOne) {
      throw new KeywardError('conflict', `An organization has at most ${mostOfOne} import recipes. Delete one first.`);
    }
    if (!(await changes.recipes.insert(recipe))) throw nameTaken(recipe.name);
    const { name, algorithm, shape } = recipe;
    const detail = { name, algorithm, shape, kind: kindOf(rules), pepper: rules.pepper };
    changes.journal(entryOf(caller, at, 'import_recipe.created', subjectOf(id), detail));
    return recipe;
  });
}

/** By name. Needs `read:organization_api_key`. */
export async function listImportRecipes({ store }: Reading, caller: Caller): Promise<ImportRecipe[]> {
  demand(caller, 'read:organization_api_key');
  return store.recipes.list(caller.organization.id);
}

/** Needs `read:organization_api_key`. */
export async function readImportRecipe({ store }: Reading, caller: Caller, id: string): Promise<ImportRecipe> {
  demand(caller, 'read:organization_api_key');
  return found(await store.recipes.find(caller.organization.id, id));
}

/**
 * Needs `delete:organization_api_key`. `conflict` while there are tokens that were imported by it: nobody would recognise
 * their secrets any more.
 */
export async function deleteImportRecipe(ports: Changing, caller: Caller, id: string): Promise<void> {
  demand(caller, 'delete:organization_api_key');
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    const { name, organizationId } = found(await changes.recipes.find(caller.organization.id, id));
    if (await changes.recipes.isUsed(organizationId, id)) {
      const text = `There are API tokens that were imported by this recipe, and would be refused without it. Delete them first.`;
      throw new KeywardError('conflict', text);
    }
    if (!(await changes.recipes.delete(organizationId, id))) throw notFound('import recipe');
    changes.journal(entryOf(caller, at, 'import_recipe.deleted', subjectOf(id), { name }));
  });
}

/**
 * What imported secrets look like: what is of none of these shapes and no form of Keyward's own is no credential. Needs
 * `verify:credential`; the operator is told those of all organizations, as far as that sees them.
 */
export async function listSecretShapes(
  { imported }: { imported: Pick<ImportedSecrets, 'shapesOf'> },
  caller: Caller,
): Promise<SecretShape[]> {
  demand(caller, 'verify:credential');
  return imported.shapesOf(caller.organization.isOperator ? null : caller.organization.id);
}

/** Throws `invalid_request` for the first thing that does not fit together. */
export function checkedRules(wanted: NewRecipe): RecipeRules {
  const { algorithm, hashed = 'whole', before = '', after = '', salt = 'none', locator = null, pepper = null } = wanted;
  const slow = isSlow(algorithm);
  const encoding = wanted.encoding ?? (slow ? 'crypt' : 'hex');
  const shape = checkedShape(wanted.shape ?? {});
  if (slow !== (encoding === 'crypt') && algorithm !== 'raw') {
    throw invalid(
      'encoding',
      slow ? 'Hashes of this algorithm come as text with their parameters: crypt.' : 'Use hex, base64 or base64url.',
    );
  }
  for (const [field, text] of Object.entries({ before, after })) {
    if (text.length > 128) throw invalid(field, 'Use at most 128 characters.');
  }
  const isBare = hashed === 'whole' && before === '' && after === '' && salt === 'none' && pepper === null;
  if (algorithm === 'raw' && !isBare)
    throw invalid('algorithm', 'A raw secret is taken as it is: leave out what was done to it before hashing.');
  if (slow && salt !== 'none') throw invalid('salt', 'A hash of this algorithm holds its salt. Leave it out.');
  if ((pepper?.as === 'key') !== (algorithm === 'hmac-sha256')) {
    throw invalid(
      'pepper',
      algorithm === 'hmac-sha256'
        ? 'An HMAC needs its key: pepper with "as": "key".'
        : 'Only an HMAC has a key. Use "before" or "after".',
    );
  }
  if (pepper !== null && (pepper.secret === '' || pepper.secret.length > 512))
    throw invalid(['body', 'pepper', 'secret'], 'Use 1 to 512 characters.');
  if (hashed === 'after_prefix' && shape.prefix === '')
    throw invalid('hashed', 'There is no prefix in the shape to leave out.');
  if (hashed === 'after_separator' && !(locator !== null && 'separator' in locator)) {
    throw invalid('hashed', 'Say the separator in the locator.');
  }
  const rules: RecipeRules = {
    shape,
    algorithm,
    encoding,
    hashed,
    before,
    after,
    salt,
    pepper: pepper?.as ?? 'none',
    locator: checkedLocator(locator),
  };
  if (kindOf(rules) === 'located' && locator === null) {
    throw invalid(
      'locator',
      'Salted and slow hashes need a part of the secret that finds the row: {"start": 0, "length": 12} or {"separator": ".", "part": 0}.',
    );
  }
  return rules;
}

function checkedShape(wanted: Partial<SecretShape>): SecretShape {
  const { prefix = '', suffix = '', alphabet = 'printable', minLength = 16, maxLength = longestSecret } = wanted;
  const at = (field: string) => ['body', 'shape', field];
  if (!secretAlphabets.includes(alphabet)) throw invalid(at('alphabet'), `Use ${secretAlphabets.join(', ')}.`);
  for (const [field, text] of Object.entries({ prefix, suffix })) {
    if (!/^[!-~]{0,64}$/.test(text)) throw invalid(at(field), 'Use at most 64 visible ASCII characters.');
  }
  if (minLength < shortestSecret) throw invalid(at('minLength'), `A secret has at least ${shortestSecret} characters.`);
  if (maxLength > longestSecret) throw invalid(at('maxLength'), `A secret has at most ${longestSecret} characters.`);
  if (minLength > maxLength) throw invalid(at('minLength'), 'It is more than maxLength.');
  if (prefix.length + suffix.length >= maxLength) throw invalid(at('maxLength'), 'Prefix and suffix leave no room.');
  return { prefix, suffix, alphabet, minLength, maxLength };
}

function checkedLocator(locator: Locator | null): Locator | null {
  if (locator === null) return null;
  if ('separator' in locator) {
    if (!/^[!-~]{1,8}$/.test(locator.separator))
      throw invalid(['body', 'locator', 'separator'], 'Use 1 to 8 visible ASCII characters.');
    if (locator.part < 0 || locator.part > 15)
      throw invalid(['body', 'locator', 'part'], 'Parts are counted from 0, to 15 at most.');
    return { separator: locator.separator, part: locator.part };
  }
  const { start, length } = locator;
  if (start < 0 || start + length > longestSecret)
    throw invalid(['body', 'locator', 'start'], 'It lies outside of every secret.');
  if (length < 4)
    throw invalid(['body', 'locator', 'length'], 'Use at least 4 characters, so that few rows are alike.');
  return { start, length };
}

function found(recipe: ImportRecipe | null): ImportRecipe {
  if (recipe === null) throw notFound('import recipe');
  return recipe;
}

function nameTaken(name: string): KeywardError {
  return taken(['body', 'name'], `There is an import recipe named ${name} already.`);
}

function subjectOf(id: string) {
  return { type: 'import_recipe', id };
}
