// What somebody holds beside passwords, tokens and sessions: what was made elsewhere and imported, what an outside issuer signs, what a
// device was let have, and a link of an e-mail. Each with how it is asked for, and what can happen to it. For tests only.

import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Caller, systemIn } from '../../server/src/core/caller/caller.ts';
import { publicIdOf } from '../../server/src/core/secret.ts';
import { foreign } from '../import/foreign.ts';
import { hashes, password } from '../import/passwords.ts';
import type { TestServer } from '../server.ts';
import { call } from '../wire/native/calls.ts';
import type { Page } from '../wire/native/session-client.ts';
import { refresh } from '../wire/oauth2/application-flow.ts';
import { type Client, post, tokenFor } from '../wire/oauth2/clients.ts';
import { answerDevice, codesFor, grantedTo, poll, registerDevice } from '../wire/oauth2/device-flow.ts';
import type { Random, Way } from './ways.ts';

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const grant = { grant_type: 'client_credentials' };

export interface Place {
  server: TestServer;
  random: Random;
  /** The machine, in the customer's name. */
  system: ReturnType<typeof systemIn>;
  owner: { id: string; email: string };
  asOwner: Caller;
  /** Where the owner is signed in. */
  browser: Page;
}

/** What was added: more to ask for, and more that happens. */
export interface More {
  ways: Way[];
  acts: Record<string, () => Promise<unknown>>;
}

export const isIssued = async (answer: ReturnType<typeof post>): Promise<boolean> => (await answer).status === 200;
export const isTaken = async (server: TestServer, token: string): Promise<boolean> =>
  (await call(server, 'GET', '/v1/check', token)).status === 200;

/** Tokens whose owner kept the secret, by a quick hash and by a slow one: the tokens' ids too, as those of others. */
export async function importedTokens({
  server,
  random,
  system,
  owner,
}: Place): Promise<More & { tokens: { id: string }[] }> {
  const more: More & { tokens: { id: string }[] } = { ways: [], acts: {}, tokens: [] };
  const recipes: string[] = [];
  for (const kind of ['sha256', 'bcrypt'] as const) {
    const { recipe, make } = foreign[kind] as (typeof foreign)[string];
    const { id, name } = await server.core.createImportRecipe(system, recipe as never);
    recipes.push(id);
    const made = [await make(), await make()];
    const rows = made.map(({ row }, line) => ({ ...row, line, name: `imported ${kind} ${line}` }));
    const outcome = await server.core.importApiTokens(system, {
      ...{ id: `of ${kind}`, recipe: name, rows: rows as never },
      defaults: { permissions: ['read:funds', 'write:funds'], use: 'both', owner: { type: 'user', id: owner.id } },
    });
    if (outcome.tokens.length !== made.length) throw new Error(JSON.stringify(outcome.rejected));
    more.tokens.push(...outcome.tokens.map((token) => ({ id: token })));
    for (const [n, { secret }] of made.entries()) {
      // Where its first use is before the backup, after it, or never.
      const client = { id: publicIdOf(outcome.tokens[n] ?? ''), secret };
      const exchanged = random.below(2) === 0 ? await tokenFor(server, client) : null;
      if (exchanged !== null) {
        const ask = () => isTaken(server, exchanged);
        more.ways.push({ name: `access token of imported ${kind} token ${n}`, ask, isPassing: true });
      }
      const isLetIn = async (permission: string) =>
        (await server.core.inspect(secret, { permissions: [permission], address: '203.0.113.7' })).allowed;
      more.ways.push(
        { name: `imported ${kind} token ${n}, read`, ask: () => isLetIn('read:funds') },
        { name: `imported ${kind} token ${n}, write`, ask: () => isLetIn('write:funds') },
      );
      more.acts[`use imported ${kind} token ${n}`] = () => isLetIn('read:funds');
    }
  }
  more.acts['delete a recipe'] = () => server.core.deleteImportRecipe(system, random.pick(recipes));
  return more;
}

