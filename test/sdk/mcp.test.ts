// The client of the official MCP SDK, unmodified, at the server of examples/mcp: guarded by our SDK and by the gateway. It finds out
// where to sign in, calls itself by the address where it is described, and asks for more when a tool needs more.

import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startNotes } from '../../examples/mcp/guarded.ts';
import { startOpenNotes } from '../../examples/mcp/open.ts';
import { freePort } from '../end-to-end/run.ts';
import { startServer, type TestServer } from '../server.ts';
import { type Page, signedIn } from '../wire/native/session-client.ts';
import { type ClientHost, startClientHost } from '../wire/oauth2/client-host.ts';
import { apiTokenClient, claimsOf } from '../wire/oauth2/clients.ts';
import { codeFrom, type Provider, providerOf, redirectUrl, signIn, textOf } from './mcp-client.ts';

describe('the client of the MCP SDK', () => {
  let host: ClientHost;
  let server: TestServer;
  let page: Page;
  let resource: string;
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    host = await startClientHost();
    const open = await startOpenNotes();
    closing.push(host.stop, open.close);
    server = await startServer({
      clock: { now: Date.now, advance: () => undefined },
      outbound: host.outbound,
      clientMetadata: { hosts: [host.host], permissions: ['read:*', 'write:*'] },
      routes: () => [
        {
          path: '/mcp',
          methods: ['GET', 'POST'],
          permissions: ['read:shared_notes'],
          dialect: null,
          api: 'shared',
          upstream: open.url,
        },
      ],
    });
    closing.unshift(() => server.stop());
    resource = `http://127.0.0.1:${await freePort()}/mcp`;
    const { core, asOwner } = server;
    await core.createApi(asOwner, { handle: 'notes', name: 'Notes', identifier: resource });
    await core.createApi(asOwner, { handle: 'shared', name: 'Shared notes', identifier: `${server.url}/mcp` });
    for (const name of ['read:notes', 'write:notes']) await core.registerPermission(asOwner, { name, api: 'notes' });
    // What the route needs is registered with its API at a start.
    await server.restart();
    const guard = await apiTokenClient(server, { permissions: ['verify:credential', 'follow:feed'] });
    const notes = await startNotes({ keyward: { url: server.url, token: guard.secret }, resource, api: 'notes' });
    closing.unshift(notes.close);
    page = await signedIn(server, server.owner);
  }, 120_000);
  afterAll(async () => {
    for (const close of closing) await close();
  });

  const connect = (address: string, provider: Provider) => signIn(page, server, address, provider);
  const accessOf = async (provider: Provider) => (await provider.tokens())?.access_token ?? '';

  test('signs in by the address where it is described, for this server alone, and for what its call needs', async () => {
    const described = host.client('/plain/client.json', { redirect_uris: [redirectUrl] });
    const provider = providerOf(described.id);
    const { client } = await connect(resource, provider);
    const [asked] = provider.asked;
    expect(Object.fromEntries(asked?.searchParams ?? [])).toMatchObject({
      client_id: described.id,
      resource,
      scope: 'read:notes',
      code_challenge_method: 'S256',
    });
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['list_notes', 'delete_notes']);
    expect(textOf(await client.callTool({ name: 'list_notes' }))).toContain('Call Ada');
    expect(claimsOf(await accessOf(provider))).toMatchObject({
      iss: server.url,
      aud: resource,
      client_id: described.id,
      sub: server.owner.id,
      scope: 'read:notes',
    });
    await client.close();
  });

  test('renews by itself when its access token does not count any more', async () => {
    const described = host.client('/renewing/client.json', { redirect_uris: [redirectUrl] });
    const provider = providerOf(described.id);
    const { client } = await connect(resource, provider);
    const tokens = await provider.tokens();
    const revoked = new URLSearchParams({ client_id: described.id, token: tokens?.access_token ?? '' });
    expect((await fetch(`${server.url}/oauth/revoke`, { method: 'POST', body: revoked })).status).toBe(200);
    await expect.poll(async () => (await ping(tokens?.access_token)).status, { timeout: 30_000 }).toBe(401);
    expect(textOf(await client.callTool({ name: 'list_notes' }))).toContain('Call Ada');
    expect(await accessOf(provider)).not.toBe(tokens?.access_token);
    expect(provider.asked).toHaveLength(1);
    await client.close();
  });

  test('is told what a tool needs, asks for that, and calls it (step-up)', async () => {
    // With a refresh token this client renews in place of asking, and gives up.
    const described = host.client('/stepping/client.json', {
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code'],
    });
    const provider = providerOf(described.id);
    const { client, transport } = await connect(resource, provider);
    await expect(client.callTool({ name: 'delete_notes' })).rejects.toThrow(UnauthorizedError);
    expect(provider.asked.at(-1)?.searchParams.get('scope')).toBe('read:notes write:notes');
    expect(provider.asked).toHaveLength(2);
    await transport.finishAuth(await codeFrom(page, server, provider));
    expect(textOf(await client.callTool({ name: 'delete_notes' }))).toContain('are deleted');
    await client.close();
  });

  test('signs in to a server behind the gateway just so', async () => {
    const described = host.client('/gateway/client.json', { redirect_uris: [redirectUrl] });
    const provider = providerOf(described.id);
    const { client } = await connect(`${server.url}/mcp`, provider);
    expect(provider.asked[0]?.searchParams.get('scope')).toBe('read:shared_notes');
    expect((await client.callTool({ name: 'list_notes' })).isError).not.toBe(true);
    expect(claimsOf(await accessOf(provider))).toMatchObject({ aud: `${server.url}/mcp` });
    // Of another API it is nothing.
    expect((await ping(await accessOf(provider))).status).toBe(403);
    await client.close();
  });

  test('is challenged as the specification says: 401 and 403 name the metadata and the scope', async () => {
    const bare = await ping(undefined);
    const metadata = resource.replace('/mcp', '/.well-known/oauth-protected-resource/mcp');
    expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([
      401,
      `Bearer realm="keyward", scope="read:notes", resource_metadata="${metadata}"`,
    ]);
    const described = host.client('/challenged/client.json', { redirect_uris: [redirectUrl] });
    const provider = providerOf(described.id);
    const { client } = await connect(resource, provider);
    // Several messages at once need what all of them need.
    for (const body of [deletion, [listing, deletion]]) {
      const lacking = await ping(await accessOf(provider), body);
      expect([lacking.status, lacking.headers.get('www-authenticate')]).toEqual([
        403,
        `Bearer realm="keyward", error="insufficient_scope", scope="read:notes write:notes", resource_metadata="${metadata}"`,
      ]);
    }
    await client.close();
  });

  const listing = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const deletion = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'delete_notes' } };

  function ping(bearer: string | undefined, body: unknown = listing): Promise<Response> {
    return fetch(resource, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify(body),
    });
  }
});
