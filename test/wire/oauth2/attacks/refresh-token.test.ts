// Attacks on refresh tokens (RFC 9700 section 4.14, RFC 6819 section 5.2.2) that are not met elsewhere: what is stolen, made up or
// mistaken for one. docs/standards.md lists all of them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyHolder, proofBy } from '../../../dpop.ts';
import { startServer, type TestServer } from '../../../server.ts';
import { type Page, signedIn } from '../../native/session-client.ts';
import { codeFor, grantedTo, refresh, register, type TestApplication } from '../application-flow.ts';
import { apiTokenClient, call, type OAuthAnswer, post } from '../clients.ts';

let server: TestServer;
let page: Page;
let application: TestApplication;
let open: TestApplication;

beforeAll(async () => {
  server = await startServer({ permissions: ['read:funds', 'write:funds'] });
  page = await signedIn(server, server.owner);
  application = await register(server);
  open = await register(server, { type: 'public', name: 'Tool', redirectUris: ['http://127.0.0.1/callback'] });
});
afterAll(() => server?.stop());

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } };
const isGood = async (token: string) => (await call(server, '/v1/check', token)).status === 200;

describe('a refresh token', () => {
  it('that is made up of a known family ends it: whoever knows a family had one of its tokens', async () => {
    const { access, refresh: token } = await grantedTo(server, application, {}, page);
    const another = await grantedTo(server, application, {}, page);
    // `RT1` and its family, with what is another's.
    const madeUp = token.slice(0, 46) + another.refresh.slice(46);
    expect(await refresh(server, application, madeUp)).toMatchObject(invalidGrant);
    expect(await isGood(access)).toBe(false);
    expect(await refresh(server, application, token)).toMatchObject(invalidGrant);
    expect(await isGood(another.access)).toBe(true);
  });

  it('that was used is of no use through another application, which cannot end the family by it either', async () => {
    const other = await register(server);
    const first = await grantedTo(server, application, {}, page);
    const { body } = await refresh(server, application, first.refresh);
    for (const by of [other, open]) expect(await refresh(server, by, first.refresh)).toMatchObject(invalidGrant);
    expect(await isGood(body.access_token)).toBe(true);
    expect((await refresh(server, application, body.refresh_token)).status).toBe(200);
  });

  it('that is stolen from a public application with a key is nothing without proofs of that key (RFC 9449 section 5)', async () => {
    const [holder, thief] = [keyHolder(), keyHolder()];
    const proof = (by: typeof holder) =>
      proofBy(by, {
        method: 'POST',
        url: `${server.url}/oauth/token`,
        nonce: server.core.dpopNonce(),
        now: server.clock.now(),
      });
    const ask = (parameters: Record<string, string>, by: typeof holder | null): Promise<OAuthAnswer> =>
      post(server, '/oauth/token', { client_id: open.id, ...parameters }, null, by === null ? {} : { dpop: proof(by) });
    const { code, verifier } = await codeFor(server, open, {}, page);
    const granted = await ask(
      { grant_type: 'authorization_code', code, redirect_uri: open.redirectUri, code_verifier: verifier },
      holder,
    );
    expect(granted.body.token_type).toBe('DPoP');
    const again = { grant_type: 'refresh_token', refresh_token: granted.body.refresh_token };
    for (const by of [null, thief]) {
      expect(await ask(again, by)).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
    }
    expect((await ask(again, holder)).body.token_type).toBe('DPoP');
  });

  it('is not a code, an access token or an API token, and what these are stays good (confusion)', async () => {
    const { access } = await grantedTo(server, application, {}, page);
    const { code, verifier } = await codeFor(server, application, {}, page);
    const apiToken = await apiTokenClient(server);
    for (const token of [code, access, apiToken.secret, `RT1${code}${code}`]) {
      expect(await refresh(server, application, token)).toMatchObject(invalidGrant);
    }
    expect(await isGood(access)).toBe(true);
    const redeemed = await post(
      server,
      '/oauth/token',
      { grant_type: 'authorization_code', code, redirect_uri: application.redirectUri, code_verifier: verifier },
      { id: application.id, secret: application.secret ?? '' },
    );
    expect(redeemed.status).toBe(200);
  });

  it('is not read from an address or a header, nor logged, and its answer is kept by no cache (RFC 9700 section 4.3)', async () => {
    const { refresh: token } = await grantedTo(server, application, {}, page);
    const { id, secret } = application;
    const query = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token });
    const inAddress = await post(server, `/oauth/token?${query}`, {}, { id, secret: secret ?? '' });
    expect([inAddress.status, inAddress.body.error]).toEqual([400, 'invalid_request']);
    const asBearer = { authorization: `Bearer ${token}` };
    const inHeader = await post(server, '/oauth/token', { grant_type: 'refresh_token', client_id: id }, null, asBearer);
    expect(inHeader.body.error).toBe('invalid_client');
    const { headers, body } = await refresh(server, application, token);
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    for (const kept of [token, body.refresh_token]) expect(server.logs()).not.toContain(kept);
  });

  it('gives no other person’s access, API or scope by what is sent beside it', async () => {
    const { refresh: token } = await grantedTo(server, application, {}, page);
    const more = {
      scope: 'read:funds',
      sub: server.admin.id,
      username: server.admin.email,
      subject_token: 'x',
      audience: 'x',
    };
    const { status, body } = await refresh(server, application, token, more);
    expect([status, body.scope]).toEqual([200, 'read:funds']);
    const self = await call(server, '/v1/self', body.access_token);
    expect(await self.json()).toMatchObject({ id: server.owner.id });
  });
});
