// What every endpoint of every dialect can rely on: whose words, which headers, which bodies and queries get in.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { within } from '../../../test/machine-time.ts';
import { native, type Running, sendRaw, start, statusOf, stubDialect } from './app.test-support.ts';

const shouty = stubDialect('versio', ['/v1/shout', '/shout'], {
  apiTokenScheme: true,
  bodies: ['form'],
  mount: (scope) => {
    scope.post('/shout', (request) => ({ body: request.body ?? null }));
  },
});
const broken = stubDialect('parsers', ['/broken'], {
  fail: () => {
    throw new Error('no words');
  },
});

let running: Running;
beforeAll(async () => {
  running = await start({ dialects: [native, shouty, broken] });
});
afterAll(() => running.close());

const call = (path: string, init?: RequestInit) => fetch(`${running.url}${path}`, init);
const post = (path: string, body: string | Uint8Array<ArrayBuffer>, type = 'application/json') =>
  call(path, { method: 'POST', body, headers: type === '' ? {} : { 'content-type': type } });

describe('whose words an answer takes', () => {
  it.each([
    ['/v1/nothing', {}, 'native'],
    ['/v1/shout', {}, 'versio'],
    ['/v1/shout/x', {}, 'versio'],
    ['/v1/shouting', {}, 'native'],
    ['/shout%20x', {}, 'native'],
    ['/%73hout/x', {}, 'versio'],
    ['/elsewhere', {}, 'native'],
    ['/elsewhere', { authorization: 'apiToken x' }, 'versio'],
    ['/elsewhere?apiToken=x', {}, 'versio'],
    ['/elsewhere?apiToken=%zz', {}, 'versio'],
    ['/v1/nothing?apiToken=x', {}, 'native'],
    ['/shout/a//b', {}, 'versio'],
  ])('%s %j is answered by %s', async (path, headers, by) => {
    const answer = await call(path, { headers });
    expect(await answer.json()).toMatchObject({ by });
  });

  it('words a refused credential through refuse, so that 401 is worded once', async () => {
    const answer = await call('/v1/self', { headers: { authorization: 'Bearer bad' } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="native"');
    expect(await answer.json()).toEqual({ by: 'native', reason: 'unknown' });
  });
});

describe('the standing headers', () => {
  it.each(['/v1/self', '/v1/query', '/v1/nothing', '/v1/bug', '/v1/people', '/v1/a//b'])(
    'forbid caching, sniffing and referrers on %s [S7]',
    async (path) => {
      const { headers } = await call(path);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect([headers.get('server'), headers.get('x-powered-by')]).toEqual([null, null]);
    },
  );

  it('put a challenge on a 401 that has none [S7]', async () => {
    expect((await call('/v1/bare401')).headers.get('www-authenticate')).toBe('Bearer');
  });
});

describe('one credential', () => {
  it.each([
    ['a header and a parameter', '/v1/self?apiToken=good', { authorization: 'Bearer good' }],
    ['two parameters', '/v1/self?apiToken=good&apiToken=good', {}],
  ])('refuses %s and evaluates neither [S6]', async (_what, path, headers) => {
    const before = running.core.asked.length;
    const answer = await call(path, { headers });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_request' });
    expect(running.core.asked).toHaveLength(before);
  });

  it('does not read an apiToken parameter while no dialect brings it', async () => {
    const other = await start();
    expect((await fetch(`${other.url}/v1/self?apiToken=good`)).status).toBe(401);
    const headers = { authorization: 'apiToken good' };
    expect((await fetch(`${other.url}/v1/self`, { headers })).status).toBe(401);
    expect(other.core.asked.map(({ credential }) => credential)).toEqual([null, null]);
    await other.close();
  });

  it('reads an apiToken parameter, decoded', async () => {
    expect((await call('/v1/self?apiToken=%67ood')).status).toBe(200);
    expect(running.core.asked.at(-1)?.credential).toBe('good');
  });

  it.each(['access_token', 'api_key', 'token', 'Access_Token', '%74oken'])(
    'refuses ?%s= on an endpoint, does not evaluate it and does not log it [S5]',
    async (name) => {
      const before = running.core.asked.length;
      const answer = await call(`/v1/self?${name}=canary-in-url`, { headers: { authorization: 'Bearer good' } });
      expect(answer.status).toBe(400);
      expect(await answer.text()).not.toContain('canary-in-url');
      expect(running.core.asked).toHaveLength(before);
      expect(running.logged.join('')).not.toContain('canary-in-url');
    },
  );
});

describe('bodies', () => {
  it('reads JSON and forms', async () => {
    expect(await (await post('/v1/echo', '{"a":1}', 'application/json; charset=utf-8')).json()).toEqual({
      body: { a: 1 },
    });
    const form = await post('/v1/echo', 'a=1&b=x+y', 'application/x-www-form-urlencoded');
    expect(await form.json()).toEqual({ body: { a: '1', b: 'x y' } });
  });

  it.each([
    ['text/plain', 415],
    ['text/json', 415],
    ['application/jsonx', 415],
    ['application/json; charset=utf-16', 415],
    ['application/problem+json', 415],
    ['multipart/form-data; boundary=x', 415],
    ['nonsense', 415],
    ['', 415],
  ])('answers %s with %i [S9]', async (type, status) => {
    const answer = await post('/v1/echo', Buffer.from('{}'), type);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ by: 'native', code: 'unsupported_media_type' });
  });

  it('reads no compressed body, and no kind that its dialect does not read [S9]', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect((await call('/v1/echo', { method: 'POST', body: '{}', headers })).status).toBe(415);
    expect((await post('/shout', '{}')).status).toBe(415);
    expect(await (await post('/shout', 'a=1', 'application/x-www-form-urlencoded')).json()).toEqual({
      body: { a: '1' },
    });
  });

  it.each([
    '{',
    '{"a":1,"a":2}',
    '{"__proto__":1}',
    '{"constructor":1}',
    '{"a":"\\u0000"}',
    '{"a":"\\ud800"}',
    '{"a":1e400}',
    '{"a":9007199254740993}',
    '{"a":NaN}',
    '\ufeff{}',
    '['.repeat(60_000),
    Buffer.from([0x22, 0xff, 0x22]),
  ])('refuses JSON that readers disagree about: case %# [S76]', async (body) => {
    const answer = await post('/v1/echo', typeof body === 'string' ? Buffer.from(body) : body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: 'invalid_request',
      faults: [{ at: ['body'], kind: 'malformed' }],
    });
  });

  it.each(['a=1&a=2', 'a[]=1', 'a[b]=1', 'a=%zz', 'a=%ff', 'a=%00'])('refuses the form %s [S78]', async (body) => {
    const answer = await post('/v1/echo', body, 'application/x-www-form-urlencoded');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_request' });
  });

  it('takes an empty JSON body for none, which matters only where one is described', async () => {
    expect(await (await post('/v1/echo', '')).json()).toEqual({ body: 'nothing' });
    const answer = await post('/v1/people', '');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ faults: [{ at: ['body'], kind: 'missing' }] });
  });

  it('does not wait for a body that no header announces', async () => {
    for (const method of ['POST', 'DELETE', 'OPTIONS']) {
      const head = `${method} /v1/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n`;
      expect(statusOf(await sendRaw(running.port, head, 2000)), method).toBeOneOf([200, 405]);
    }
  });

  it('refuses a body over 64 kB, announced or in chunks, and takes one just below [S75]', async () => {
    const fits = JSON.stringify('x'.repeat(65_534));
    expect((await post('/v1/echo', fits)).status).toBe(200);
    const over = await post('/v1/echo', JSON.stringify('x'.repeat(65_535)));
    expect(over.status).toBe(413);
    expect(await over.json()).toMatchObject({ code: 'too_large' });
    const stream = new Blob([' '.repeat(70_000)]).stream();
    const init = { method: 'POST', body: stream, duplex: 'half', headers: { 'content-type': 'application/json' } };
    expect((await call('/v1/echo', init as RequestInit)).status).toBe(413);
  });
});

