// What ends a RebelCore token in flight: a cut-off and a deletion do, a plain deactivation does not.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { addApiUser, authorize, infer, tokenFor } from './api-user.ts';

describe.each(['sqlite', 'postgres'] as const)('ending access on %s', (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database });
  });
  afterAll(() => server.stop());

  const status = async (token: string) => (await infer(server, `Bearer ${token}`)).status;

  it('lets a token in flight outlive the deactivation, but fails the next authorize', async () => {
    const robot = await addApiUser(server);
    const token = await tokenFor(server, robot);
    await server.core.deactivateApiUser(server.asOwner, robot.id);
    expect(await status(token)).toBe(200);
    expect((await authorize(server, robot)).status).toBe(401);
  });

  it('authorizes again after an activation, with the same password', async () => {
    const robot = await addApiUser(server);
    await server.core.deactivateApiUser(server.asOwner, robot.id);
    expect((await authorize(server, robot)).status).toBe(401);
    await server.core.activateApiUser(server.asOwner, robot.id);
    expect(await status(await tokenFor(server, robot))).toBe(200);
  });

  it('ends a token at once when its API user is cut off, and an activation does not revive it', async () => {
    const robot = await addApiUser(server);
    const token = await tokenFor(server, robot);
    expect(await status(token)).toBe(200);
    await server.core.deactivateApiUser(server.asOwner, robot.id, { cutOff: true });
    expect(await status(token)).toBe(401);
    await server.core.activateApiUser(server.asOwner, robot.id);
    expect(await status(token)).toBe(401);
    expect(await status(await tokenFor(server, robot))).toBe(200);
  });

  it('cuts off an API user that was deactivated already', async () => {
    const robot = await addApiUser(server);
    const token = await tokenFor(server, robot);
    await server.core.deactivateApiUser(server.asOwner, robot.id);
    expect(await status(token)).toBe(200);
    await server.core.deactivateApiUser(server.asOwner, robot.id, { cutOff: true });
    expect(await status(token)).toBe(401);
  });

  it('lets tokens from before and after a deactivation live side by side', async () => {
    const robot = await addApiUser(server);
    const before = await tokenFor(server, robot);
    await server.core.deactivateApiUser(server.asOwner, robot.id);
    await server.core.activateApiUser(server.asOwner, robot.id);
    const after = await tokenFor(server, robot);
    expect([await status(before), await status(after)]).toEqual([200, 200]);
  });

  it('ends a token at once when its API user is deleted, and a restoration does not revive it [S61]', async () => {
    const robot = await addApiUser(server);
    const token = await tokenFor(server, robot);
    expect(await status(token)).toBe(200);
    await server.core.deleteApiUser(server.asOwner, robot.id);
    expect(await status(token)).toBe(401);
    expect((await authorize(server, robot)).status).toBe(401);
    await server.core.restoreApiUser(server.asOwner, robot.id);
    expect(await status(token)).toBe(401);
    expect(await status(await tokenFor(server, robot))).toBe(200);
  });

  it('ends a token at once when its organization is deactivated', async () => {
    const { id, owner } = await server.addOrganization('closing');
    const { apiUser, password } = await server.core.createApiUser(owner.caller, { name: 'Robot', role: 'admin' });
    const token = await tokenFor(server, { username: apiUser.username, password });
    expect(await status(token)).toBe(200);
    await server.core.deactivateOrganization(server.asOwner, id);
    expect(await status(token)).toBe(401);
  });

  it('makes no token that is valid after a cut-off was acknowledged [S60]', async () => {
    const robot = await addApiUser(server);
    const racing = Array.from({ length: 8 }, () => authorize(server, robot));
    await server.core.deactivateApiUser(server.asOwner, robot.id, { cutOff: true });
    for (const response of await Promise.all(racing)) {
      if (response.status !== 200) continue;
      const { token } = (await response.json()) as { token: string };
      expect(await status(token)).toBe(401);
    }
  });
});
