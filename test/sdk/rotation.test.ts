// A verifier in another process and a token that is being rotated: both secrets are good, and the old one is forgotten in
// time, however its overlap ends.

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
