// Which API users there are is told by nothing that takes time: whoever does not get in is answered on one path.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessTokenSource } from '../../server/src/core/caller/source.ts';
import { startServer, type TestServer } from '../server.ts';

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database });
  });
  afterAll(() => server?.stop());

  test('absent, wrong, deactivated and deleted ask the same of the database, and no record is read [S22]', async () => {
    const make = () => server.core.createApiUser(server.asOwner, { name: 'Robot', role: 'viewer' });
    const [present, inactive, gone] = [await make(), await make(), await make()];
    await server.core.deactivateApiUser(server.asOwner, inactive.apiUser.id);
    await server.core.deleteApiUser(server.asOwner, gone.apiUser.id);
    const { credentials } = server.store;
    const { bySource } = credentials;
    const asked: AccessTokenSource[] = [];
    credentials.bySource = (source) => {
      asked.push(source);
      return bySource(source);
    };
    const attempt = async (username: string, password: string) => {
      asked.length = 0;
      const { status } = await fetch(`${server.url}/api/v1/authorize`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username, password }),
      });
      return { status, asked: [...asked] };
    };
    const absent = await attempt(present.apiUser.username.replace(/^.{36}/, randomUUID()), present.password);
    expect(absent.asked).toHaveLength(1);
    expect(await bySource(absent.asked[0] as AccessTokenSource)).toBeNull();
    expect(await attempt(present.apiUser.username, gone.password)).toEqual(absent);
    for (const { apiUser, password } of [inactive, gone])
      expect(await attempt(apiUser.username, password)).toEqual(absent);
    const right = await attempt(present.apiUser.username, present.password);
    expect([right.status, right.asked[0]?.id]).toEqual([200, present.apiUser.id]);
  });
});
