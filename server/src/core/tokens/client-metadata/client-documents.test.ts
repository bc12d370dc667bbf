// The documents of clients, over real TLS and with every kind of resolver: how often they are read, for how long they count,
// and what is never read.

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { hasIdForm } from '@keyward/rules/organization-handle';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../../http/self-signed.test-support.ts';
import { createOutbound, type OutboundOptions } from '../../../outbound/outbound.ts';
import { isRedirectUri } from '../applications/redirect-uri.ts';
import { createClientDocuments, type RefusedClient } from './client-documents.ts';
import { idOfClient, isAllowedClient, isClientUrl } from './client-url.ts';
import { metadataIn } from './document.ts';

const certificate = selfSigned({ hosts: ['client.test'] });
let answer: (request: IncomingMessage, response: ServerResponse) => unknown;
let server: Server;
let url: string;
let asked = 0;
let now = 1_700_000_000_000;

beforeAll(async () => {
  server = createServer(certificate, (request, response) => {
    asked += 1;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://client.test:${(server.address() as AddressInfo).port}/client.json`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});
beforeEach(() => {
  asked = 0;
  answer = saying();
});

const saying =
  (headers: Record<string, string> = {}, members: Record<string, unknown> = {}) =>
  (_: IncomingMessage, response: ServerResponse) => {
    const document = { client_id: url, client_name: 'Client', redirect_uris: ['https://client.test/back'], ...members };
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(document));
  };

function documentsWith(options: Partial<OutboundOptions> = {}, refused: RefusedClient[] = []) {
  const outbound = createOutbound({
    allowPrivate: ['127.0.0.1'],
    ca: certificate.cert,
    resolve: async () => ['127.0.0.1'],
    timeoutMs: 30_000,
    ...options,
  });
  const allowed = { hosts: ['*'], permissions: ['read:*'] };
  return createClientDocuments({ outbound, clock: () => now, allowed, refused: (one) => refused.push(one) });
}

const client = {
  name: 'Client',
  redirectUris: ['https://client.test/back'],
  grants: ['authorization_code'],
  jwksUri: null,
  jwks: null,
};

describe('the document of a client', () => {
  it('is read once for all who wait for it, and kept for 5 minutes', async () => {
    const documents = documentsWith();
    const many = Array.from({ length: 50 }, (_, at) => documents.read(url, `party ${at}`));
    for (const one of await Promise.all(many)) expect(one).toEqual(client);
    now += 5 * 60_000 - 1;
    expect(await documents.read(url, 'anyone')).toEqual(client);
    expect(asked).toBe(1);
    now += 1;
    await documents.read(url, 'anyone');
    expect(asked).toBe(2);
  });

  it.each([
    ['max-age=600', 600_000],
    ['public, max-age="900"', 900_000],
    ['max-age=1', 60_000],
    ['no-store', 60_000],
    ['max-age=86400, no-cache', 60_000],
    ['max-age=86400', 3_600_000],
    ['immutable', 300_000],
  ])('is kept as %s says, a minute at least and an hour at most', async (cacheControl, keptMs) => {
    answer = saying({ 'cache-control': cacheControl });
    const documents = documentsWith();
    await documents.read(url, 'anyone');
    now += keptMs - 1;
    await documents.read(url, 'anyone');
    expect(asked).toBe(1);
    now += 1;
    await documents.read(url, 'anyone');
    expect(asked).toBe(2);
  });

  it('counts no longer than it was kept where it cannot be read any more, and again once it can', async () => {
    const refused: RefusedClient[] = [];
    const documents = documentsWith({}, refused);
    await documents.read(url, 'anyone');
    answer = (_, response) => response.writeHead(500).end();
    now += 5 * 60_000 - 1;
    expect(await documents.read(url, 'anyone')).toEqual(client);
    now += 1;
    expect(await documents.read(url, 'anyone')).toBeNull();
    answer = saying();
    expect(await documents.read(url, 'anyone')).toBeNull();
    expect(asked).toBe(2);
    now += 5000;
    expect(await documents.read(url, 'anyone')).toEqual(client);
    expect(refused).toEqual([{ client: url, why: 'it answered with another status than 200' }]);
  });

  it('is not read where its host name leads inside at the second look [S126]', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.2'], ['169.254.169.254']];
    const refused: RefusedClient[] = [];
    const documents = documentsWith({ resolve: async () => answers.shift() ?? ['10.0.0.1'] }, refused);
    expect(await documents.read(url, 'anyone')).toEqual(client);
    for (const _ of [1, 2, 3]) {
      now += 5 * 60_000;
      expect(await documents.read(url, 'anyone')).toBeNull();
    }
    expect(asked).toBe(1);
    expect(refused.map(({ why }) => why)).toEqual(
      Array(3).fill(expect.stringContaining('private or reserved address')),
    );
  });

  it('is not read off the public Internet, however its address is written [S126]', async () => {
    const documents = documentsWith({ allowPrivate: [], resolve: async () => ['127.0.0.1'] });
    for (const host of ['127.0.0.1', '[::1]', '10.0.0.1', '169.254.169.254', '[fd00::1]', 'client.test']) {
      expect(await documents.read(`https://${host}/client.json`, 'anyone')).toBeNull();
    }
    expect(asked).toBe(0);
  });

  it('is waited for only so long, and never of more than 5 kB [S126]', async () => {
    answer = () => undefined;
    expect(await documentsWith({ timeoutMs: 200 }).read(url, 'anyone')).toBeNull();
    for (const [length, isTaken] of [
      [4800, true],
      [5200, false],
    ] as const) {
      answer = saying({}, { tos_uri: 'x'.repeat(length) });
      expect((await documentsWith().read(url, 'anyone')) !== null).toBe(isTaken);
    }
  });

  it('takes the place of nobody else’s: a few are read at a time on behalf of one party', async () => {
    const waiting: ServerResponse[] = [];
    answer = (_, response) => waiting.push(response);
    const documents = documentsWith();
    const slow = [1, 2, 3, 4].map((one) => documents.read(url.replace('client.json', `${one}`), 'one'));
    expect(await documents.read(url, 'one')).toBeNull();
    await expect.poll(() => waiting.length, { timeout: 20_000 }).toBe(4);
    answer = saying();
    expect(await documents.read(url, 'another')).toEqual(client);
    expect(await documents.read(url, 'one')).toEqual(client);
    for (const response of waiting) response.writeHead(404).end();
    expect(await Promise.all(slow)).toEqual([null, null, null, null]);
  });
});

describe('what a document says', () => {
  it('is judged whatever it is: taken, or refused in words', () => {
    const address = 'https://client.test/c';
    const any = fc.jsonValue();
    const texts = fc.array(fc.oneof(fc.webUrl(), fc.constantFrom('code', 'authorization_code', 'refresh_token'), any));
    const document = fc.record(
      {
        client_id: fc.constantFrom(address, `${address}/`, null),
        client_name: fc.oneof(fc.string(), any),
        redirect_uris: fc.oneof(texts, any),
        grant_types: fc.oneof(texts, any),
        response_types: fc.oneof(texts, any),
        token_endpoint_auth_method: fc.oneof(fc.constant('none'), any),
      },
      { requiredKeys: ['client_id'] },
    );
    fc.assert(
      fc.property(fc.oneof(document, any), (said) => {
        const found = metadataIn(said, address);
        if ('fault' in found) {
          expect(found.fault).toMatch(/^[a-z]/);
          return;
        }
        expect(found.redirectUris.length).toBeGreaterThan(0);
        expect(found.redirectUris.filter((one) => !isRedirectUri(one))).toEqual([]);
        expect(found.grants).toContain('authorization_code');
        expect(found.name.trim()).not.toBe('');
      }),
    );
  });
});

describe('the address of a client', () => {
  it('is one text, which no reading of addresses makes another', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string()), (text) => {
        if (!isClientUrl(text)) return;
        const { protocol, username, password, search, hash, href, pathname } = new URL(text);
        expect([protocol, username, password, search, hash, href]).toEqual(['https:', '', '', '', '', text]);
        expect(pathname.length).toBeGreaterThan(1);
        expect(pathname.split('/').some((part) => /^(\.|%2e){1,2}$/i.test(part))).toBe(false);
      }),
    );
  });

  it('has an id of its own, of the form of all ids', () => {
    fc.assert(
      fc.property(fc.webUrl(), fc.webUrl(), (one, other) => {
        expect(hasIdForm(idOfClient(one))).toBe(true);
        expect(idOfClient(one) === idOfClient(other)).toBe(one === other);
      }),
    );
  });

  it('is allowed by its host, with its port, or by the domain that it is below', () => {
    const hosts = ['mcp.example.com', '*.agents.example', 'local.example:8443'];
    for (const allowed of [
      'https://mcp.example.com/c',
      'https://a.agents.example/c',
      'https://a.b.agents.example/c',
      'https://local.example:8443/c',
    ]) {
      expect(isAllowedClient(hosts, allowed), allowed).toBe(true);
      expect(isAllowedClient(['*'], allowed)).toBe(true);
      expect(isAllowedClient([], allowed)).toBe(false);
    }
    for (const other of [
      'https://agents.example/c',
      'https://evilagents.example/c',
      'https://mcp.example.com:8443/c',
      'https://mcp.example.com.evil.example/c',
      'https://local.example/c',
      'https://evil.example/mcp.example.com',
    ]) {
      expect(isAllowedClient(hosts, other), other).toBe(false);
    }
  });
});
