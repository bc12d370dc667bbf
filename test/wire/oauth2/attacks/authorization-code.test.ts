// Attacks on authorization codes (RFC 9700 section 4, RFC 6819 section 4.4.1) that are not met elsewhere: what is sent to other
// places, what is put in another's place, and what browsers and servers are led to believe. docs/standards.md lists all of them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Consent } from '../../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../../server.ts';
import { type Page, signedIn } from '../../native/session-client.ts';
import {
  answer,
  askedOf,
  authorize,
  codeFor,
  grantedTo,
  pkce,
  redeem,
  refresh,
  register,
  requestOf,
  type TestApplication,
  tokens,
} from '../application-flow.ts';
import { apiTokenClient, call, post } from '../clients.ts';

let server: TestServer;
let page: Page;
let application: TestApplication;

beforeAll(async () => {
  server = await startServer({ permissions: ['read:funds', 'write:funds'] });
  page = await signedIn(server, server.owner);
  application = await register(server);
});
afterAll(() => server?.stop());

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } };

describe('an answer is sent', () => {
  it.each([
    ['an encoded way up', 'https://reports.example/callback%2f..%2fevil'],
    ['a way up', 'https://reports.example/x/../callback'],
    ['a backslash', 'https://reports.example\\@evil.example/callback'],
    ['a line end', 'https://reports.example/callback\r\nLocation: https://evil.example'],
    ['a tab', 'https://reports.example/call\tback'],
    ['a blank before it', ' https://reports.example/callback'],
    ['capitals', 'HTTPS://REPORTS.EXAMPLE/callback'],
    ['a dot behind the host', 'https://reports.example./callback'],
    ['a letter that looks alike', 'https://rеports.example/callback'],
    ['its name in ASCII', 'https://xn--rports-4ve.example/callback'],
    ['a parameter behind a semicolon', 'https://reports.example/callback;jsessionid=1'],
    ['an empty query', 'https://reports.example/callback?'],
    ['an empty fragment', 'https://reports.example/callback#'],
    ['no scheme', '//reports.example/callback'],
    ['no slashes', 'https:reports.example/callback'],
    ['a host beneath', 'https://evil.reports.example/callback'],
    ['a host above', 'https://example/callback'],
    ['a longer host', 'https://reports.example.evil.example/callback'],
    ['data', 'data:text/html,<script>alert(1)</script>'],
    ['two of them', 'https://reports.example/callback https://evil.example/'],
  ])('nowhere for a redirect URI with %s (RFC 9700 section 4.1)', async (_, uri) => {
    const asked = await authorize(server, requestOf(application, pkce().challenge, { redirect_uri: uri }));
    expect([asked.status, asked.location]).toEqual([400, null]);
    expect(asked.text).not.toContain('evil');
  });

  it('without a line end, a header or a parameter that state tries to put there (RFC 9700 section 4.11)', async () => {
    const state = 'x\r\nSet-Cookie: a=b\r\n\r\n<script>&code=stolen&iss=https://evil.example#';
    const refused = await authorize(server, requestOf(application, pkce().challenge, { state, scope: '*:*' }));
    const allowed = await answer(page, await askedOf(server, requestOf(application, pkce().challenge, { state })));
    expect(refused.headers.has('set-cookie')).toBe(false);
    for (const back of [refused.location, allowed]) {
      expect(back?.origin).toBe('https://reports.example');
      expect(back?.hash).toBe('');
      expect(back?.searchParams.getAll('state')).toEqual([state]);
      expect(back?.searchParams.getAll('iss')).toEqual([server.url]);
      expect(back?.searchParams.getAll('code')).not.toContain('stolen');
    }
  });

  it('with the issuer that the metadata names, so that who is led to another server notices (mix-up, RFC 9700 section 4.4)', async () => {
    const found = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
    const metadata = (await found.json()) as Record<string, unknown>;
    expect(metadata.authorization_response_iss_parameter_supported).toBe(true);
    const request = requestOf(application, pkce().challenge);
    const allowed = await answer(page, await askedOf(server, request));
    const refused = await answer(page, await askedOf(server, request), false);
    const wrong = await authorize(server, requestOf(application, pkce().challenge, { response_type: 'token' }));
    for (const back of [allowed, refused, wrong.location]) {
      expect(back?.searchParams.get('iss')).toBe(metadata.issuer);
    }
  });
});

