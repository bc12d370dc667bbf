// What somebody may do is asked at every check: a permission that is taken away is gone at the next one, however long
// the credential lives, and in every form of it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenShape } from '../../server/src/core/tokens/issue.ts';
import { startServer, type TestServer } from '../server.ts';

const shapes: Record<string, TokenShape> = {
  'a JWT': { form: 'oauth', lifetimeMs: 3_600_000 },
  'a Debricked JWT': { form: 'debricked', lifetimeMs: 3_600_000 },
  'a Parsers JWT': { form: 'parsers', lifetimeMs: 3_600_000 },
  'a sealed token': { form: 'sealed', lifetimeMs: 3_600_000 },
  'a sealed token that outlives deactivations': { form: 'sealed', lifetimeMs: 3_600_000, outlivesDeactivation: true },
};

describe.each(['sqlite', 'postgres'] as const)('on %s, a permission that was taken from a role', (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database, permissions: ['read:other'] });
  });
  afterAll(() => server.stop());

  /** An API user of a role that holds `read:funds`, with every credential that there is. */
  async function someone(role: string) {
    const { core, asOwner } = server;
    await core.createRole(asOwner, { name: role, permissions: ['read:*', 'manage:own_api_key'] });
    const { apiUser, password } = await core.createApiUser(asOwner, { name: 'Someone', role });
    const proof = { kind: 'password', username: apiUser.username, password } as const;
    const credentials = new Map<string, string>();
    for (const [name, shape] of Object.entries(shapes)) {
      const answer = await core.exchange({ proof, shape: () => shape });
      if (!answer.allowed) throw new Error(answer.reason);
      credentials.set(name, answer.token);
    }
    const caller = await server.callerFor({ type: 'api_user', id: apiUser.id });
    const { secret } = await core.createApiToken(caller, { permissions: ['read:funds'] });
    const wide = await core.createApiToken(caller, { permissions: ['read:*'] });
    return {
      id: apiUser.id,
      credentials: credentials.set('an API token', secret).set('a wide API token', wide.secret),
    };
  }

  const verdicts = async (credentials: ReadonlyMap<string, string>) => {
    const found: Record<string, string> = {};
    for (const [name, credential] of credentials) {
      const verdict = await server.core.inspect(credential, { permissions: ['read:funds'] });
      found[name] = verdict.allowed ? 'allowed' : verdict.reason;
    }
    return found;
  };
  const all = (verdict: string) =>
    Object.fromEntries([...Object.keys(shapes), 'an API token', 'a wide API token'].map((name) => [name, verdict]));

  test('is gone at the next check, for credentials of every form [S36]', async () => {
    const { credentials } = await someone('narrowed');
    // Twice, so that the second answer comes from memory.
    expect(await verdicts(credentials)).toEqual(all('allowed'));
    expect(await verdicts(credentials)).toEqual(all('allowed'));
    await server.core.updateRole(server.asOwner, 'narrowed', { permissions: ['read:other'] });
    expect(await verdicts(credentials)).toEqual(all('missing_permission'));
    await server.core.updateRole(server.asOwner, 'narrowed', { permissions: ['read:funds'] });
    expect(await verdicts(credentials)).toEqual(all('allowed'));
  });

  test('is gone with the role, when its holder is given another [S36]', async () => {
    const { id, credentials } = await someone('left');
    expect(await verdicts(credentials)).toEqual(all('allowed'));
    await server.core.updateApiUser(server.asOwner, id, { role: 'member' });
    expect(await verdicts(credentials)).toEqual(all('missing_permission'));
  });
});
