// Reports of GitHub's secret scanning, signed as GitHub signs them, from keys that a server over HTTPS publishes.

import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JournalList } from '../../sdk/src/wire.ts';
import { createGitHubKeys } from '../../server/src/core/credentials/leaks/github.ts';
import { generateApiToken, newId } from '../../server/src/core/secret.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call, expectFaults, expectProblem } from '../wire/native/calls.ts';
import { type ClientHost, startClientHost } from '../wire/oauth2/client-host.ts';

const pair = (namedCurve = 'P-256') => generateKeyPairSync('ec', { namedCurve });
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const { publicKey, privateKey } = pair();
const keysOf = (...keys: [id: string, key: KeyObject][]) => ({
  public_keys: keys.map(([id, key]) => ({ key_identifier: id, key: pemOf(key), is_current: true })),
});
const say = (document: unknown) => (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(document));

describe('a report of GitHub', () => {
  let host: ClientHost;
  let server: TestServer;
  let owner: string;
  beforeAll(async () => {
    host = await startClientHost();
    host.answers.set('/keys', say(keysOf(['current', publicKey])));
    server = await startServer({ outbound: host.outbound, leaks: { githubKeys: `${host.url}/keys`, inClear: 'flag' } });
    owner = await bearerOf(server, server.owner);
  });
  afterAll(async () => {
    await server?.stop();
    await host?.stop();
  });

  const send = (body: string, { id = 'current', key = privateKey, signed = body } = {}) =>
    call<unknown>(server, 'POST', '/v1/leaks', undefined, body, {
      'github-public-key-identifier': id,
      'github-public-key-signature': sign('sha256', Buffer.from(signed), key).toString('base64'),
    });
  const match = (token: string, more: object = {}) => ({ token, type: 'keyward_api_token', url: 'https://x', ...more });

  test('ends what it names, and is told which were tokens and which were not, by their digests', async () => {
    const { token, secret } = await server.core.createApiToken(server.asOwner, { permissions: ['*:*'] });
    const dead = await server.core.createApiToken(server.asOwner, { permissions: [] });
    await server.core.deleteApiToken(server.asOwner, { id: dead.token.id });
    const noise = generateApiToken(newId());
    // Its blanks are part of what was signed.
    const url = 'https://github.com/acme/app/blob/0123456789abcdef0123456789abcdef01234567/src/a.ts';
    const body = JSON.stringify([match(secret, { url, source: 'content' }), match(noise), match(dead.secret)], null, 3);
    const answer = await send(body);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual([
      { token_hash: sha256(secret), token_type: 'keyward_api_token', label: 'true_positive' },
      { token_hash: sha256(noise), token_type: 'keyward_api_token', label: 'false_positive' },
      { token_hash: sha256(dead.secret), token_type: 'keyward_api_token', label: 'true_positive' },
    ]);
    expect((await call(server, 'GET', '/v1/self', secret)).status).toBe(401);
    const { items } = (await call<JournalList>(server, 'GET', `/v1/journal?search=${token.id}`, owner)).body;
    expect(items.find(({ action }) => action === 'api_token.leaked')?.detail).toMatchObject({
      reportedBy: 'github',
      url,
      source: 'content',
    });
  });

  test('is refused unless one of its keys signed this very body', async () => {
    const { secret } = await server.core.createApiToken(server.asOwner, { permissions: [] });
    const body = JSON.stringify([match(secret)]);
    for (const fault of [
      { key: pair().privateKey },
      { id: 'another' },
      { id: '' },
      { id: '__proto__' },
      { signed: `${body} ` },
      { signed: '' },
    ]) {
      expectProblem((await send(body, fault)) as never, 403, 'forbidden');
    }
    const headers = { 'github-public-key-identifier': 'current', 'github-public-key-signature': 'AAAA' };
    expectProblem(await call(server, 'POST', '/v1/leaks', undefined, body, headers), 403, 'forbidden');
    expect((await call(server, 'GET', '/v1/self', secret)).status).toBe(200);
    // Without a signature it is a report like any other, which has another form.
    expectFaults(await call(server, 'POST', '/v1/leaks', undefined, body), '/body');
  });

  test('is refused when it was signed in another way: another hash, curve, kind of key, or form of the signature', async () => {
    const { secret } = await server.core.createApiToken(server.asOwner, { permissions: [] });
    const body = JSON.stringify([match(secret)]);
    const bytes = Buffer.from(body);
    const wide = pair('P-384');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const edwards = generateKeyPairSync('ed25519');
    const others = { wide: wide.publicKey, rsa: rsa.publicKey, edwards: edwards.publicKey };
    host.answers.set('/keys', say(keysOf(['current', publicKey], ...Object.entries(others))));
    await server.restart();
    for (const [id, signature] of [
      ['wide', sign('sha256', bytes, wide.privateKey)],
      ['wide', sign('sha384', bytes, wide.privateKey)],
      ['rsa', sign('sha256', bytes, rsa.privateKey)],
      ['edwards', sign(null, bytes, edwards.privateKey)],
      ['current', sign('sha384', bytes, privateKey)],
      ['current', sign('sha1', bytes, privateKey)],
      ['current', sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' })],
      ['current', createHash('sha256').update(bytes).digest()],
      ['current', Buffer.alloc(64)],
      ['current', Buffer.alloc(0)],
    ] as const) {
      const headers = {
        'github-public-key-identifier': id,
        'github-public-key-signature': signature.toString('base64'),
      };
      expectProblem(await call(server, 'POST', '/v1/leaks', undefined, body, headers), 403, 'forbidden');
    }
    expect((await call(server, 'GET', '/v1/self', secret)).status).toBe(200);
    expect((await send(body)).status).toBe(200);
    expect((await call(server, 'GET', '/v1/self', secret)).status).toBe(401);
  });

  test('that is sent again is answered as before, and is no news, in whichever order', async () => {
    const made = await server.core.createApiToken(server.asOwner, { permissions: [] });
    const body = JSON.stringify([match(made.secret, { url: 'https://github.com/acme/app/a' })]);
    const first = await send(body);
    const head = await server.store.journal.head();
    for (let time = 0; time < 3; time += 1) expect((await send(body)).text).toBe(first.text);
    expect(await server.store.journal.head()).toBe(head);
    // The same token at another place is another report; a person who let it work again is heard, and so is a later copy.
    await send(JSON.stringify([match(made.secret, { url: 'https://github.com/acme/app/b' })]));
    const { items } = (await call<JournalList>(server, 'GET', `/v1/journal?search=${made.token.id}`, owner)).body;
    const places = items.filter(({ action }) => action === 'api_token.leaked').map(({ detail }) => detail.url);
    expect(places).toEqual(['https://github.com/acme/app/b', 'https://github.com/acme/app/a']);
  });

  test('that is larger than reports are is refused before anything is made of it [S98]', async () => {
    const body = JSON.stringify(Array.from({ length: 3000 }, () => match('x'.repeat(30))));
    const head = await server.store.journal.head();
    expectProblem((await send(body)) as never, 413, 'too_large');
    expect(await server.store.journal.head()).toBe(head);
    const most = JSON.stringify(Array.from({ length: 300 }, (_, at) => match(`kw_${at}`)));
    expect((await send(most)).body).toHaveLength(300);
  });

  test('that is signed and makes no sense is refused in words', async () => {
    for (const [body, at] of [
      ['{}', '/body'],
      ['[1]', '/body/0/token'],
      ['[null]', '/body/0/token'],
      ['[{"token":"x"},{"token":7}]', '/body/1/token'],
    ] as const) {
      expectFaults((await send(body)) as never, at);
    }
    expect((await send('[]')).body).toEqual([]);
    expect((await send('[{"token":"x"}]')).body).toEqual([
      { token_hash: sha256('x'), token_type: '', label: 'false_positive' },
    ]);
  });

  test('is taken nowhere unless the operator says where its keys are', async () => {
    const closed = await startServer();
    const body = '[]';
    const answer = await call(closed, 'POST', '/v1/leaks', undefined, body, {
      'github-public-key-identifier': 'current',
      'github-public-key-signature': sign('sha256', Buffer.from(body), privateKey).toString('base64'),
    });
    expectProblem(answer, 403, 'forbidden');
    await closed.stop();
  });
});

describe('the keys of GitHub', () => {
  let now = 0;
  let asked = 0;
  let said: unknown;
  const body = Buffer.from('[]');
  const signedBy = (key: KeyObject) => sign('sha256', body, key).toString('base64');
  const open = () =>
    createGitHubKeys({
      clock: () => now,
      url: 'https://github.test/keys',
      outbound: {
        fetchJson: async () => {
          asked += 1;
          return said === undefined ? { failure: 'unreachable' } : { document: said };
        },
      },
    });
  beforeEach(() => {
    now = 1_000_000;
    asked = 0;
    said = keysOf(['one', publicKey]);
  });

  test('are read once for many reports, again after an hour, and for a new identifier at most once a minute', async () => {
    const keys = open();
    const all = await Promise.all(Array.from({ length: 9 }, () => keys.signed(body, 'one', signedBy(privateKey))));
    expect([all.every((one) => one), asked]).toEqual([true, 1]);
    for (let at = 0; at < 9; at += 1) expect(await keys.signed(body, `x${at}`, signedBy(privateKey))).toBe(false);
    expect(asked).toBe(1);
    now += 60_000;
    await keys.signed(body, 'x', signedBy(privateKey));
    expect(asked).toBe(2);
    now += 3_600_000;
    await keys.signed(body, 'one', signedBy(privateKey));
    expect(asked).toBe(3);
  });

  test('count for a day when they cannot be read again, and no longer', async () => {
    const keys = open();
    await keys.signed(body, 'one', signedBy(privateKey));
    said = undefined;
    now += 23 * 3_600_000;
    expect(await keys.signed(body, 'one', signedBy(privateKey))).toBe(true);
    now += 2 * 3_600_000;
    await expect(keys.signed(body, 'one', signedBy(privateKey))).rejects.toMatchObject({ code: 'unavailable' });
    said = keysOf(['one', publicKey]);
    now += 60_000;
    expect(await keys.signed(body, 'one', signedBy(privateKey))).toBe(true);
  });

  test('are pinned: an identifier never comes to mean another key, and one that is withdrawn counts no more', async () => {
    const keys = open();
    const other = pair();
    await keys.signed(body, 'one', signedBy(privateKey));
    said = keysOf(['one', other.publicKey], ['two', other.publicKey]);
    now += 3_600_000;
    expect(await keys.signed(body, 'one', signedBy(other.privateKey))).toBe(false);
    expect(await keys.signed(body, 'one', signedBy(privateKey))).toBe(false);
    expect(await keys.signed(body, 'two', signedBy(other.privateKey))).toBe(true);
  });

  test('are of P-256 alone, and whatever else is published is passed over', async () => {
    const p384 = pair('P-384');
    const list = keysOf(['wide', p384.publicKey], ['one', publicKey]).public_keys;
    said = { public_keys: [null, 7, {}, { key_identifier: 'x', key: 'no key' }, ...list] };
    const keys = open();
    expect(await keys.signed(body, 'one', signedBy(privateKey))).toBe(true);
    expect(await keys.signed(body, 'wide', signedBy(p384.privateKey))).toBe(false);
    for (const nonsense of [null, [], { public_keys: 1 }, 'text']) {
      said = nonsense;
      await expect(open().signed(body, 'one', signedBy(privateKey))).rejects.toMatchObject({ code: 'unavailable' });
    }
  });
});
