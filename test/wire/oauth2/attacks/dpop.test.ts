// Attacks on proofs of possession (RFC 9449 section 11) that are not met elsewhere: proofs that are kept, made beforehand or moved
// to another place. docs/standards.md lists all of them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyHolder, type ProofParts, proofBy } from '../../../dpop.ts';
import { startServer, type TestServer } from '../../../server.ts';
import { apiUserClient, type Client, call, exchange, post } from '../clients.ts';

const holder = keyHolder();
let server: TestServer;
let client: Client;

beforeAll(async () => {
  server = await startServer({ permissions: ['read:funds'] });
  client = await apiUserClient(server);
});
afterAll(() => server?.stop());

const proof = (path: string, parts: Partial<ProofParts> = {}, by = holder) =>
  proofBy(by, {
    method: 'GET',
    url: server.url + path,
    nonce: server.core.dpopNonce(),
    now: server.clock.now(),
    ...parts,
  });
const atToken = (dpop: string) =>
  post(server, '/oauth/token', { grant_type: 'client_credentials', scope: 'read:funds' }, client, { dpop });
const boundToken = async () => (await atToken(proof('/oauth/token', { method: 'POST' }))).body.access_token as string;
const use = (token: string, dpop: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/v1/check`, { headers: { authorization: `DPoP ${token}`, dpop, ...headers } });

describe('a proof', () => {
  it('that is moved between the endpoints, or from one token to another, is of no use', async () => {
    const [one, other] = [await boundToken(), await boundToken()];
    const forToken = proof('/oauth/token', { method: 'POST' });
    expect((await use(one, forToken)).status).toBe(401);
    const forCall = proof('/v1/check', { accessToken: one });
    expect((await atToken(forCall)).body.error).toBe('invalid_dpop_proof');
    expect((await use(other, proof('/v1/check', { accessToken: one }))).status).toBe(401);
    expect((await use(one, proof('/v1/self', { accessToken: one }))).status).toBe(401);
  });

  it('that was used is of no use after a restart, where nobody remembers it [S42]', async () => {
    const token = await boundToken();
    const dpop = proof('/v1/check', { accessToken: token });
    expect((await use(token, dpop)).status).toBe(200);
    await server.restart();
    expect((await use(token, dpop)).status).toBe(401);
    expect((await use(token, proof('/v1/check', { accessToken: token }))).status).toBe(200);
  });

  it('that was made beforehand is of no use later, whatever time it says', async () => {
    const token = await boundToken();
    const nonce = server.core.dpopNonce();
    const later = server.clock.now() + 3_600_000;
    const kept = proof('/v1/check', { accessToken: token, nonce, now: later });
    expect((await use(token, kept)).status).toBe(401);
    server.clock.advance(600_000);
    const fresh = await boundToken();
    const old = proof('/v1/check', { accessToken: fresh, nonce });
    expect((await use(fresh, old)).status).toBe(401);
  });

  it('is one alone, in its own header, and beside no other credential', async () => {
    const token = await boundToken();
    const good = () => proof('/v1/check', { accessToken: token });
    expect((await use(token, `${good()}, ${good()}`)).status).toBe(401);
    expect((await use(token, '')).status).toBe(401);
    const inQuery = await fetch(`${server.url}/v1/check?dpop=${good()}`, {
      headers: { authorization: `DPoP ${token}` },
    });
    expect([400, 401]).toContain(inQuery.status);
    const both = await fetch(`${server.url}/v1/check`, { headers: { authorization: `Bearer ${token}`, dpop: good() } });
    expect(both.status).toBe(401);
  });

  it('of a thief takes nobody’s token over: not by exchange, nor at introspection or revocation', async () => {
    const token = await boundToken();
    const thief = keyHolder();
    const moved = await exchange(server, token, {}, null, { dpop: proof('/oauth/token', { method: 'POST' }, thief) });
    expect([moved.status, moved.body.error]).toEqual([400, 'invalid_dpop_proof']);
    const asBearer = { authorization: `Bearer ${token}` };
    expect((await post(server, '/oauth/introspect', { token }, null, asBearer)).status).toBe(401);
    expect((await use(token, proof('/v1/check', { accessToken: token }, thief))).status).toBe(401);
    expect((await call(server, '/v1/check', token)).status).toBe(401);
    expect((await use(token, proof('/v1/check', { accessToken: token }))).status).toBe(200);
  });
});
