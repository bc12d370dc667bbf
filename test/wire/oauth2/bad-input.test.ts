// Bad input at every endpoint of OAuth: parameters that are missing, empty, repeated, huge, of other bytes or other names, another
// media type, another method. The answer is the RFC's own error, never an error of the server, and nothing is stored.

import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Server } from '../../../server/src/assemble.ts';
import { publicIdOf } from '../../../server/src/core/secret.ts';
import { addOrganization, assembleAt, newPlace, register, type TestPlace } from '../../assembled-server.ts';
import { type Call, type Connection, openConnection, type Reply } from '../../bad-input/http-client.ts';
import { pkce } from './application-flow.ts';
import { accessTokenType, exchangeGrant } from './clients.ts';

const runs = Number(process.env.KEYWARD_FUZZ_RUNS ?? 150);

let place: TestPlace;
let server: Server;
let connection: Connection;
let values: Record<string, string>;

beforeAll(async () => {
  place = await newPlace();
  server = await assembleAt({ place, settings: { signInFailures: 1_000_000 } });
  await register(server, 'read:funds');
  const { core } = server;
  const { owner } = await addOrganization(server, { name: 'acme', isOperator: true, planId: 'enterprise' });
  const { apiUser, password } = await core.createApiUser(owner, { name: 'Robot', role: 'admin' });
  const redirectUris = ['https://reports.example/callback'];
  const asked = { name: 'Reports', type: 'confidential', redirectUris, permissions: ['read:funds'] } as const;
  const made = await core.createApplication(owner, asked);
  const { token, secret } = await core.createApiToken(owner, { permissions: ['read:funds'], use: 'both' });
  values = {
    apiUser: apiUser.id,
    password,
    application: made.application.id,
    applicationSecret: made.secret ?? '',
    redirectUri: redirectUris[0] ?? '',
    apiToken: secret,
    publicId: publicIdOf(token.id),
    verifier: pkce().verifier,
    challenge: pkce().challenge,
    // Of the form of what there is.
    code: 'c'.repeat(43),
    refreshToken: `RT1${'r'.repeat(86)}`,
  };
  connection = openConnection(await server.listen());
  // With the port that it has by now.
  values.api = core.publicAddress();
});
afterAll(async () => {
  connection?.close();
  await server?.close();
  place?.remove();
});

interface Target {
  method: 'POST' | 'GET';
  path: string;
  /** What a good request has; `$` stands before what is known only once the server runs. */
  parameters: Record<string, string>;
}

const asRobot = { client_id: '$apiUser', client_secret: '$password' };
const asApplication = { client_id: '$application', client_secret: '$applicationSecret' };
const atToken = (parameters: Record<string, string>): Target => ({ method: 'POST', path: '/oauth/token', parameters });

const targets: Record<string, Target> = {
  'client_credentials at the token endpoint': atToken({
    grant_type: 'client_credentials',
    ...asRobot,
    scope: 'read:funds',
    resource: '$api',
    requested_token_type: accessTokenType,
    expires_in: '600',
  }),
  'client_credentials with an assertion at the token endpoint': atToken({
    grant_type: 'client_credentials',
    client_id: '$apiUser',
    client_assertion: 'e30.e30.e30',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  }),
  'authorization_code at the token endpoint': atToken({
    grant_type: 'authorization_code',
    ...asApplication,
    code: '$code',
    redirect_uri: '$redirectUri',
    code_verifier: '$verifier',
  }),
  'refresh_token at the token endpoint': atToken({
    grant_type: 'refresh_token',
    ...asApplication,
    refresh_token: '$refreshToken',
    scope: 'read:funds',
  }),
  'device_code at the token endpoint': atToken({
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    ...asApplication,
    device_code: '$code',
  }),
  'token exchange at the token endpoint': atToken({
    grant_type: exchangeGrant,
    client_id: '$publicId',
    client_secret: '$apiToken',
    subject_token: '$apiToken',
    subject_token_type: accessTokenType,
    scope: 'read:funds',
    audience: 'default',
  }),
  'another grant at the token endpoint': atToken({ grant_type: 'password', username: 'ann', password: 'secret' }),
  introspection: {
    method: 'POST',
    path: '/oauth/introspect',
    parameters: { ...asRobot, token: '$apiToken', token_type_hint: 'access_token', address: '192.0.2.1' },
  },
  revocation: {
    method: 'POST',
    path: '/oauth/revoke',
    parameters: { ...asRobot, token: 'x', token_type_hint: 'refresh_token' },
  },
  'the device endpoint': {
    method: 'POST',
    path: '/oauth/device',
    parameters: { ...asApplication, scope: 'read:funds', resource: '$api', dpop_jkt: '$challenge' },
  },
  'the authorization endpoint': {
    method: 'GET',
    path: '/oauth/authorize',
    parameters: {
      client_id: '$application',
      redirect_uri: '$redirectUri',
      response_type: 'code',
      response_mode: 'query',
      code_challenge: '$challenge',
      code_challenge_method: 'S256',
      dpop_jkt: '$challenge',
      state: 'a state',
      scope: 'read:funds',
      resource: '$api',
      prompt: 'login',
    },
  },
  'the metadata': { method: 'GET', path: '/.well-known/oauth-authorization-server', parameters: {} },
  'the metadata of an API': { method: 'GET', path: '/.well-known/oauth-protected-resource', parameters: {} },
};

