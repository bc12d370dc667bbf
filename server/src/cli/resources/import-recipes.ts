// `keyward import-recipes` and `keyward secret-shapes`: how secrets of other systems are recognised, and what they look like. Recipes
// are made by `keyward import tokens`, of a file.

import type { ImportRecipe, SecretShape } from '@keyward/sdk/wire';
import type { Kind } from '../grammar/named.ts';
import type { Noun } from '../grammar/noun.ts';
import type { Column } from '../grammar/show.ts';
import { actVerb, listVerb, showVerb } from '../grammar/verbs.ts';

const kind: Kind = {
  word: 'import recipe',
  path: '/v1/import-recipes',
  names: ({ name }) => [name],
  isWhole: true,
};

/** As `sk_live_… base62, 24 to 40`. */
const shown = ({ prefix, suffix, alphabet, minLength, maxLength }: SecretShape) =>
  `${prefix}…${suffix} ${alphabet}, ${minLength} to ${maxLength}`;
const located = ({ locator }: ImportRecipe) => {
  if (locator === null) return null;
  return 'start' in locator
    ? `${locator.length} characters from ${locator.start}`
    : `part ${locator.part} of those that ${JSON.stringify(locator.separator)} divides`;
};

const columns: readonly Column<ImportRecipe>[] = [
  { title: 'NAME', of: ({ name }) => name },
  { title: 'ALGORITHM', of: ({ algorithm }) => algorithm },
  { title: 'SHAPE', of: ({ shape }) => shown(shape) },
  { title: 'ID', of: ({ id }) => id, style: () => 'dim' },
];
const fields: readonly Column<ImportRecipe>[] = [
  { title: 'Name', of: ({ name }) => name },
  { title: 'Id', of: ({ id }) => id },
  { title: 'Algorithm', of: ({ algorithm }) => algorithm },
  { title: 'Encoding', of: ({ encoding }) => encoding },
  { title: 'Shape', of: ({ shape }) => shown(shape) },
  { title: 'Hashed', of: ({ hashed }) => hashed },
  { title: 'Before', of: ({ before }) => before },
  { title: 'After', of: ({ after }) => after },
  { title: 'Salt', of: ({ salt }) => salt },
  { title: 'Locator', of: located },
  { title: 'Pepper', of: ({ pepper }) => pepper },
  { title: 'Created', of: ({ createdAt }) => createdAt },
];

export const importRecipes: Noun = {
  name: 'import-recipes',
  summary: 'how secrets of other systems are recognised; keyward import makes them',
  aliases: ['import-recipe'],
  verbs: [
    listVerb<ImportRecipe>({
      examples: ['keyward import-recipes list'],
      acts: true,
      path: kind.path,
      columns,
      none: 'There is no import recipe. keyward import tokens makes one.',
      isWhole: true,
    }),
    showVerb<ImportRecipe>(kind, fields, { examples: ['keyward import-recipes show old-portal'], acts: true }),
    actVerb(kind, {
      method: 'DELETE',
      act: '',
      done: 'is deleted',
      loses: 'secrets of its shape are recognised no more.',
      examples: ['keyward import-recipes delete unused --yes'],
      acts: true,
    }),
  ],
};

const shapeColumns: readonly Column<SecretShape>[] = [
  { title: 'PREFIX', of: ({ prefix }) => prefix },
  { title: 'SUFFIX', of: ({ suffix }) => suffix },
  { title: 'ALPHABET', of: ({ alphabet }) => alphabet },
  { title: 'LENGTH', of: ({ minLength, maxLength }) => `${minLength} to ${maxLength}` },
];

export const secretShapes: Noun = {
  name: 'secret-shapes',
  summary: 'what imported secrets look like; verifiers refuse unasked what has no shape that they know',
  verbs: [
    listVerb<SecretShape>({
      examples: ['keyward secret-shapes list'],
      path: '/v1/secret-shapes',
      columns: shapeColumns,
      none: 'No secrets were imported.',
      isWhole: true,
    }),
  ],
};
