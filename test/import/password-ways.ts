// Every way in which an API user shows its name and password, and what it is answered. For tests only.

import type { TestServer } from '../server.ts';
import { call } from '../wire/native/calls.ts';

export type PasswordWay = (username: string, password: string, from: string) => Promise<number>;

const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** `from`: the client's address, as a trusted proxy tells it. */
export function passwordWaysOf(server: TestServer): Record<string, PasswordWay> {
  const post = async (path: string, body: unknown, from: string, headers: Record<string, string> = {}) =>
    (await call(server, 'POST', path, undefined, body, { 'x-forwarded-for': from, ...headers })).status;
  const fields = (all: Record<string, string>) => new URLSearchParams(all).toString();
  const basic = (name: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
  });
  const encoded = (text: string) => fields({ text }).slice('text='.length);
  const ownGrant = { grant_type: 'client_credentials' };
  return {
    RebelCore: (username, password, from) => post('/api/v1/authorize', { username, password }, from),
    native: (username, password, from) => post('/v1/access-tokens', { username, password, form: 'jwt' }, from),
    Debricked: (username, password, from) =>
      post('/api/login_check', fields({ _username: username, _password: password }), from, form),
    'Basic of Parsers': (username, password, from) =>
      post('/v2/auth/token', undefined, from, basic(username, password)),
    'Basic of OAuth': (username, password, from) =>
      post('/oauth/token', fields(ownGrant), from, { ...form, ...basic(encoded(username), encoded(password)) }),
    'the body of OAuth': (username, password, from) =>
      post('/oauth/token', fields({ ...ownGrant, client_id: username, client_secret: password }), from, form),
    introspection: (username, password, from) =>
      post('/oauth/introspect', fields({ token: 'x' }), from, {
        ...form,
        ...basic(encoded(username), encoded(password)),
      }),
    revocation: (username, password, from) =>
      post('/oauth/revoke', fields({ token: 'x' }), from, { ...form, ...basic(encoded(username), encoded(password)) }),
  };
}
