// What was made elsewhere and imported, for a random history: keys, whose first use changes what they are held against, and an API user
// with a password that somebody chose. For tests only.

import type { Caller } from '../../server/src/core/caller/caller.ts';
import { publicIdOf } from '../../server/src/core/secret.ts';
import { foreign } from '../import/foreign.ts';
import { hashes, password } from '../import/passwords.ts';
import type { TestServer } from '../server.ts';

export interface Imported {
  tokens: { id: string; client: { id: string; secret: string } }[];
  robot: { id: string; username: string; secret: string };
}

/** Two keys, found in different ways, and an API user, of the caller's organization. */
export async function importInto(server: TestServer, caller: Caller, role: string): Promise<Imported> {
  const tokens: Imported['tokens'] = [];
  for (const kind of ['sha512', 'bcrypt'] as const) {
    const { recipe: rules, make } = foreign[kind] ?? {};
    if (rules === undefined || make === undefined) throw new Error(`There is no recipe ${kind}.`);
    const recipe = await server.core.createImportRecipe(caller, rules);
    const { secret, row } = await make();
    const { hash = '', locator = '' } = row;
    const rows = [{ line: 1, name: `imported by ${kind}`, permissions: ['read:funds', 'write:funds'], hash, locator }];
    const outcome = await server.core.importApiTokens(caller, { id: 'old keys', recipe: recipe.id, rows });
    const id = outcome.tokens[0] ?? '';
    tokens.push({ id, client: { id: publicIdOf(id), secret } });
  }
  const username = `imported ${tokens[0]?.id}`;
  const passwordHash = await hashes.bcrypt();
  await server.core.importApiUsers(caller, { rows: [{ line: 1, username, role, passwordHash }] });
  const robot = await server.store.apiUsers.findNamed(username);
  return { tokens, robot: { id: robot?.id ?? '', username, secret: password } };
}
