// Secrets that were made elsewhere, after an import: each works as it is, in every place where an API token does, at first use and
// after it; and one that differs in a character, nowhere. On both databases.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVerifier, type Verifier } from '../../sdk/src/index.ts';
import type { ImportRecipe, TokenImportOutcome } from '../../sdk/src/wire.ts';
import { digestOf, publicIdOf } from '../../server/src/core/secret.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';
import { foreign } from './foreign.ts';
import { type Way, waysOf } from './ways.ts';

const names = Object.keys(foreign);

describe.each(['sqlite', 'postgres'] as const)('imported tokens on %s', (database) => {
  let server: TestServer;
  let owner: string;
  let verifier: Verifier;
  let ways: Record<string, Way>;
  beforeAll(async () => {
    server = await startServer({ database });
    owner = await bearerOf(server, server.owner);
    await server.restart({ trustedProxies: ['127.0.0.1/32'] });
    verifier = createVerifier({ url: server.url, credential: { apiToken: owner } });
    await verifier.ready();
    for (const { recipe } of Object.values(foreign)) {
      const { status, text } = await call<ImportRecipe>(server, 'POST', '/v1/import-recipes', owner, recipe);
      expect(status, text).toBe(201);
    }
    ways = waysOf(server, verifier, owner);
  });
  afterAll(async () => {
    await verifier?.close();
    await server?.stop();
  });

  const imported = async (recipe: string, rows: object[], more: object = {}) => {
    const numbered = rows.map((row, index) => ({ line: index + 1, ...row }));
    const defaults = { permissions: ['*:*'] };
    const body = { import: 'a file', recipe, defaults, rows: numbered, ...more };
    const answer = await call<TokenImportOutcome>(server, 'POST', '/v1/imports/tokens', owner, body);
    expect(answer.status, answer.text).toBe(200);
    return answer.body;
  };
  const tokenNamed = async (name: string) => {
    const token = await server.store.apiTokens.findByName(server.organization.id, name);
    if (token === null) throw new Error(`There is no token ${name}.`);
    return token;
  };

  test.each(names)(
    '[S13][S16] a secret by %s works everywhere, and is kept in the native form after its first use',
    async (recipe) => {
      const name = `all ways ${recipe}`;
      const made = await foreign[recipe]?.make();
      const { secret = '', row } = made ?? {};
      expect(await imported(recipe, [{ ...row, name }])).toMatchObject({ added: 1, rejected: [] });
      const { id } = await tokenNamed(name);
      for (const [way, present] of Object.entries(ways)) {
        expect(await present(secret, publicIdOf(id)), `${way}, first`).toBe('in');
      }
      await expect.poll(async () => (await tokenNamed(name)).digest).toBe(digestOf(secret));
      for (const [way, present] of Object.entries(ways)) {
        expect(await present(secret, publicIdOf(id)), `${way}, afterwards`).toBe('in');
      }
    },
  );

  test.each(names)('[S14] a secret by %s that differs in its last character works nowhere', async (recipe) => {
    const name = `no way ${recipe}`;
    const made = await foreign[recipe]?.make();
    const { secret = '', row } = made ?? {};
    await imported(recipe, [{ ...row, name }]);
    const { id } = await tokenNamed(name);
    const other = secret.slice(0, -1) + (secret.endsWith('a') ? 'b' : 'a');
    for (const [way, present] of Object.entries(ways)) {
      expect(await present(other, publicIdOf(id)), way).toBe('out');
    }
    expect(await ways.check?.(secret, id)).toBe('in');
  });

  test.each(names)('each way by itself is a first use of a secret by %s', async (recipe) => {
    const all = Object.entries(ways);
    const made = await Promise.all(all.map(() => foreign[recipe]?.make()));
    await imported(
      recipe,
      made.map((one, index) => ({ ...one?.row, name: `first ${recipe} ${index}` })),
    );
    for (const [index, [way, present]] of all.entries()) {
      const { id } = await tokenNamed(`first ${recipe} ${index}`);
      expect(await present(made[index]?.secret ?? '', publicIdOf(id)), way).toBe('in');
    }
  });
});
