// Revocation that reaches verifiers in time: a whole server, four verifiers under load, and connections that break.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createVerifier, type Verifier, type VerifierOptions } from '../../sdk/src/index.ts';
import type { Receipt } from '../../sdk/src/wire.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { type Proxy as BreakableConnection, startProxy } from '../faults/database-proxy.ts';
import { keptWaitingMs, watchMachine, within } from '../machine-time.ts';
import { startServer, type TestServer } from '../server.ts';
import { call, signIn } from '../wire/native/calls.ts';

let server: TestServer;
let proxy: BreakableConnection;
let credential: { apiToken: string };
const verifiers: Verifier[] = [];
beforeEach(async () => {
  server = await startServer();
  proxy = await startProxy({ host: '127.0.0.1', port: Number(new URL(server.url).port) });
  const permissions = ['verify:credential', 'follow:feed'];
  credential = { apiToken: (await server.core.createApiToken(server.asOwner, { permissions })).secret };
});
afterEach(async () => {
  await Promise.all(verifiers.splice(0).map((verifier) => verifier.close()));
  await proxy?.close();
  await server?.stop();
});

/** Through the proxy, so that connections can be broken; Keyward's own address is what its JWTs name. */
async function start(options: Partial<VerifierOptions> = {}): Promise<Verifier> {
  const url = `http://127.0.0.1:${proxy.port}`;
  const verifier = createVerifier({ url, issuer: server.url, credential, clock: server.clock.now, ...options });
  verifiers.push(verifier);
  await verifier.ready();
  return verifier;
}
const makeToken = (permissions = ['read:user']) => server.core.createApiToken(server.asOwner, { permissions });
const now = (verifier: Verifier, text: string) => verifier.verifySync(text)?.allowed === true;