/** A request before it is put together. Names and values are encoded already. */
interface Sent {
  method: string;
  path: string;
  pairs: [string, string][];
  headers: [string, string][];
  /** In place of the form. */
  body: ((pairs: Sent['pairs']) => string) | null;
  /** Where the pairs of a form go. */
  isInQuery: boolean;
}

type Mutation = (sent: Sent) => void;

const at = ({ pairs }: Sent, place: number) => (pairs.length === 0 ? 0 : place % pairs.length);
const form = 'application/x-www-form-urlencoded';
const encoded = (text: string) => encodeURIComponent(text.toWellFormed());

/** In place of a value; encoded. */
const oddValue = fc.oneof(
  fc.constantFrom(
    '',
    '%00',
    'a%00b',
    '%FF',
    '%C3%28',
    '%ED%A0%80',
    '%',
    '%zz',
    '%F0%9F%98',
    '\xff\xfe',
    '%0D%0AX-Evil:+1',
    '*',
    ' ',
  ),
  fc.constantFrom('%5B%22a%22%5D', '%7B%7D', 'null', 'true', '-1', '1e400', '..%2F..', "'%20or%201=1--", '__proto__'),
  fc.integer({ min: 1, max: 4 }).map((power) => 'x'.repeat(10 ** power)),
  fc.string({ unit: 'binary', maxLength: 60 }).map(encoded),
  fc.constantFrom(70_000, 200_000).map((length) => 'y'.repeat(length)),
);

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.nat(50).map(
    (place): Mutation =>
      (sent) =>
        void sent.pairs.splice(at(sent, place), 1),
  ),
  fc.tuple(fc.nat(50), oddValue).map(
    ([place, value]): Mutation =>
      (sent) => {
        const pair = sent.pairs[at(sent, place)];
        if (pair !== undefined) pair[1] = value;
      },
  ),
  fc.tuple(fc.nat(50), fc.option(oddValue)).map(
    ([place, value]): Mutation =>
      (sent) => {
        const [name, own] = sent.pairs[at(sent, place)] ?? ['scope', 'x'];
        sent.pairs.push([name, value ?? own]);
      },
  ),
  fc.tuple(fc.nat(50), fc.constantFrom('[]', '%5B%5D', '[a]', '.a', '%00', '%20', '%FF')).map(
    ([place, end]): Mutation =>
      (sent) => {
        const pair = sent.pairs[at(sent, place)];
        if (pair !== undefined) pair[0] += end;
      },
  ),
  fc
    .tuple(
      fc.constantFrom('__proto__', 'constructor', 'toString', '', 'x', 'scope', 'client_secret', 'dpop', 'receipt'),
      oddValue,
    )
    .map(
      ([name, value]): Mutation =>
        (sent) =>
          void sent.pairs.push([name, value]),
    ),
  fc
    .constantFrom(
      'application/json',
      'text/plain',
      'multipart/form-data; boundary=x',
      `${form}; charset=utf-16`,
      'form',
      '',
      '*/*',
    )
    .map(
      (type): Mutation =>
        (sent) => {
          sent.headers = [...sent.headers.filter(([name]) => name !== 'Content-Type'), ['Content-Type', type]];
        },
    ),
  fc.constantFrom(form, 'application/json').map(
    (type): Mutation =>
      (sent) => {
        sent.headers = [...sent.headers.filter(([name]) => name !== 'Content-Type'), ['Content-Type', type]];
        sent.body = (pairs) => JSON.stringify(Object.fromEntries(pairs));
      },
  ),
  fc.constantFrom('{"grant_type":', '[]', '"x"', '\0', '&&&&', '=', '&'.repeat(500), 'a=b&'.repeat(200)).map(
    (text): Mutation =>
      (sent) => {
        sent.body = () => text;
      },
  ),
  fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND').map(
    (method): Mutation =>
      (sent) => {
        sent.method = method;
      },
  ),
  fc.constant((sent: Sent) => {
    sent.isInQuery = !sent.isInQuery;
  }),
  fc
    .constantFrom<[string, string]>(
      ['Authorization', 'Basic'],
      ['Authorization', 'Basic !!!'],
      ['Authorization', `Basic ${Buffer.from('\xff:\xff', 'latin1').toString('base64')}`],
      ['Authorization', 'Bearer x'],
      ['Authorization', 'DPoP x'],
      ['Authorization', 'Negotiate x'],
      ['DPoP', 'x'],
      ['DPoP', ''],
      ['DPoP', `${'a'.repeat(3000)}.b.c`],
      ['Content-Encoding', 'gzip'],
      ['Accept', 'text/html'],
      ['Origin', 'https://evil.example'],
    )
    .map(
      (header): Mutation =>
        (sent) =>
          void sent.headers.push(header),
    ),
);

