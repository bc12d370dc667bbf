// Clients that describe themselves at an address (draft-ietf-oauth-client-id-metadata-document): what they may be and do here,
// what is kept of them, and what attackers try.

import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApplicationList, AuthorizationList, Consent } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer, testClock } from '../../server.ts';
import { call as ask, bearerOf, signIn } from '../native/calls.ts';
import { type Page, signedIn } from '../native/session-client.ts';
import {
  answer,
  askedOf,
  authorize,
  codeFor,
  grantedTo,
  pkce,
  redeem,
  refresh,
  requestOf,
  type TestApplication,
  tokens,
} from './application-flow.ts';
import { type ClientHost, clientRedirect, startClientHost } from './client-host.ts';
import { apiTokenClient, call, claimsOf, post } from './clients.ts';

/** Longer than a document is kept of which its server says nothing. */
const keptMs = 6 * 60_000;

describe('a client that describes itself', () => {
  const clock = testClock();
  let host: ClientHost;
  let server: TestServer;
  let page: Page;
  let made = 0;

  beforeAll(async () => {
    host = await startClientHost();
    server = await startServer({
      clock,
      permissions: ['read:funds', 'read:notes', 'write:funds'],
      outbound: host.outbound,
      clientMetadata: { hosts: [host.host, '*.clients.example'], permissions: ['read:*'] },
    });
    page = await signedIn(server, server.owner);
  });
  afterAll(async () => {
    await server.stop();
    await host.stop();
  });
  beforeEach(() => {
    made += 1;
    host.asked.length = 0;
  });

  const newClient = (document: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
    host.client(`/${made}/client.json`, document, headers);
  const opened = (client: TestApplication, others: Record<string, string | undefined> = {}) =>
    authorize(server, requestOf(client, pkce().challenge, others));
  const isAsked = async (client: TestApplication, others: Record<string, string | undefined> = {}) =>
    (await opened(client, others)).location?.pathname === '/consent';
  const look = (request: string, browser = page) => browser.ask<Consent>('POST', '/v1/consents/look', { request });
  const applications = async (bearer: string) => {
    const { body } = await ask<ApplicationList>(server, 'GET', '/v1/applications?limit=200', bearer);
    return body.items;
  };
  const keptOf = async (client: TestApplication) =>
    (await applications(await bearerOf(server, server.owner))).filter(({ metadataUrl }) => metadataUrl === client.id);

  it('signs people in who see where it is from, and is listed and ended as any other', async () => {
    const client = newClient();
    const { verifier, challenge } = pkce();
    const request = await askedOf(server, requestOf(client, challenge));
    const seen = await look(request);
    expect(seen.body).toMatchObject({
      application: { metadataUrl: client.id, name: 'Example MCP Client', logoUrl: null },
      host: 'client.example',
      permissions: [{ name: 'read:funds', isNew: true }],
    });
    const back = await answer(page, request);
    expect(back.origin + back.pathname).toBe(clientRedirect);
    const given = { code: back.searchParams.get('code') ?? '', verifier };
    const { status, body } = await redeem(server, client, given);
    expect([status, body.scope]).toEqual([200, 'read:funds']);
    expect(claimsOf(body.access_token)).toMatchObject({ client_id: client.id, sub: server.owner.id, aud: server.url });
    expect((await call(server, '/v1/check?permissions=read:funds', body.access_token)).status).toBe(200);

    const asVerifier = await apiTokenClient(server);
    for (const token of [body.access_token, body.refresh_token]) {
      const told = await post(server, '/oauth/introspect', { token }, asVerifier);
      expect(told.body).toMatchObject({ active: true, client_id: client.id });
    }
    const renewed = await refresh(server, client, body.refresh_token);
    expect(claimsOf(renewed.body.access_token)).toMatchObject({ client_id: client.id });

    const [kept] = await keptOf(client);
    expect(kept).toMatchObject({ name: 'Example MCP Client', type: 'public', active: true, permissions: ['read:*'] });
    const own = await page.ask<AuthorizationList>('GET', '/v1/self/authorizations');
    const [authorization] = own.body.items.filter((one) => one.application.metadataUrl === client.id);
    expect(authorization?.application).toMatchObject({ id: kept?.id, name: 'Example MCP Client' });
    await page.ask('DELETE', `/v1/self/authorizations/${authorization?.id}`);
    await expect.poll(async () => (await call(server, '/v1/check', renewed.body.access_token)).status).toBe(401);
    expect((await refresh(server, client, renewed.body.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('is told of by the metadata, only where somebody may be let in', async () => {
    const told = async (url: string) => (await fetch(`${url}/.well-known/oauth-authorization-server`)).json();
    expect(await told(server.url)).toMatchObject({ client_id_metadata_document_supported: true });
    const closed = await startServer({ outbound: host.outbound });
    try {
      expect(await told(closed.url)).not.toHaveProperty('client_id_metadata_document_supported');
      const { status, text } = await authorize(closed, requestOf(newClient(), pkce().challenge));
      expect([status, text]).toEqual([400, expect.stringContaining('is not known here')]);
      expect(host.asked).toEqual([]);
    } finally {
      await closed.stop();
    }
  });

  it('leaves nothing behind by being asked for, or by being refused', async () => {
    const before = await applications(await bearerOf(server, server.owner));
    const client = newClient();
    const request = await askedOf(server, requestOf(client, pkce().challenge));
    await look(request);
    const back = await answer(page, request, false);
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(await applications(await bearerOf(server, server.owner))).toEqual(before);
  });

  it('is not read from a host that the operator does not allow', async () => {
    const elsewhere = [
      `${host.url.replace('127.0.0.1', 'localhost')}/client.json`,
      'https://clients.example/c',
      'https://evilclients.example/c',
      'https://a.clients.example:8443/c',
      'https://a.clients.example.evil.example/c',
    ];
    for (const id of elsewhere) {
      const { status } = await opened({ id, secret: null, redirectUri: clientRedirect });
      expect([status, id]).toEqual([400, id]);
    }
    expect(host.asked).toEqual([]);
  });

  it('is not read off the public Internet where every host is allowed, whatever is allowed for issuers [S126]', async () => {
    const client = newClient();
    const everyone = await startServer({
      outbound: host.outbound,
      clientMetadata: { hosts: ['*'], permissions: ['read:*'] },
    });
    try {
      expect((await authorize(everyone, requestOf(client, pkce().challenge))).status).toBe(400);
      expect(everyone.logs()).toContain('it is at a private or reserved address');
      expect(host.asked).toEqual([]);
    } finally {
      await everyone.stop();
    }
  });

  it('has an address that is written in one way: https, a path, and nothing that could mean another', async () => {
    const { id } = newClient();
    const path = `/${made}/client.json`;
    const spelled = [
      id.replace('https:', 'http:'),
      `${id}#fragment`,
      `${id}#`,
      `${id}?query=1`,
      id.replace('https://', 'https://user@'),
      id.replace('https://', 'https://user:password@'),
      host.url,
      `${host.url}/`,
      `${host.url}/./${path.slice(1)}`,
      `${host.url}/a/..${path}`,
      `${host.url}/a/%2e%2e${path}`,
      `${host.url}/%2E${path}`,
      `${host.url}\\${path.slice(1)}`,
      id.replace('https:', 'HTTPS:'),
      id.replace('127.0.0.1', '127.1'),
      id.replace('127.0.0.1', '2130706433'),
      ` ${id}`,
      `${id}\n`,
      `${host.url}/${'x'.repeat(500)}`,
    ];
    for (const other of spelled) {
      const { status } = await opened({ id: other, secret: null, redirectUri: clientRedirect });
      expect([status, other]).toEqual([400, other]);
      const asked = await tokens(
        server,
        { id: other, secret: null },
        { grant_type: 'refresh_token', refresh_token: 'x' },
      );
      expect([asked.status, asked.body.error, other]).toEqual([401, 'invalid_client', other]);
    }
    expect(host.asked).toEqual([]);
  });

  it.each([
    ['of another client', { client_id: 'https://other.example/client.json' }],
    ['of another spelling', { client_id: `https://127.0.0.1:443/client.json` }],
    ['without an id', { client_id: undefined }],
    ['with a secret', { client_secret: 'hunter2' }],
    ['with a secret that ends', { client_secret_expires_at: 0 }],
    ['that would show a secret', { token_endpoint_auth_method: 'client_secret_basic' }],
    ['that would show a key that nobody has', { token_endpoint_auth_method: 'private_key_jwt' }],
    ['without a redirect URI', { redirect_uris: undefined }],
    ['whose redirect URIs are no list', { redirect_uris: clientRedirect }],
    [
      'none of whose redirect URIs can be used',
      { redirect_uris: ['http://client.example/', 'https://a.example/*', 7] },
    ],
    [
      'with too many redirect URIs',
      { redirect_uris: Array.from({ length: 21 }, (_, at) => `https://a.example/${at}`) },
    ],
    ['without a name', { client_name: undefined }],
    ['with a name that is not what it seems', { client_name: 'Example\u202e tneilC' }],
    ['for other grants', { grant_types: ['client_credentials'] }],
    ['for tokens in the browser', { response_types: ['token'] }],
  ])('is not known by a document %s, and the log says what is wrong', async (_, document) => {
    const client = newClient(document);
    const { status, text } = await opened({ ...client, redirectUri: clientRedirect });
    expect([status, text]).toEqual([400, expect.stringContaining('is not known here')]);
    expect(text).not.toContain('hunter2');
    expect(host.asked).toHaveLength(1);
    await expect.poll(() => server.logs()).toContain(client.id);
  });

  const strange: Record<string, ((response: ServerResponse) => unknown) | undefined> = {
    redirects: (response) => response.writeHead(302, { location: '/' }).end(),
    'is huge': (response) => json(response, JSON.stringify({ client_uri: 'x'.repeat(6000) })),
    'is a page': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Client</h1>'),
    'is not there': undefined,
    'is a list': (response) => json(response, '[]'),
    'says a thing twice': (response) => json(response, '{"a":1,"a":2}'),
  };
  it.each(Object.keys(strange))('is not known by a document that %s', async (what) => {
    const path = `/${made}/strange.json`;
    const said = strange[what];
    if (said !== undefined) host.answers.set(path, said);
    const client = { id: host.url + path, secret: null, redirectUri: clientRedirect };
    expect((await opened(client)).status).toBe(400);
    expect(host.asked).toEqual([path]);
    // Nobody has this server call another in a loop.
    expect((await opened(client)).status).toBe(400);
    expect(host.asked).toEqual([path]);
  });

  it('has answers sent where it says, exactly, with any port of a loopback address', async () => {
    const client = newClient({
      redirect_uris: [clientRedirect, 'http://127.0.0.1/callback', 'cursor://not-a-domain/x'],
    });
    for (const redirect_uri of [clientRedirect, 'http://127.0.0.1:4711/callback']) {
      expect([redirect_uri, await isAsked(client, { redirect_uri })]).toEqual([redirect_uri, true]);
    }
    for (const redirect_uri of [
      `${clientRedirect}/`,
      `${clientRedirect}?a=b`,
      'https://client.example/',
      'https://evil.example/callback',
      'http://localhost/callback',
      'cursor://not-a-domain/x',
      client.id,
    ]) {
      const { status, location } = await opened(client, { redirect_uri });
      expect([redirect_uri, status, location]).toEqual([redirect_uri, 400, null]);
    }
  });

  it('asks for PKCE always, and for no more than the operator lets such clients have', async () => {
    const client = newClient();
    const errorOf = async (others: Record<string, string | undefined>) =>
      (await opened(client, others)).location?.searchParams.get('error');
    expect(await errorOf({ code_challenge: undefined, code_challenge_method: undefined })).toBe('invalid_request');
    expect(await errorOf({ code_challenge_method: 'plain' })).toBe('invalid_request');
    for (const scope of ['write:funds', 'read:funds write:funds', '*:*', 'read:user', 'create:user']) {
      expect([scope, await errorOf({ scope })]).toEqual([scope, 'invalid_scope']);
    }
    const { access } = await grantedTo(server, client, { scope: undefined }, page);
    expect((await call(server, '/v1/check?permissions=read:funds', access)).status).toBe(200);
    expect((await call(server, '/v1/check?permissions=write:funds', access)).status).toBe(403);
    expect((await call(server, '/v1/users', access)).status).toBe(403);
  });

  it('has no grant but codes, and refresh tokens where it says so', async () => {
    const plain = newClient({ grant_types: undefined });
    const { code, verifier } = await codeFor(server, plain, {}, page);
    const { status, body } = await redeem(server, plain, { code, verifier });
    expect([status, body.refresh_token]).toEqual([200, undefined]);
    const refused = await tokens(server, plain, { grant_type: 'refresh_token', refresh_token: 'RT1x' });
    expect([refused.status, refused.body.error]).toEqual([400, 'unauthorized_client']);
    const own = await tokens(server, plain, { grant_type: 'client_credentials' });
    expect([own.status, own.body.error]).toEqual([401, 'invalid_client']);
    const withSecret = await redeem(server, { ...plain, secret: 'x' }, { code, verifier });
    expect([withSecret.status, withSecret.body.error]).toEqual([401, 'invalid_client']);
  });

  it('is known by its address alone, never by the id that it is kept under', async () => {
    const client = newClient();
    const { refresh: token } = await grantedTo(server, client, {}, page);
    const [kept] = await keptOf(client);
    const inner = { ...client, id: kept?.id ?? '' };
    expect((await opened(inner)).status).toBe(400);
    expect((await refresh(server, inner, token)).body.error).toBe('invalid_client');
    const other = host.client(`/${made}/other.json`);
    expect((await refresh(server, other, token)).body.error).toBe('invalid_grant');
    expect((await refresh(server, client, token)).status).toBe(200);
  });

  it('is asked about each time, as it calls itself now: what was allowed before is never sent on unseen', async () => {
    const client = newClient();
    await grantedTo(server, client, {}, page);
    const again = await look(await askedOf(server, requestOf(client, pkce().challenge)));
    expect(again.body).toMatchObject({ asksAlways: true, permissions: [{ name: 'read:funds', isNew: false }] });
    newClient({ client_name: 'Your Bank' });
    clock.advance(keptMs);
    const changed = await look(await askedOf(server, requestOf(client, pkce().challenge)));
    expect(changed.body).toMatchObject({
      application: { name: 'Your Bank', metadataUrl: client.id },
      asksAlways: true,
    });
    expect((await keptOf(client)).map(({ name }) => name)).toEqual(['Example MCP Client']);
    await grantedTo(server, client, {}, page);
    expect((await keptOf(client)).map(({ name }) => name)).toEqual(['Your Bank']);
  });

  it('has no answer sent to a redirect URI that it has taken back', async () => {
    const client = newClient();
    const request = await askedOf(server, requestOf(client, pkce().challenge));
    const moved = newClient({ redirect_uris: ['https://moved.example/callback'] });
    clock.advance(keptMs);
    for (const allow of [true, false]) {
      const body = { request, allow, permissions: ['read:funds'] };
      expect((await page.ask('POST', '/v1/consents', body)).status).toBe(404);
    }
    expect((await opened(client)).status).toBe(400);
    expect(await isAsked(moved)).toBe(true);
  });

  it('is not known any more once its document is gone and the time it was kept for is over', async () => {
    const client = newClient({}, { 'cache-control': 'max-age=600' });
    const { access, refresh: token } = await grantedTo(server, client, {}, page);
    host.answers.delete(`/${made}/client.json`);
    clock.advance(9 * 60_000);
    const renewed = await refresh(server, client, token);
    expect(renewed.status).toBe(200);
    clock.advance(2 * 60_000);
    const refused = await refresh(server, client, renewed.body.refresh_token);
    expect([refused.status, refused.body.error]).toEqual([401, 'invalid_client']);
    expect((await opened(client)).status).toBe(400);
    expect((await call(server, '/v1/check', access)).status).toBe(200);
    newClient();
    clock.advance(10_000);
    expect((await refresh(server, client, renewed.body.refresh_token)).status).toBe(200);
  });

  it('is kept out of every organization by the operator, who deactivates it, and let in again', async () => {
    const client = newClient();
    const { owner } = await server.addOrganization(`customer-${made}`);
    const theirs = await signedIn(server, owner);
    const granted = await grantedTo(server, client, {}, theirs);
    const bearer = await bearerOf(server, server.owner);
    const [kept] = await keptOf(client);
    const theirBearer = await signIn(server, owner);
    expect(await applications(theirBearer)).toEqual([]);
    const told = await ask<AuthorizationList>(server, 'GET', '/v1/authorizations', theirBearer);
    expect(told.body.items.map(({ application }) => application.metadataUrl)).toEqual([client.id]);
    const act = (action: string) => ask(server, 'POST', `/v1/applications/${kept?.id}/${action}`, bearer);
    expect((await ask(server, 'POST', `/v1/applications/${kept?.id}/deactivate`, theirBearer)).status).toBe(404);
    expect((await act('deactivate')).status).toBeLessThan(300);
    await expect.poll(async () => (await call(server, '/v1/check', granted.access)).status).toBe(401);
    expect((await refresh(server, client, granted.refresh)).body.error).toBe('invalid_client');
    expect((await opened(client)).status).toBe(400);
    expect((await act('activate')).status).toBeLessThan(300);
    expect(await isAsked(client)).toBe(true);
  });

  it('is forgotten by the operator, who deletes it, and asked about anew', async () => {
    const client = newClient();
    const granted = await grantedTo(server, client, {}, page);
    const bearer = await bearerOf(server, server.owner);
    const [kept] = await keptOf(client);
    const changed = await ask(server, 'PATCH', `/v1/applications/${kept?.id}`, bearer, { name: 'Ours' });
    expect(changed.status).toBe(409);
    expect((await ask(server, 'DELETE', `/v1/applications/${kept?.id}`, bearer)).status).toBeLessThan(300);
    await expect.poll(async () => (await call(server, '/v1/check', granted.access)).status).toBe(401);
    expect(await keptOf(client)).toEqual([]);
    expect((await refresh(server, client, granted.refresh)).body.error).toBe('invalid_grant');
    const again = await look(await askedOf(server, requestOf(client, pkce().challenge)));
    expect(again.body.permissions).toMatchObject([{ isNew: true }]);
    await grantedTo(server, client, {}, page);
    expect((await keptOf(client)).map(({ id }) => id)).toEqual([kept?.id]);
  });

  it('revokes what it was given, and nothing of another', async () => {
    const client = newClient();
    const other = host.client(`/${made}/other.json`);
    const granted = await grantedTo(server, client, {}, page);
    for (const token of [granted.access, granted.refresh]) {
      expect((await post(server, '/oauth/revoke', { client_id: other.id, token })).status).toBe(200);
    }
    expect((await call(server, '/v1/check', granted.access)).status).toBe(200);
    expect((await post(server, '/oauth/revoke', { client_id: client.id, token: granted.access })).status).toBe(200);
    await expect.poll(async () => (await call(server, '/v1/check', granted.access)).status).toBe(401);
    expect((await refresh(server, client, granted.refresh)).status).toBe(200);
  });
});

function json(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(text);
}