/** An API user and a person who came with the hashes of their passwords. */
export async function importedPeople({ server, system }: Place) {
  const more: More = { ways: [], acts: {} };
  const username = `old-robot-${randomUUID()}`;
  const email = `${randomUUID()}@old-people.example`;
  const passwordHash = await hashes.bcrypt();
  await server.core.importApiUsers(system, { rows: [{ line: 1, username, role: 'clerk', passwordHash }] });
  await server.core.importUsers(system, { rows: [{ line: 1, username: email, role: 'clerk', passwordHash }] });
  const robot = await server.store.apiUsers.findNamed(username);
  const person = await server.store.users.findPassword(email);
  if (robot === null || person === null) throw new Error('They were not imported.');
  const client: Client = { id: username, secret: password };
  more.ways.push(
    { name: 'password of an imported API user', ask: () => isIssued(post(server, '/oauth/token', grant, client)) },
    {
      name: 'password of an imported person',
      ask: async () => (await call(server, 'POST', '/v1/login', undefined, { email, password })).status === 200,
    },
  );
  return { ...more, robot: { ...client, id: robot.id, username }, person: { id: person.id, email, password } };
}

/** What an outside issuer signs, whose keys Keyward was told. */
export async function outsideTokens({ server, random, system }: Place, robot: { id: string }): Promise<More> {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'outside', alg: 'ES256', use: 'sig' };
  const key = createPrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const issuer = 'https://ci.example';
  const trust = { issuer, audience: 'keyward', conditions: { sub: 'repo:acme/shop' }, jwks: { keys: [jwk] } };
  const { id } = await server.core.createFederatedCredential(system, robot.id, { name: 'CI', ...trust });
  const ask = async () => {
    const now = Math.floor(server.clock.now() / 1000);
    const token = new SignJWT({ sub: 'repo:acme/shop', aud: 'keyward', iss: issuer, jti: randomUUID() });
    const client_assertion = await token
      .setProtectedHeader({ alg: 'ES256', kid: 'outside' })
      .setIssuedAt(now)
      .setExpirationTime(now + 60)
      .sign(key);
    const shown = { ...grant, client_id: robot.id, client_assertion, client_assertion_type: assertionType };
    return isIssued(post(server, '/oauth/token', shown));
  };
  return {
    ways: [{ name: 'token of an outside issuer', ask }],
    acts: {
      'end the trust in an outside issuer': () => server.core.deleteFederatedCredential(system, id),
      'trust an outside issuer with another subject': () =>
        server.core.updateFederatedCredential(system, id, {
          conditions: { sub: random.pick(['repo:acme/shop', 'repo:acme/other']) },
        }),
    },
  };
}

/** A device that has its tokens, one that was let in and has not come for them, and a link that waits. All end with any restore. */
export async function passing({ server, system, asOwner, owner, browser }: Place): Promise<More> {
  const device = await registerDevice(server, { permissions: ['read:funds'] }, asOwner);
  const scope = { scope: 'read:funds' };
  const granted = await grantedTo(server, device, browser, scope);
  const codes = await codesFor(server, device, scope);
  await answerDevice(browser, codes.userCode);
  const { url } = await server.core.makePasswordLink(system, owner.id);
  const token = new URL(url).hash.slice(1);
  const once = { isPassing: true, hasEnded: () => false } as const;
  return {
    ways: [
      { name: "device's access token", ask: () => isTaken(server, granted.access), isPassing: true },
      {
        name: "device's refresh token",
        ask: () => isIssued(refresh(server, device, granted.refresh)),
        ...once,
      },
      { name: 'device code', ask: () => isIssued(poll(server, device, codes)), ...once },
      {
        name: 'password link',
        ask: async () => (await call(server, 'POST', '/v1/password-links/look', undefined, { token })).status === 200,
        isPassing: true,
      },
    ],
    acts: { 'end a device': () => server.core.deactivateApplication(system, device.id) },
  };
}
