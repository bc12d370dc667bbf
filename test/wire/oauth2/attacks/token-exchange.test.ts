// Attacks on token exchange (RFC 8693 section 5, RFC 9700 section 4.10) that are not met elsewhere: what is exchanged as something
// that it is not, and who would come to more by acting. docs/standards.md lists all of them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../../server.ts';
import { cookieName, type Page, signedIn } from '../../native/session-client.ts';
import { codeFor, grantedTo, register, type TestApplication } from '../application-flow.ts';
import { apiUserClient, type Client, call, claimsOf, exchange, post, tokenFor } from '../clients.ts';

const idTokenType = 'urn:ietf:params:oauth:token-type:id_token';
const jwtType = 'urn:ietf:params:oauth:token-type:jwt';

let server: TestServer;
let page: Page;
let application: TestApplication;
let client: Client;

beforeAll(async () => {
  server = await startServer({ permissions: ['read:funds', 'write:funds'] });
  page = await signedIn(server, server.owner);
  application = await register(server);
  client = await apiUserClient(server);
});
afterAll(() => server?.stop());

const invalidRequest = { status: 400, body: { error: 'invalid_request' } };

describe('an exchange', () => {
  it('takes no refresh token, code, password or session of a browser for a token (confusion)', async () => {
    const { refresh } = await grantedTo(server, application, {}, page);
    const { code } = await codeFor(server, application, {}, page);
    const cookie = page.cookie() ?? '';
    expect(cookie, cookieName).not.toBe('');
    for (const subject of [refresh, code, client.secret, server.owner.password, cookie]) {
      expect(await exchange(server, subject)).toMatchObject(invalidRequest);
    }
    expect(
      (
        await post(
          server,
          '/oauth/token',
          { grant_type: 'refresh_token', refresh_token: refresh },
          {
            id: application.id,
            secret: application.secret ?? '',
          },
        )
      ).status,
    ).toBe(200);
  });

  it('takes no token of this server for one of another issuer, whatever it is called', async () => {
    const own = await tokenFor(server, client);
    for (const type of [idTokenType, jwtType]) {
      const named = { client_id: client.id, subject_token_type: type };
      expect(await exchange(server, own, named)).toMatchObject(invalidRequest);
    }
    const signedByNobody = `${own.split('.').slice(0, 2).join('.')}.`;
    for (const type of [idTokenType, jwtType]) {
      expect(await exchange(server, signedByNobody, { client_id: client.id, subject_token_type: type })).toMatchObject(
        invalidRequest,
      );
    }
  });

  it('gives an application no more than it was allowed, and nothing that outlives its session', async () => {
    const { access } = await grantedTo(server, application, { scope: 'read:funds' }, page);
    for (const scope of ['write:funds', '*:*', 'read:funds write:funds']) {
      expect((await exchange(server, access, { scope })).body.error).toBe('invalid_scope');
    }
    const { body } = await exchange(server, access);
    expect(claimsOf(body.access_token).sid).toBe(claimsOf(access).sid);
    await page.ask('DELETE', `/v1/sessions/${claimsOf(access).sid}`);
    for (const token of [access, body.access_token]) expect((await call(server, '/v1/check', token)).status).toBe(401);
  });

  it('lets nobody write who acts, or for whom', async () => {
    const subject = await tokenFor(server, client);
    const more = {
      act: JSON.stringify({ sub: server.owner.id }),
      sub: server.owner.id,
      may_act: '{}',
      client_id_issued_at: '1',
    };
    const { body } = await exchange(server, subject, more);
    expect(claimsOf(body.access_token)).toMatchObject({ sub: client.id, client_id: client.id });
    expect(claimsOf(body.access_token)).not.toHaveProperty('act');
    const claims = Buffer.from(JSON.stringify({ ...claimsOf(subject), sub: server.owner.id })).toString('base64url');
    const [header = '', , signature = ''] = subject.split('.');
    expect(await exchange(server, `${header}.${claims}.${signature}`)).toMatchObject(invalidRequest);
  });

  it('makes nothing of a parent that is ended while it is exchanged', async () => {
    for (let round = 0; round < 10; round += 1) {
      const parent = await tokenFor(server, client);
      const [made] = await Promise.all([
        exchange(server, parent),
        post(server, '/oauth/revoke', { token: parent }, client),
      ]);
      if (made.status !== 200) continue;
      expect((await call(server, '/v1/check', made.body.access_token)).status).toBe(401);
    }
  });

  it('does not read a token from an address, nor log one (RFC 9700 section 4.3)', async () => {
    const subject = await tokenFor(server, client);
    const query = new URLSearchParams({ subject_token: subject });
    const inAddress = await post(server, `/oauth/token?${query}`, {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    });
    expect([inAddress.status, inAddress.body.error]).toEqual([400, 'invalid_request']);
    await exchange(server, subject);
    expect(server.logs()).not.toContain(subject.split('.')[2]);
  });
});
