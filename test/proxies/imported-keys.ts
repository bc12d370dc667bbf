// Keys that were made elsewhere and imported, with what proxies are most likely to change on the way. For tests only.

import type { assemble } from '../../server/src/assemble.ts';
import type { Caller } from '../../server/src/core/caller/caller.ts';

export const importedKeys: readonly string[] = [
  'old_key-of_a.usual/kind+=',
  '"quoted, a b:c%41&?=;<>#~,\\\'{}|^`@!$*()[]/',
  `${'long '.repeat(101)}enough.`,
  'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl',
];

export async function importKeys({ core }: Awaited<ReturnType<typeof assemble>>, owner: Caller): Promise<void> {
  const shape = { minLength: 16, maxLength: 512 };
  const recipe = await core.createImportRecipe(owner, { name: 'old-keys', algorithm: 'raw', shape });
  const rows = importedKeys.map((secret, at) => ({ line: at + 1, secret, permissions: ['read:orders'] }));
  const { added, rejected } = await core.importApiTokens(owner, { id: 'old keys', recipe: recipe.id, rows });
  if (added !== rows.length) throw new Error(JSON.stringify(rejected));
}
