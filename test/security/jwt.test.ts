// Forged and misshapen JWTs at the whole server: each is refused as an invalid token, asks nothing of the database and
// nothing of anybody else.

import { createHmac, createPublicKey, createSign, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Connection, openConnection } from '../bad-input/http-client.ts';
import { ownerToken } from '../bad-input/owner-token.ts';
import { startServer, type TestServer } from '../server.ts';
import { statementsRun } from './statement-counter.ts';

let server: TestServer;
let connection: Connection;
let good: { header: Record<string, unknown>; claims: Record<string, unknown>; token: string };
let visits = 0;
const elsewhere = createServer((_request, response) => {
  visits += 1;
  response.end('{"keys":[]}');
});

beforeAll(async () => {
  server = await startServer();
  connection = openConnection(server.url);
  const token = await ownerToken(server);
  const [header = '', claims = ''] = token.split('.');
  good = { token, header: decoded(header), claims: decoded(claims) };
  await new Promise<void>((listening) => elsewhere.listen(0, '127.0.0.1', listening));
});

afterAll(async () => {
  connection.close();
  elsewhere.close();
  await server.stop();
});

function decoded(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

function encoded(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** The good token's signature over another header. */
function withHeader(change: Record<string, unknown> | string): string {
  const header = typeof change === 'string' ? change : { ...good.header, ...change };
  const [, claims, signature] = good.token.split('.');
  return `${encoded(header)}.${claims}.${signature}`;
}

async function expectRefused(tokens: readonly string[]): Promise<void> {
  expect((await self(good.token)).status).toBe(200);
  const before = statementsRun();
  for (const token of tokens) {
    const reply = await self(token);
    const shown = token.slice(0, 150);
    expect.soft(reply.status, shown).toBe(401);
    expect
      .soft(JSON.parse(reply.body), shown)
      .toMatchObject({ type: expect.stringMatching(/\/problems\/invalid_credential$/) });
  }
  // A chore may have run meanwhile; one question for each is what must not be.
  expect(statementsRun() - before).toBeLessThan(tokens.length / 2);
  expect(visits).toBe(0);
}

function self(token: string) {
  return connection.send({ method: 'GET', target: '/v1/self', headers: [['Authorization', `Bearer ${token}`]] });
}

describe('a JWT is refused', () => {
  test('that names an algorithm which its key does not have, or none [S28]', async () => {
    const names = [
      'none',
      'None',
      'nOnE',
      'NONE',
      '',
      'HS256',
      'HS512',
      'RS256',
      'PS256',
      'ES384',
      'EdDSA',
      'es256',
      null,
      1,
      ['ES256'],
    ];
    const tokens = names.map((alg) => withHeader({ alg }));
    await expectRefused([...tokens, ...tokens.map((token) => token.slice(0, token.lastIndexOf('.') + 1))]);
  });

  test('that is signed with a public key as if it were a secret [S28]', async () => {
    const { keys } = (await (await fetch(`${server.url}/.well-known/jwks.json`)).json()) as {
      keys: (JsonWebKey & { kid: string })[];
    };
    const tokens = keys.flatMap(({ kid, ...jwk }) => {
      const key = createPublicKey({ key: jwk, format: 'jwk' });
      const secrets = [
        key.export({ format: 'pem', type: 'spki' }),
        key.export({ format: 'der', type: 'spki' }),
        JSON.stringify(jwk),
      ];
      const input = `${encoded({ ...good.header, alg: 'HS256', kid })}.${encoded(good.claims)}`;
      return secrets.map((secret) => `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`);
    });
    expect(tokens.length).toBeGreaterThanOrEqual(9);
    await expectRefused(tokens);
  });

  test('that brings its own key, or says where there is one; nobody is asked for it [S29]', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/jwks.json`;
    const own = pair.publicKey.export({ format: 'jwk' });
    const brought = [
      { jwk: own },
      { jku: url },
      { x5u: url },
      { x5c: ['MIIB'] },
      { jku: url, kid: 'mine' },
      { kid: url },
    ];
    const tokens = brought.map((more) => {
      const input = `${encoded({ ...good.header, ...more })}.${encoded(good.claims)}`;
      const key = { key: pair.privateKey, dsaEncoding: 'ieee-p1363' } as const;
      return `${input}.${createSign('sha256').update(input).sign(key).toString('base64url')}`;
    });
    await expectRefused(tokens);
  });

  test('whose key id is none of ours, whatever it is [S30]', async () => {
    const kids = [
      '',
      '../../etc/passwd',
      "' OR 1=1 --",
      'a\u0000b',
      'x'.repeat(5000),
      '__proto__',
      'constructor',
      `${good.header.kid} `,
      '*',
      '0',
    ];
    const odd = [null, 0, true, [good.header.kid], { kid: good.header.kid }, undefined];
    await expectRefused([...kids, ...odd].map((kid) => withHeader({ kid })));
    const twice = JSON.stringify(good.header).replace('{', `{"kid":"x",`);
    await expectRefused([withHeader(twice), withHeader(JSON.stringify(good.header).replace('}', `,"kid":"x"}`))]);
  });

  test('of another shape or type [S31] [S32] [S33]', async () => {
    const [header = '', claims = '', signature = ''] = good.token.split('.');
    const general = JSON.stringify({ payload: claims, signatures: [{ protected: header, signature }] });
    await expectRefused([
      ...[{ crit: ['exp'] }, { crit: [] }, { b64: false, crit: ['b64'] }, { zip: 'DEF' }, { cty: 'JWT' }].map(
        withHeader,
      ),
      ...[{ typ: 'JWT' }, { typ: 'at+JWT ' }, { typ: 'application/json' }, { typ: null }, { typ: undefined }].map(
        withHeader,
      ),
      ...[`${good.token}.`, `.${good.token}`, `${good.token}.x.y`, `${header}.${claims}`, `${header}..${signature}`],
      ...[`${good.token}=`, `${header}=.${claims}.${signature}`, `${header}.${claims}.${signature}A`, encoded(general)],
      ...[`${header}.${claims}.${signature.slice(0, -1)}`, `${header}.${claims}.`, '..', 'e30.e30.e30'],
    ]);
  });

  test('in 63 of the 64 spellings of its last character [S32]', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const spellings = [...alphabet].map((last) => good.token.slice(0, -1) + last);
    const statuses = await Promise.all(
      spellings.map((token) => fetch(`${server.url}/v1/self`, { headers: { authorization: `Bearer ${token}` } })),
    );
    expect(statuses.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(statuses.filter(({ status }) => status === 401)).toHaveLength(63);
  });
});