describe('what ends a credential ends it for a verifier that knew it', () => {
  const exchange = async (apiToken: string, form: 'jwt' | 'sealed') =>
    (await call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, { apiToken, form })).body
      .accessToken;

  test.each(['api_token', 'jwt', 'sealed'] as const)('deactivating an API token, shown as %s', async (form) => {
    const verifier = await start();
    const { token, secret } = await makeToken();
    const other = await makeToken();
    const text = form === 'api_token' ? secret : await exchange(secret, form);
    expect(await verifier.verify(text, { permissions: ['read:user'] })).toMatchObject({ allowed: true });
    expect(await verifier.verify(other.secret)).toMatchObject({ allowed: true });
    await server.core.deactivateApiToken(server.asOwner, { id: token.id });
    await within(1000, () => expect.poll(() => now(verifier, text), { interval: 1 }).toBe(false));
    expect(await verifier.verify(text)).toMatchObject({ allowed: false, reason: 'inactive' });
    await server.core.activateApiToken(server.asOwner, { id: token.id });
    const reason = form === 'api_token' ? undefined : 'revoked';
    await within(1000, () =>
      expect
        .poll(async () => (await verifier.verify(text)) as { reason?: string }, { interval: 5 })
        .toMatchObject(reason === undefined ? { allowed: true } : { allowed: false, reason }),
    );
    expect(await verifier.verify(other.secret)).toMatchObject({ allowed: true });
  });

  test('deactivating its owner, narrowing its permissions, changing its role [S36]', async () => {
    const verifier = await start();
    const role = await server.core.createRole(server.asOwner, {
      name: 'reader',
      permissions: ['read:user', 'read:role'],
    });
    const { apiUser, password } = await server.core.createApiUser(server.asOwner, { name: 'm', role: role.name });
    const body = { username: apiUser.username, password };
    const { accessToken } = (await call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, body))
      .body;
    const may = async () => (await verifier.verify(accessToken, { permissions: ['read:role'] })).allowed;
    expect(await may()).toBe(true);
    await server.core.updateRole(server.asOwner, 'reader', { permissions: ['read:user'] });
    await within(1000, () => expect.poll(may, { interval: 5 }).toBe(false));
    expect(await verifier.verify(accessToken)).toMatchObject({ allowed: true });
    await server.core.deactivateApiUser(server.asOwner, apiUser.id);
    await within(1000, () =>
      expect.poll(async () => (await verifier.verify(accessToken)).allowed, { interval: 5 }).toBe(false),
    );
  });

  test('narrowing what its organization is entitled to, by its own list or by its plan; widening gives back [S36]', async () => {
    const { core, organization } = server;
    const operator = systemIn(organization);
    const verifier = await start();
    const rule = { name: 'Bounded', limits: [{ limit: 1_000_000, windowMs: 60_000, per: 'organization' }] } as const;
    const plan = { id: 'bounded', ...rule, entitlement: ['*:*'] };
    await core.putPlan(operator, plan);
    await core.updateOrganization(operator, organization.id, { planId: plan.id });
    const { secret } = await makeToken(['read:funds', 'read:user']);
    const texts = [secret, await exchange(secret, 'jwt'), await exchange(secret, 'sealed')];
    const may = async () => {
      const verdicts = await Promise.all(texts.map((text) => verifier.verify(text, { permissions: ['read:funds'] })));
      return verdicts.map(({ allowed }) => allowed);
    };
    const [all, none] = [texts.map(() => true), texts.map(() => false)];
    const becomes = (right: boolean[]) => within(1000, () => expect.poll(may, { interval: 5 }).toEqual(right));
    await becomes(all);
    await core.updateOrganization(operator, organization.id, { entitlement: ['read:files'] });
    await becomes(none);
    expect(await verifier.verify(secret, { permissions: ['read:user'] })).toMatchObject({ allowed: true });
    await core.updateOrganization(operator, organization.id, { entitlement: null });
    await becomes(all);
    await core.putPlan(operator, { ...plan, entitlement: ['read:files'] });
    await becomes(none);
    await core.putPlan(operator, plan);
    await becomes(all);
  });

  test('signing out, for that login alone [S36]', async () => {
    const verifier = await start();
    const [token, other] = [await signIn(server, server.owner), await signIn(server, server.owner)];
    for (const one of [token, other]) expect(await verifier.verify(one)).toMatchObject({ allowed: true });
    expect((await call(server, 'DELETE', '/v1/session', token)).status).toBe(204);
    await within(1000, () => expect.poll(() => now(verifier, token), { interval: 1 }).toBe(false));
    expect(await verifier.verify(token)).toMatchObject({ allowed: false, reason: 'revoked' });
    expect(now(verifier, other)).toBe(true);
    const third = await signIn(server, server.owner);
    expect(await verifier.verify(third)).toMatchObject({ allowed: true });
    await call(server, 'DELETE', '/v1/sessions', third);
    await within(1000, () => expect.poll(() => now(verifier, other), { interval: 1 }).toBe(false));
    expect(await verifier.verify(other)).toMatchObject({ allowed: false, reason: 'revoked' });
    expect(await verifier.verify(third)).toMatchObject({ allowed: true });
  });

  test('revoking the key that signed it [S38]', async () => {
    const verifier = await start();
    const text = await exchange((await makeToken()).secret, 'jwt');
    expect(await verifier.verify(text)).toMatchObject({ allowed: true });
    const { kid } = JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString());
    await server.core.revokeSigningKey(server.asOwner, kid);
    await within(1000, () => expect.poll(() => now(verifier, text), { interval: 1 }).toBe(false));
    expect(await verifier.verify(text)).toMatchObject({ allowed: false, reason: 'unknown' });
    const fresh = await exchange((await makeToken()).secret, 'jwt');
    await within(1000, () =>
      expect.poll(async () => (await verifier.verify(fresh)).allowed, { interval: 5 }).toBe(true),
    );
  });

  test('knows nothing of another organization’s credentials where its own is a customer’s', async () => {
    const other = await server.addOrganization('other');
    const permissions = ['verify:credential', 'follow:feed'];
    const theirs = await server.core.createApiToken(other.owner.caller, { permissions });
    const verifier = await start({ credential: { apiToken: theirs.secret } });
    expect(await verifier.verify(theirs.secret)).toMatchObject({ allowed: true });
    const { secret } = await makeToken();
    expect(await verifier.verify(secret)).toMatchObject({ allowed: false, reason: 'unknown', principal: null });
    expect(await verifier.verify(await exchange(secret, 'jwt'))).toMatchObject({ allowed: false, reason: 'unknown' });
  });
});

test('a receipt says that all verifiers have it, and they have', async () => {
  const four = await Promise.all(['a', 'b', 'c', 'd'].map((name) => start({ name })));
  const { token, secret } = await makeToken();
  for (const verifier of four) expect(await verifier.verify(secret)).toMatchObject({ allowed: true });
  const bearer = await signIn(server, server.owner);
  const path = `/v1/tokens/${token.id}/deactivate?receipt=10000`;
  // This node, and the four.
  await watchMachine();
  const began = performance.now();
  const { status, body } = await call<Receipt>(server, 'POST', path, bearer);
  const waited = keptWaitingMs(began);
  expect([status, body]).toEqual([200, expect.objectContaining({ effective: 5, of: 5, waitingFor: [] })]);
  expect((body.slowestMs ?? Number.NaN) - waited).toBeLessThan(1000);
  expect(four.map((verifier) => now(verifier, secret))).toEqual([false, false, false, false]);
});