describe('validation', () => {
  it('names every wrong place once, by kind', async () => {
    const body = { tags: ['a', 1, 'b', null], extra: 1, ['x'.repeat(100)]: 2 };
    const answer = await post('/v1/people', JSON.stringify(body));
    const { faults, message } = (await answer.json()) as { faults: { at: unknown[]; kind: string }[]; message: string };
    const found = faults.map(({ at, kind }) => [at, kind]);
    expect(found).toContainEqual([['body', 'name'], 'missing']);
    expect(found).toContainEqual([['body', 'extra'], 'unknown_field']);
    expect(found).toContainEqual([['body', 'tags', 1], 'wrong_type']);
    expect(found).toContainEqual([['body', 'tags', 3], 'wrong_type']);
    expect(found).toContainEqual([['body', `${'x'.repeat(64)}…`], 'unknown_field']);
    expect(found).toHaveLength(5);
    expect(message).not.toBe('');
  });

  it('neither coerces nor drops what was sent [S55]', async () => {
    const wrong = await post('/v1/people', '{"name":5}');
    expect(await wrong.json()).toMatchObject({ faults: [{ at: ['body', 'name'], kind: 'wrong_type' }] });
    const long = await post('/v1/people', '{"name":"12345678901"}');
    expect(await long.json()).toMatchObject({ faults: [{ at: ['body', 'name'], kind: 'invalid' }] });
    expect((await post('/v1/people', '{"name":"1","tenantId":"x"}')).status).toBe(400);
  });

  it('says at most 20 things', async () => {
    const answer = await post('/v1/people', JSON.stringify({ name: 'a', tags: Array(500).fill(0) }));
    expect(((await answer.json()) as { faults: unknown[] }).faults).toHaveLength(20);
  });
});