describe('what passes through a browser', () => {
  it('is kept by no cache, told to no other site, and shown in no frame (RFC 9700 sections 4.2 and 4.16)', async () => {
    const good = await authorize(server, requestOf(application, pkce().challenge));
    const bad = await authorize(server, requestOf(application, pkce().challenge, { client_id: undefined }));
    for (const { headers } of [good, bad]) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
    expect(bad.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    const consent = await fetch(`${server.url}/consent`, { headers: { accept: 'text/html' } });
    // Only where the portal was built is there a page.
    if (consent.status === 200) {
      expect(consent.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(consent.headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  it('is sent on by 302 or by the page itself, never by 307, which would send on a password (RFC 9700 section 4.12)', async () => {
    expect((await authorize(server, requestOf(application, pkce().challenge))).status).toBe(302);
    const posted = await fetch(`${server.url}/oauth/authorize`, { method: 'POST', redirect: 'manual', body: '' });
    expect(posted.status).toBe(405);
  });

  it('shows people the application that asks, whatever is changed on its way', async () => {
    const other = await register(server, { name: 'Evil' });
    const request = await askedOf(server, requestOf(application, pkce().challenge));
    const view = await page.ask<Consent>('POST', '/v1/consents/look', { request });
    expect(view.body.application.id).toBe(application.id);
    const allowed = { allow: true, permissions: ['read:funds'] };
    const middle = request.length >> 1;
    const letter = request[middle] === 'A' ? 'B' : 'A';
    const altered = request.slice(0, middle) + letter + request.slice(middle + 1);
    for (const changed of [altered, `${request}AAAA`, request.slice(0, -4), request.toUpperCase()]) {
      expect((await page.ask('POST', '/v1/consents', { request: changed, ...allowed })).status).toBe(400);
    }
    const both = await page.ask('POST', '/v1/consents', { request, ...allowed, applicationId: other.id });
    expect(both.status).toBe(400);
  });

  it('lets an application have nothing by what was allowed another', async () => {
    const other = await register(server, { name: 'Twin' });
    await grantedTo(server, application, {}, page);
    const request = await askedOf(server, requestOf(other, pkce().challenge));
    const { body } = await page.ask<Consent>('POST', '/v1/consents/look', { request });
    expect(body.permissions).toMatchObject([{ name: 'read:funds', isNew: true }]);
  });
});

describe('a code', () => {
  it('of one sign-in is of no use in another, though the same person uses the same application (injection, RFC 9700 section 4.5)', async () => {
    const [attacker, victim] = [
      await codeFor(server, application, {}, page),
      await codeFor(server, application, {}, page),
    ];
    const injected = await redeem(server, application, { code: attacker.code, verifier: victim.verifier });
    expect(injected).toMatchObject(invalidGrant);
    expect((await redeem(server, application, victim)).status).toBe(200);
  });

  it.each([
    ['none', undefined, 'invalid_request'],
    ['an empty one', '', 'invalid_request'],
    ['one that is too short', 'a'.repeat(42), 'invalid_grant'],
    ['one that is too long', 'a'.repeat(129), 'invalid_grant'],
    ['one of other characters', `${'a'.repeat(42)}+`, 'invalid_grant'],
  ])(
    'with %s in place of its verifier is nothing, whatever method is said then (downgrade, RFC 9700 section 4.8)',
    async (_, verifier, error) => {
      const { code } = await codeFor(server, application, {}, page);
      const { status, body } = await tokens(server, application, {
        grant_type: 'authorization_code',
        code,
        redirect_uri: application.redirectUri,
        code_challenge_method: 'plain',
        ...(verifier !== undefined && { code_verifier: verifier }),
      });
      expect([status, body.error]).toEqual([400, error]);
    },
  );

  it('is not a refresh token, an access token, an API token or the request itself, and what these are stays good (confusion)', async () => {
    const granted = await grantedTo(server, application, {}, page);
    const apiToken = await apiTokenClient(server);
    const request = await askedOf(server, requestOf(application, pkce().challenge));
    for (const code of [granted.refresh, granted.refresh.slice(3, 46), granted.access, apiToken.secret, request]) {
      expect(await redeem(server, application, { code, verifier: pkce().verifier })).toMatchObject(invalidGrant);
    }
    expect((await call(server, '/v1/check', granted.access)).status).toBe(200);
    expect((await call(server, '/v1/check', apiToken.secret)).status).toBe(200);
    expect((await refresh(server, application, granted.refresh)).status).toBe(200);
  });

  it('is no credential anywhere, and is not read from an address (RFC 9700 section 4.3)', async () => {
    const { code, verifier } = await codeFor(server, application, {}, page);
    expect((await call(server, '/v1/check', code)).status).toBe(401);
    const { id, secret } = application;
    const parameters = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: application.redirectUri,
      code_verifier: verifier,
    };
    const inAddress = await post(
      server,
      `/oauth/token?${new URLSearchParams(parameters)}`,
      {},
      { id, secret: secret ?? '' },
    );
    expect([inAddress.status, inAddress.body.error]).toEqual([400, 'invalid_request']);
    expect((await redeem(server, application, { code, verifier })).status).toBe(200);
    for (const kept of [code, verifier]) expect(server.logs()).not.toContain(kept);
  });

  it('of a confidential application is not for a public one of the same redirect URI', async () => {
    const open = await register(server, { type: 'public' });
    const given = await codeFor(server, application, {}, page);
    expect(await redeem(server, open, given)).toMatchObject(invalidGrant);
    expect(await redeem(server, application, given)).toMatchObject(invalidGrant);
  });
});
