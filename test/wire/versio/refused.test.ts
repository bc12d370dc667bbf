// Everything that is wrong with a Versio token is 401: there is no 403 on this wire.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { call, environmentToken, path } from './environment.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const notValid = { status: 401, message: 'Unauthorized', details: ['The API token is not valid.'] };

async function refusal(response: Response): Promise<{ details: string[] }> {
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('apiToken realm="keyward"');
  expect(response.headers.get('cache-control')).toBe('no-store');
  return (await response.json()) as { details: string[] };
}

it('answers 401 and names the scheme when no token is sent [S7]', async () => {
  const body = await refusal(await call(server));
  expect(body).toEqual({ ...notValid, details: ['This call needs an API token.'] });
});

it.each(['apiToken', 'apiToken  ', 'apiToken 8as7bf9a8s7498svaps8dfabsf', 'apiToken kw_x', 'Basic YTpi', 'Unheard of'])(
  'answers 401 to %j',
  async (authorization) => {
    await refusal(await call(server, authorization));
  },
);

it('answers an unknown, a deactivated and a deleted token alike', async () => {
  const inactive = await environmentToken(server, 'inactive');
  await server.core.deactivateApiToken(server.asOwner, { id: inactive.token.id });
  const deleted = await environmentToken(server, 'deleted');
  await server.core.deleteApiToken(server.asOwner, { id: deleted.token.id });
  for (const secret of ['kw_nothing', inactive.secret, deleted.secret]) {
    const response = await call(server, `apiToken ${secret}`);
    const text = await response.clone().text();
    expect(await refusal(response)).toEqual(notValid);
    expect(text).not.toContain(secret);
  }
});

it('answers 401, not 403, to a token that lacks the permission, and says which', async () => {
  const { secret } = await environmentToken(server, 'weak', { permissions: ['read:files'] });
  for (const response of [
    await call(server, `apiToken ${secret}`),
    await call(server, undefined, `${path}?apiToken=${secret}`),
  ]) {
    expect((await refusal(response)).details).toEqual([
      'The API token lacks a required permission. Required: read:environment.',
    ]);
  }
});

it('answers 401 to a token on the path of another environment, whether that exists or not [S53]', async () => {
  const { owner: stranger } = await server.addOrganization('elsewhere');
  const { secret } = await environmentToken(server, 'ours');
  const words = ['The API token does not belong to this environment.'];
  for (const environment of ['elsewhere', 'nowhere', 'ACME', 'acme%20']) {
    const response = await call(server, `apiToken ${secret}`, `/api-versio.db/1.0/${environment}`);
    expect((await refusal(response)).details).toEqual(words);
  }
  const { secret: theirs } = await server.core.createApiToken(stranger.caller, { permissions: ['*:*'] });
  expect((await refusal(await call(server, `apiToken ${theirs}`))).details).toEqual(words);
  expect((await call(server, `apiToken ${theirs}`, '/api-versio.db/1.0/elsewhere')).status).toBe(200);
});

it('answers 401 to a token that may only be exchanged', async () => {
  const { secret } = await environmentToken(server, 'exchange-only', { use: 'exchange' });
  expect((await refusal(await call(server, `apiToken ${secret}`))).details).toEqual([
    'This API token can only be exchanged for an access token.',
  ]);
});

it('answers 401 from the very millisecond at which a token ends', async () => {
  const expiresAt = server.clock.now() + 60_000;
  const { secret } = await environmentToken(server, 'ending', { expiresAt });
  server.clock.advance(59_999);
  expect((await call(server, `apiToken ${secret}`)).status).toBe(200);
  server.clock.advance(1);
  expect((await refusal(await call(server, `apiToken ${secret}`))).details).toEqual(['The API token has expired.']);
});
