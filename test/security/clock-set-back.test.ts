// The machine's clock is set back under a server, while it runs and while it is stopped: nothing that has ended lives again.

import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Server } from '../../server/src/assemble.ts';
import { addOrganization, assembleAt, type DatabaseKind, newPlace, type TestPlace } from '../assembled-server.ts';

const hour = 3_600_000;

describe.each<DatabaseKind>(['sqlite', 'postgres'])('a clock that is set back, on %s', (kind) => {
  let place: TestPlace;
  let server: Server;
  let url: string;
  let port = 0;
  let setBy = 0;
  const wall = () => Date.now() + setBy;

  async function start(): Promise<void> {
    server = await assembleAt({ place, wall, settings: { port } });
    url = await server.listen();
    // The same again: a JWT names its issuer.
    port = Number(new URL(url).port);
  }
  async function post(path: string, body: object) {
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, body: JSON.parse(await response.text()) };
  }
  async function statusOf(credential: string): Promise<number> {
    const response = await fetch(`${url}/v1/self`, { headers: { Authorization: `Bearer ${credential}` } });
    await response.arrayBuffer();
    return response.status;
  }

  beforeAll(async () => {
    place = await newPlace(kind);
    await start();
  });
  afterAll(async () => {
    await server?.close();
    place?.remove();
  });

  it('revives no expired API token and no sealed one, keeps JWTs and lets people sign in, across a restart too [S106]', async () => {
    const { owner, email, password } = await addOrganization(server, {
      name: 'acme',
      planId: 'enterprise',
      contributors: 10,
    });
    const made = await server.core.createApiToken(owner, {
      name: 'short',
      permissions: ['read:user'],
      expiresAt: wall() + hour,
    });
    const lasting = await server.core.createApiToken(owner, {
      name: 'long',
      permissions: ['read:user'],
      expiresAt: wall() + 9 * hour,
    });
    const sealing = { apiToken: lasting.secret, form: 'sealed', lifetimeSeconds: 3600 };
    const sealed = (await post('/v1/access-tokens', sealing)).body.accessToken;
    expect([await statusOf(made.secret), await statusOf(sealed)]).toEqual([200, 200]);

    setBy = 2 * hour;
    expect([await statusOf(made.secret), await statusOf(sealed)]).toEqual([401, 401]);
    const person = { username: email, password };
    const jwt = (await post('/v1/access-tokens', person)).body.accessToken;
    // No change tells of the time that was reached.
    expect((await server.store.journal.at(await server.store.journal.head()))?.at).toBeLessThan(wall() - hour);

    setBy = 0;
    for (const restarted of [false, true]) {
      if (restarted) {
        await server.close();
        await start();
      }
      expect([await statusOf(made.secret), await statusOf(sealed), await statusOf(jwt)]).toEqual([401, 401, 200]);
      expect((await post('/v1/access-tokens', person)).status).toBe(200);
      expect(await statusOf(lasting.secret)).toBe(200);
    }
    expect((await post('/v1/login', { email, password })).status).toBe(200);
  });

  it('goes by the clock of people with a second factor: their devices know the time [S106]', async () => {
    const { owner, email, password } = await addOrganization(server, { name: 'codes', planId: 'enterprise' });
    const { secret } = await server.core.prepareSecondFactor(owner, password);
    const codeNow = () => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() });
    setBy = -60_000;
    const late = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: wall() });
    await server.core.confirmSecondFactor(owner, late);
    setBy = 2 * hour;
    expect(await statusOf('kw_nothing')).toBe(401);
    setBy = 0;
    expect((await post('/v1/login', { email, password, code: codeNow() })).status).toBe(200);
  });
});
