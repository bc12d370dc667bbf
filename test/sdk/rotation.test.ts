// A verifier in another process and a token, or an API user, that is being rotated: what is old and new are both good, and the
// old is forgotten in time, however its overlap ends.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createVerifier, type Verifier } from '../../sdk/src/index.ts';
import { endDueOverlaps } from '../../server/src/core/credentials/overlap.ts';
import { within } from '../machine-time.ts';
import { startServer, type TestServer } from '../server.ts';

let server: TestServer;
let verifier: Verifier;
beforeEach(async () => {
  server = await startServer();
  const permissions = ['verify:credential', 'follow:feed'];
  const { secret: apiToken } = await server.core.createApiToken(server.asOwner, { permissions });
  verifier = createVerifier({ url: server.url, credential: { apiToken }, clock: server.clock.now });
  await verifier.ready();
});
afterEach(async () => {
  await verifier?.close();
  await server?.stop();
});

const now = (text: string) => verifier.verifySync(text)?.allowed === true;

async function rotated(overlapMs: number) {
  const { token, secret: old } = await server.core.createApiToken(server.asOwner, { permissions: ['read:user'] });
  expect(await verifier.verify(old)).toMatchObject({ allowed: true });
  const { secret } = await server.core.rotateApiToken(server.asOwner, { id: token.id }, overlapMs);
  expect(await verifier.verify(secret)).toMatchObject({ allowed: true });
  if (overlapMs > 0) {
    await within(1000, () => expect.poll(() => verifier.verify(old), { interval: 5 }).toMatchObject({ allowed: true }));
  }
  return { token, old, secret };
}

describe('the old secret is refused', () => {
  test('within a second of a rotation without an overlap', async () => {
    const { old, secret } = await rotated(0);
    await within(1000, () => expect.poll(() => now(old), { interval: 1 }).toBe(false));
    expect(await verifier.verify(old)).toMatchObject({ allowed: false });
    expect(await verifier.verify(secret)).toMatchObject({ allowed: true });
  });

  test('within a second of the end of its overlap, when somebody ends it', async () => {
    const { token, old, secret } = await rotated(3_600_000);
    await within(1000, () => expect.poll(() => now(old), { interval: 5 }).toBe(true));
    await server.core.endOverlap(server.asOwner, token.id);
    await within(1000, () => expect.poll(() => now(old), { interval: 1 }).toBe(false));
    expect(await verifier.verify(old)).toMatchObject({ allowed: false, reason: 'unknown' });
    expect(await verifier.verify(secret)).toMatchObject({ allowed: true });
  });

  test('from the very moment that its time is up, though nothing is heard from Keyward', async () => {
    const { old, secret } = await rotated(3_600_000);
    await within(1000, () => expect.poll(() => now(old) && now(secret), { interval: 5 }).toBe(true));
    server.clock.advance(3_599_999);
    expect(now(old)).toBe(true);
    server.clock.advance(1);
    expect(verifier.verifySync(old)).toMatchObject({ allowed: false, reason: 'expired' });
    expect(now(secret)).toBe(true);
    expect(await endDueOverlaps({ store: server.store, clock: server.clock.now })).toBe(1);
    await within(1000, () =>
      expect
        .poll(async () => (await verifier.verify(old)) as { reason?: string }, { interval: 5 })
        .toMatchObject({ allowed: false, reason: 'unknown' }),
    );
    expect(await verifier.verify(secret)).toMatchObject({ allowed: true });
  });
});

describe('an access token made with the old password of an API user is refused', () => {
  const exchange = async (username: string, password: string) => {
    const proof = { kind: 'password', username, password } as const;
    const made = await server.core.exchange({ proof, shape: () => ({ form: 'oauth', lifetimeMs: 3_600_000 }) });
    return made.allowed ? made.token : '';
  };

  async function rotatedApiUser(overlapMs: number) {
    const made = await server.core.createApiUser(server.asOwner, { name: 'Till', role: 'admin' });
    const { id, username } = made.apiUser;
    const before = await exchange(username, made.password);
    const machine = await server.callerFor({ type: 'api_user', id });
    const { secret: own } = await server.core.createApiToken(machine, { permissions: ['read:user'] });
    const proof = { kind: 'api_token', secret: own } as const;
    const exchanged = await server.core.exchange({ proof, shape: () => ({ form: 'oauth', lifetimeMs: 3_600_000 }) });
    const ofOwn = [own, exchanged.allowed ? exchanged.token : ''];
    for (const one of [before, ...ofOwn]) expect(await verifier.verify(one)).toMatchObject({ allowed: true });
    const { password } = await server.core.rotateApiUser(server.asOwner, id, overlapMs);
    return {
      id,
      before,
      ofOwn,
      during: await exchange(username, made.password),
      fresh: await exchange(username, password),
    };
  }

  test('within a second of a rotation without an overlap, and nothing of its API tokens is', async () => {
    const { before, during, fresh, ofOwn } = await rotatedApiUser(0);
    expect(during).toBe('');
    await within(1000, () => expect.poll(() => now(before), { interval: 1 }).toBe(false));
    expect(await verifier.verify(before)).toMatchObject({ allowed: false, reason: 'revoked' });
    for (const one of [fresh, ...ofOwn]) expect(await verifier.verify(one)).toMatchObject({ allowed: true });
  });

  test('from the end of the overlap on, though nothing is heard from Keyward', async () => {
    const { before, during, fresh } = await rotatedApiUser(600_000);
    for (const one of [before, during, fresh]) expect(await verifier.verify(one)).toMatchObject({ allowed: true });
    await within(1000, () => expect.poll(() => [during, fresh].every(now), { interval: 5 }).toBe(true));
    // Access tokens end at whole seconds.
    server.clock.advance(598_000);
    expect(now(during)).toBe(true);
    server.clock.advance(2000);
    expect(verifier.verifySync(during)).toMatchObject({ allowed: false, reason: 'expired' });
    expect([before, fresh].map(now)).toEqual([true, true]);
  });
});
