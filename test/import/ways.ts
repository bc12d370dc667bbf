// Every way in which an API token is presented, and what it is answered. For tests only.

import type { Verifier } from '../../sdk/src/index.ts';
import type { TestServer } from '../server.ts';
import { call } from '../wire/native/calls.ts';

export type Way = (secret: string, id: string) => Promise<'in' | 'out' | number>;

/** `verifier`: one of the SDK's, of the same server; `asker`: the secret of a token that may verify credentials. */
export function waysOf(server: TestServer, verifier: Verifier, asker: string): Record<string, Way> {
  const inOrOut = (status: number, right: readonly number[] = [200]): 'in' | 'out' | number => {
    if (right.includes(status)) return 'in';
    return status === 401 || status === 400 || status === 403 ? 'out' : status;
  };
  const get = (path: string, headers: Record<string, string>) =>
    call(server, 'GET', path, undefined, undefined, headers);
  const basic = (name: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
  });
  const form = (authorization: Record<string, string>, fields: Record<string, string>) =>
    call(server, 'POST', '/oauth/token', undefined, new URLSearchParams(fields).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
      ...authorization,
    });
  return {
    check: async (secret) => inOrOut((await call(server, 'GET', '/v1/check', secret)).status, [200]),
    self: async (secret) => inOrOut((await call(server, 'GET', '/v1/self', secret)).status),
    'check off the fast path': async (secret) =>
      inOrOut((await get('/v1/check?permissions=read:funds', { authorization: `bearer  ${secret}` })).status),
    'a guarded route': async (secret) =>
      inOrOut((await get('/v2/funds', { authorization: `Bearer ${secret}` })).status, [200]),
    'the apiToken scheme': async (secret) =>
      inOrOut((await get('/api-versio.db/1.0/acme', { authorization: `apiToken ${secret}` })).status, [200]),
    'the apiToken parameter': async (secret) =>
      inOrOut((await get(`/api-versio.db/1.0/acme?apiToken=${encodeURIComponent(secret)}`, {})).status, [200]),
    'forward-auth': async (secret) => {
      const told = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/v2/funds', 'x-forwarded-proto': 'https' };
      return inOrOut((await get('/forward-auth', { ...told, authorization: `Bearer ${secret}` })).status);
    },
    verify: async (secret) => {
      const { body } = await call<{ allowed: boolean }>(server, 'POST', '/v1/verify', asker, { credential: secret });
      return body.allowed ? 'in' : 'out';
    },
    'the exchange of native': async (secret) =>
      inOrOut((await call(server, 'POST', '/v1/access-tokens', undefined, { apiToken: secret, form: 'jwt' })).status),
    'the exchange of Debricked': async (secret) =>
      inOrOut((await call(server, 'POST', '/api/login_refresh', undefined, { refresh_token: secret })).status),
    'Basic at the endpoint of Parsers': async (secret) =>
      inOrOut((await call(server, 'POST', '/v2/auth/token', undefined, undefined, basic(secret, ''))).status),
    'Basic at the OAuth token endpoint': async (secret, id) => {
      const encoded = new URLSearchParams({ secret }).toString().slice('secret='.length);
      return inOrOut((await form(basic(id, encoded), { grant_type: 'client_credentials' })).status);
    },
    'the body at the OAuth token endpoint': async (secret, id) =>
      inOrOut((await form({}, { grant_type: 'client_credentials', client_id: id, client_secret: secret })).status),
    'the token exchange': async (secret) => {
      const type = 'urn:ietf:params:oauth:token-type:access_token';
      const grant = 'urn:ietf:params:oauth:grant-type:token-exchange';
      return inOrOut((await form({}, { grant_type: grant, subject_token: secret, subject_token_type: type })).status);
    },
    introspection: async (secret) => {
      const answer = await call<{ active: boolean }>(
        server,
        'POST',
        '/oauth/introspect',
        asker,
        new URLSearchParams({ token: secret }).toString(),
        { 'content-type': 'application/x-www-form-urlencoded' },
      );
      return answer.status === 200 ? (answer.body.active ? 'in' : 'out') : answer.status;
    },
    "an SDK's verifier": async (secret) => ((await verifier.verify(secret)).allowed ? 'in' : 'out'),
  };
}
