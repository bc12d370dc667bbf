// Keys of any shape, as they are taken over: whatever printable text of up to 512 characters somebody made, those too that look like what
// Keyward makes itself, each works in every way, and works nowhere with one character changed.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVerifier, type Verifier } from '../../sdk/src/index.ts';
import type { TokenImportOutcome } from '../../sdk/src/wire.ts';
import { generateApiToken, newId, publicIdOf } from '../../server/src/core/secret.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';
import { type Way, waysOf } from './ways.ts';

/** More with KEYWARD_TRIES. */
const tries = Math.min(1000, Number(process.env.KEYWARD_TRIES ?? 40));

let server: TestServer;
let owner: string;
let verifier: Verifier;
let ways: [string, Way][];
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
  await server.restart({ trustedProxies: ['127.0.0.1/32'] });
  verifier = createVerifier({ url: server.url, credential: { apiToken: owner } });
  await verifier.ready();
  const shape = { alphabet: 'printable', minLength: 8, maxLength: 512 };
  for (const rules of [
    { name: 'raw', algorithm: 'raw' },
    { name: 'digest', algorithm: 'sha512' },
  ]) {
    const { status, text } = await call(server, 'POST', '/v1/import-recipes', owner, { ...rules, shape });
    expect(status, text).toBe(201);
  }
  ways = Object.entries(waysOf(server, verifier, owner));
});
afterAll(async () => {
  await verifier?.close();
  await server?.stop();
});

async function take(recipe: string, row: Record<string, string>): Promise<string> {
  const name = `shape ${randomUUID()}`;
  const rows = [{ line: 1, name, ...row }];
  const body = { import: 'shapes', recipe, defaults: { permissions: ['*:*'] }, rows };
  const answer = await call<TokenImportOutcome>(server, 'POST', '/v1/imports/tokens', owner, body);
  expect(answer.body, answer.text).toMatchObject({ added: 1, rejected: [] });
  const token = await server.store.apiTokens.findByName(server.organization.id, name);
  return publicIdOf(token?.id ?? '');
}

/** By each recipe in turn: as it is kept from the start, and as it is found by another digest. */
const rowOf = (secret: string, at: number): [string, Record<string, string>] =>
  at % 2 === 0 ? ['raw', { secret }] : ['digest', { hash: createHash('sha512').update(secret).digest('hex') }];

async function demandWorking(secret: string, at: number): Promise<void> {
  const id = await take(...rowOf(secret, at));
  const last = secret.at(-1);
  const other = `${secret.slice(0, -1)}${last === '~' ? '}' : '~'}`;
  for (const [way, present] of ways) {
    expect(await present(other, id), `${way}, with another last character than ${secret}`).toBe('out');
    expect(await present(secret, id), `${way}, with ${secret}`).toBe('in');
  }
}

const base64url = (bytes: number) => randomBytes(bytes).toString('base64url');
const jwtOfOthers = () =>
  new SignJWT({ sub: 'robot', jti: randomUUID() })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'one' })
    .setIssuer('https://issuer.example')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode('a secret of somebody else, of 32 bytes'));

/** What looks like something that Keyward makes, or that a header or a form says otherwise. */
const lookAlikes: Record<string, () => string | Promise<string>> = {
  'an API token of another Keyward': () => generateApiToken(newId()),
  'one with another prefix': () => generateApiToken(newId(), 'acme'),
  'one with a wrong checksum': () => `kw_${publicIdOf(newId())}_${'a'.repeat(36)}`,
  'one that is a character short': () => generateApiToken(newId()).slice(0, -1),
  'its prefix alone': () => `kw_${base64url(20)}`,
  'a refresh token': () => `kwr_${base64url(32)}`,
  'a JWT of somebody else': jwtOfOthers,
  'a JWT that is none': () => `eyJhbGciOiJub25lIn0.${base64url(40)}.${base64url(64)}`,
  'the beginning of one': () => `ey${base64url(30)}`,
  'a sealed token': () => `AT1${base64url(80)}`,
  'the beginning of a sealed token': () => `AT1 ${base64url(6)}`,
  'a session’s key': () => randomBytes(64).toString('base64').replace(/[+/=]/g, '').slice(0, 43),
  'a password of an API user': () => randomBytes(64).toString('base64').replace(/[+/=]/g, '').slice(0, 48),
  'a UUID': () => randomUUID(),
  'a name of an API user': () => `${randomUUID()}@api.keyward.local`,
  'an e-mail address': () => `key-${base64url(6)}@example.com`,
  'an address': () => `https://keys.example/${base64url(9)}?a=b#c`,
  'a pair of Basic': () => `user:${base64url(12)}:x`,
  'Basic of a pair': () => Buffer.from(`user:${base64url(9)}`).toString('base64'),
  'a list': () => `a, ${base64url(9)}, b=c; d`,
  'a scheme and a credential': () => `Bearer ${base64url(12)}`,
  'another scheme': () => `apiToken ${base64url(12)}`,
  'percent-encoded text': () => `%41%2B%00%zz${base64url(9)}`,
  'pluses and blanks': () => `+a +b  + ${base64url(9)}+`,
  'a bcrypt hash': () => `$2b$10$${base64url(40)}`,
  '512 characters': () => `"${base64url(600)}`.slice(0, 512),
  'eight characters': () => base64url(6),
};

test.each(Object.entries(lookAlikes))('%s works in every way, as it is [S16] [S32]', async (_, make) => {
  for (const at of [0, 1]) await demandWorking(await make(), at);
});

test(
  'any printable text of 8 to 512 characters works in every way',
  async () => {
    const character = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...'abcXYZ019-_.') },
      { weight: 1, arbitrary: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) },
    );
    // No header can carry a blank at either end.
    const secret = fc
      .string({ unit: character, minLength: 8, maxLength: 512 })
      .map((text) => text.replace(/^ | $/g, '~'));
    let at = 0;
    await fc.assert(
      fc.asyncProperty(secret, async (text) => {
        at += 1;
        await demandWorking(`${text.slice(0, 480)}${base64url(6)}`, at);
      }),
      { numRuns: tries },
    );
  },
  120_000 + tries * 1000,
);

test('what is an access token here stays that, and is no key by being imported [S47]', async () => {
  const wanted = { apiToken: owner, form: 'sealed' };
  const made = await call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, wanted);
  const { accessToken } = made.body;
  const self = async () => (await call<{ id: string }>(server, 'GET', '/v1/self', accessToken)).body.id;
  const before = await self();
  const id = await take('raw', { secret: accessToken });
  expect(publicIdOf(before)).not.toBe(id);
  expect(await self()).toBe(before);
});