describe('queries of our own endpoints', () => {
  it('are read strictly', async () => {
    expect(await (await call('/v1/query?a=1&b=x%20y+z')).json()).toEqual({ query: { a: '1', b: 'x y z' } });
  });

  it.each(['a=1&a=2', 'a[]=1', 'a[__proto__][x]=1', 'a=%zz', '__proto__=1', 'a=%00', '=1'])(
    'refuse ?%s [S78]',
    async (query) => {
      const answer = await call(`/v1/query?${query}`);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ by: 'native', faults: [{ at: ['query'], kind: 'malformed' }] });
    },
  );
});

describe('methods', () => {
  it('answers 405 with Allow on a known path and 404 elsewhere [S65]', async () => {
    const answer = await call('/v1/self', { method: 'DELETE' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
    expect(await answer.json()).toMatchObject({ by: 'native', code: 'method_not_allowed', allow: ['GET', 'HEAD'] });
    expect((await call('/v1/nothing', { method: 'DELETE' })).status).toBe(404);
    expect((await post('/v1/nothing', '{', 'nonsense')).status).toBe(404);
  });

  it('knows the methods of overlapping paths apart [S65]', async () => {
    const answer = await call('/v1/items/search', { method: 'PUT' });
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST']);
    expect(await (await call('/v1/items/search')).json()).toEqual({ params: { id: 'search' } });
  });

  it('answers HEAD wherever it answers GET, with the same head and no body', async () => {
    for (const target of [
      '/v1/self',
      '/v1/query?a=b',
      '/healthz',
      '/readyz',
      '/.well-known/jwks.json',
      '/v1/bare401',
    ]) {
      const [get, head] = [await call(target), await call(target, { method: 'HEAD' })];
      expect([target, head.status, await head.text()]).toEqual([target, get.status, '']);
      const shown = ({ headers }: Response) =>
        [...headers].filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name));
      expect(shown(head)).toEqual(shown(get));
    }
    expect((await call('/v1/people', { method: 'HEAD' })).status).toBe(405);
  });

  it('lets an override header change nothing [S65]', async () => {
    const headers = { 'x-http-method-override': 'GET', 'content-type': 'application/json' };
    expect((await call('/v1/self', { method: 'POST', headers, body: '{}' })).status).toBe(405);
  });
});

describe('bugs', () => {
  it('say only an id that the log knows [S84]', async () => {
    const answer = await call('/v1/bug');
    expect(answer.status).toBe(500);
    const { message, by } = (await answer.json()) as { message: string; by: string };
    const id = /^Internal error\. Its id in the log is ([0-9a-f]{16})\.$/.exec(message)?.[1];
    expect(by).toBe('native');
    expect(id).toBeDefined();
    const line = running.logged.find((one) => one.includes(String(id)));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 'error', id, route: '/v1/bug', method: 'GET' });
    expect(line).toContain('SELECT secret');
  });

  it('in a dialect still end in an answer, and the next call works [S84]', async () => {
    const answer = await call('/broken/x');
    expect(answer.status).toBe(500);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toEqual({ type: 'about:blank', title: 'Internal error', status: 500 });
    expect((await call('/v1/query')).status).toBe(200);
  });

  it('are not made of a store that is away, whose cause is logged and not told [S84]', async () => {
    const answer = await call('/v1/down');
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain('database');
    expect(running.logged.join('')).toContain('the database is gone');
  });
});

it('logs method, route pattern, status and id of a call at debug, and nothing that was sent [S124]', async () => {
  running.logged.length = 0;
  const headers = {
    authorization: 'Bearer canary',
    cookie: 'canary',
    'x-any': 'canary',
    'content-type': 'application/json',
  };
  await call('/v1/items/canary?a=canary', { headers });
  await call('/v1/people', { method: 'POST', headers, body: '{"name":"canary","canary":1}' });
  await call('/v1/self', { headers });
  await call('/canary', { headers });
  const lines = running.logged.map((line) => JSON.parse(line));
  expect(lines).toContainEqual(
    expect.objectContaining({ method: 'GET', route: '/v1/items/:id', status: 200, reqId: expect.any(String) }),
  );
  expect(lines).toHaveLength(4);
  expect(running.logged.join('')).not.toContain('canary');
});

it('lets a call under way finish when it closes', async () => {
  let release: () => void = () => undefined;
  const waits = new Promise<void>((resolve) => {
    release = resolve;
  });
  const arrived = new Promise<void>((resolve) => {
    const slow = stubDialect('native', ['/v1'], {
      mount: (scope) => {
        scope.get('/v1/slow', async () => {
          resolve();
          await waits;
          return { done: true };
        });
      },
    });
    void start({ dialects: [slow] }).then((other) => {
      closing.app = other;
      closing.answer = fetch(`${other.url}/v1/slow`);
    });
  });
  const closing: { app?: Running; answer?: Promise<Response> } = {};
  await arrived;
  const closed = closing.app?.close();
  release();
  expect(await (await closing.answer)?.json()).toEqual({ done: true });
  await within(2_000, () => Promise.resolve(closed));
});