function callOf({ method, path, parameters }: Target, mutations: readonly Mutation[]): Call {
  const isForm = method === 'POST';
  const filled = Object.entries(parameters).map(([name, value]): [string, string] => [
    name,
    encoded(value.startsWith('$') ? (values[value.slice(1)] ?? '') : value),
  ]);
  const headers: [string, string][] = isForm ? [['Content-Type', form]] : [];
  const sent: Sent = { method, path, pairs: filled, headers, body: null, isInQuery: !isForm };
  for (const mutate of mutations) mutate(sent);
  const text = sent.pairs.map(([name, value]) => `${name}=${value}`).join('&');
  const body = sent.body !== null ? sent.body(sent.pairs) : sent.isInQuery ? '' : text;
  // What cannot stand in a request line is no request at all, which is not what is looked at here.
  const query = sent.isInQuery && text !== '' ? `?${text.replaceAll(/[^\x21-\x7e]/g, '%20')}` : '';
  return {
    method: sent.method,
    target: sent.path + query,
    headers: sent.headers,
    ...((isForm || body !== '') && { body: Buffer.from(body, 'latin1') }),
  };
}

/** RFC 6749 section 5.2, RFC 7009 section 2.2.1, RFC 8628 section 3.5, RFC 8707 section 2, RFC 9449 sections 5 and 8; RFC 6750 section 3.1. */
const errors: Readonly<Record<number, readonly string[]>> = {
  400: [
    ...['invalid_request', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope'],
    ...['invalid_target', 'unsupported_token_type', 'invalid_dpop_proof', 'use_dpop_nonce'],
    ...['authorization_pending', 'slow_down', 'access_denied', 'expired_token'],
  ],
  401: ['invalid_client', 'invalid_token', 'invalid_dpop_proof', 'use_dpop_nonce'],
  403: ['insufficient_scope'],
  404: ['invalid_request'],
  405: ['invalid_request'],
  413: ['invalid_request'],
  414: ['invalid_request'],
  415: ['invalid_request'],
};

/** What is wrong with an answer; undefined if it is one that a client can read. */
function faultOf({ status, headers, body }: Reply, { method, target }: Call): string | undefined {
  // Before anyone knows what is asked: the head is too large.
  if (status === 431) return target.length > 8000 ? undefined : 'The head was taken for too large.';
  if (status < 300 || status === 302)
    return target.startsWith('/oauth/authorize') ? redirectFault(status, headers) : undefined;
  if (headers.get('cache-control') !== 'no-store') return `It may be stored: ${headers.get('cache-control')}.`;
  if (status === 401 && !headers.has('www-authenticate')) return 'It names no way to authenticate.';
  if (status === 405 && !headers.has('allow')) return 'It names no method.';
  if (method === 'HEAD') return errors[status] === undefined ? 'An unknown status.' : undefined;
  const type = headers.get('content-type');
  if (status === 400 && target.startsWith('/oauth/authorize') && type === 'text/html; charset=utf-8') return undefined;
  if (type !== 'application/json; charset=utf-8') return `It is ${type}.`;
  const { error, error_description: text, ...more } = JSON.parse(body);
  if (!errors[status]?.includes(error)) return `${error} is no error of ${status}.`;
  if (Object.keys(more).length > 0) return `It says more: ${Object.keys(more)}.`;
  return /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/.test(text) ? undefined : `Its description is ${JSON.stringify(text)}.`;
}

/** Nobody is sent anywhere but to the page that asks and to where the application said. */
function redirectFault(status: number, headers: Reply['headers']): string | undefined {
  if (status !== 302) return 'Nobody was sent anywhere.';
  const location = new URL(headers.get('location') ?? '');
  const where = location.origin + location.pathname;
  if (where === `${values.api}/consent`) return undefined;
  if (where !== values.redirectUri) return `Somebody was sent to ${where}.`;
  const isWhole = location.searchParams.get('iss') === values.api && location.searchParams.has('error');
  return isWhole && !location.searchParams.has('code') ? undefined : `The answer is ${location.search}.`;
}

/** All that is kept but for what calls leave behind when they are counted, and the server's own time. */
function storedRows(): Record<string, unknown[]> {
  const file = new Sqlite(join(place.folder, 'data', 'keyward.db'), { readonly: true });
  const uncounted = "name not in ('last_used', 'usage_counts', 'leases', 'server_time')";
  const tables = file.prepare<[], { name: string }>(
    `select name from sqlite_master where type = 'table' and ${uncounted}`,
  );
  const rows = tables
    .all()
    .map(({ name }): [string, unknown[]] => [name, file.prepare(`select * from "${name}"`).all()]);
  file.close();
  return Object.fromEntries(rows);
}

describe('bad input', () => {
  it('is held against every grant that there is', async () => {
    const found = await fetch(`${values.api}/.well-known/oauth-authorization-server`);
    const { grant_types_supported: grants } = (await found.json()) as { grant_types_supported: string[] };
    const tried = Object.values(targets).map(({ parameters }) => parameters.grant_type);
    expect(tried).toEqual(expect.arrayContaining(grants));
  });

  it.each(Object.entries(targets))(
    'to %s is answered by the RFC’s own error, and nothing is stored [S46] [S84]',
    async (_, target) => {
      const before = storedRows();
      const statuses = new Set<number>();
      await fc.assert(
        fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
          const call = callOf(target, mutations);
          const reply = await connection.send(call);
          statuses.add(reply.status);
          const shown = `${call.method} ${call.target.slice(0, 300)}\n${call.headers.join('\n')}\n\n${String(call.body).slice(0, 300)}`;
          expect(reply.status, shown).toBeLessThan(500);
          expect(faultOf(reply, call), `${shown}\n\n${reply.status} ${reply.body.slice(0, 300)}`).toBeUndefined();
          for (const secret of ['password', 'applicationSecret', 'apiToken']) {
            expect(reply.body.includes(values[secret] ?? ''), shown).toBe(false);
          }
        }),
        { numRuns: runs },
      );
      // A generator that only ever met one wall would prove nothing.
      expect(statuses.size).toBeGreaterThan(2);
      expect(storedRows()).toEqual(before);
    },
  );

  it('leaves a server that is well', async () => {
    expect((await fetch(`${values.api}/readyz`)).status).toBe(200);
  });
});
