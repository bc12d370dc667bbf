// Deactivating, activating and deleting a Versio token, which takes effect at once.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { call, environmentToken } from './environment.ts';

describe.each(['sqlite', 'postgres'] as const)('the lifecycle of a token on %s', (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database });
  });
  afterAll(() => server.stop());

  const status = async (secret: string) => (await call(server, `apiToken ${secret}`)).status;

  it('refuses a deactivated token at once, and takes the same secret when it is activated again', async () => {
    const { token, secret } = await environmentToken(server, 'toggled');
    for (let round = 0; round < 3; round += 1) {
      expect(await status(secret)).toBe(200);
      await server.core.deactivateApiToken(server.asOwner, { id: token.id });
      expect(await status(secret)).toBe(401);
      await server.core.activateApiToken(server.asOwner, { id: token.id });
    }
    expect(await status(secret)).toBe(200);
  });

  it('refuses a deleted token at once, and a new token of the same name does not revive it [S61]', async () => {
    const { token, secret } = await environmentToken(server, 'deleted');
    expect(await status(secret)).toBe(200);
    await server.core.deleteApiToken(server.asOwner, { id: token.id });
    expect(await status(secret)).toBe(401);
    const { secret: next } = await environmentToken(server, 'deleted');
    expect(await status(next)).toBe(200);
    expect(await status(secret)).toBe(401);
  });

  it('refuses the tokens of a deactivated user', async () => {
    const person = { email: `left-${database}@acme.test`, name: 'Leaver', role: 'admin' };
    const { user } = await server.core.createUser(server.asOwner, person);
    const caller = await server.callerFor({ type: 'user', id: user.id });
    const { secret } = await server.core.createApiToken(caller, { permissions: ['read:environment'] });
    expect(await status(secret)).toBe(200);
    await server.core.deactivateUser(server.asOwner, user.id);
    expect(await status(secret)).toBe(401);
  });
});
