// The laws that hold at every endpoint, tried at each: what is wrong with the request, and the status that it gets.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../server.ts';
import { faultsOf } from './answers.ts';
import type { Endpoint } from './endpoints/row.ts';
import { endpoints, registeredRoutes } from './endpoints.ts';
import { type Call, type Connection, openConnection } from './http-client.ts';
import { ownerToken } from './owner-token.ts';

let server: TestServer;
let connection: Connection;
let bearer: string;

beforeAll(async () => {
  server = await startServer();
  connection = openConnection(server.url);
  bearer = await ownerToken(server);
});

afterAll(async () => {
  connection.close();
  await server.stop();
});

const own = endpoints.filter(({ guarded }) => !guarded);
const readers = own.filter(({ body }) => body !== undefined);
const callers = endpoints.filter(({ credential }) => credential === 'bearer');
const schemas = await registeredRoutes();

/** A request that would be taken, were it not for what a test changes. */
function good(endpoint: Endpoint): Call {
  const [method = '', path = ''] = endpoint.route.split(' ');
  const identity = endpoint.credential === 'bearer' ? [['Authorization', `Bearer ${bearer}`] as const] : [];
  return { method, target: path.replace(/:[A-Za-z]+/, 'x'), headers: identity };
}

function withBody(endpoint: Endpoint, body: string | Buffer, type: string | null = 'application/json'): Call {
  const call = good(endpoint);
  const headers = type === null ? call.headers : [...call.headers, ['Content-Type', type] as const];
  return { ...call, headers, body: Buffer.from(body) };
}

async function statusOf(endpoint: Endpoint, call: Call): Promise<number> {
  const reply = await connection.send(call);
  expect.soft(faultsOf({ endpoint, call, refused: true }, reply), endpoint.route).toEqual([]);
  return reply.status;
}

async function eachAnswers(list: readonly Endpoint[], status: number, bad: (endpoint: Endpoint) => Call) {
  expect(list.length).toBeGreaterThan(3);
  for (const endpoint of list) {
    expect.soft(`${await statusOf(endpoint, bad(endpoint))} ${endpoint.route}`).toBe(`${status} ${endpoint.route}`);
  }
}

describe('every endpoint that reads a body', () => {
  test.each([
    ['JSON that ends early', '{"a":'],
    ['a name given twice', '{"a":1,"a":2}'],
    ['the name __proto__', '{"__proto__":{}}'],
    ['a NUL', '{"a":"\\u0000"}'],
    ['half a surrogate pair', '{"a":"\\ud800"}'],
    ['a number beyond 2^53', '{"a":9007199254740993}'],
    ['a number that is not finite', '{"a":1e400}'],
    ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`],
    ['a byte order mark', '\ufeff{}'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('refuses %s [S76]', async (_, body) => {
    await eachAnswers(readers, 400, (endpoint) => withBody(endpoint, body));
  });

  test('refuses another media type, none at all, another charset and a compressed body [S9]', async () => {
    const text = (endpoint: Endpoint) => JSON.stringify(endpoint.body?.(1));
    await eachAnswers(readers, 415, (endpoint) => withBody(endpoint, text(endpoint), 'text/plain'));
    await eachAnswers(readers, 415, (endpoint) => withBody(endpoint, text(endpoint), null));
    await eachAnswers(readers, 415, (endpoint) =>
      withBody(endpoint, text(endpoint), 'application/json; charset=utf-16'),
    );
    await eachAnswers(readers, 415, (endpoint) => {
      const call = withBody(endpoint, text(endpoint));
      return { ...call, headers: [...call.headers, ['Content-Encoding', 'gzip']] };
    });
  });

  test('refuses a form, unless its language has them [S9]', async () => {
    const others = readers.filter(({ dialect }) => dialect !== 'debricked');
    await eachAnswers(others, 415, (endpoint) => withBody(endpoint, 'a=b', 'application/x-www-form-urlencoded'));
  });

  test('refuses more than 64 kB, and of leases, imports and reports, which come by the thousand, more than 2 MB [S75]', async () => {
    await eachAnswers(readers, 413, (endpoint) => {
      const most = /^POST \/v1\/(?:leases|imports\/|verifier-reports)/.test(endpoint.route) ? 2 * 1024 * 1024 : 65_536;
      return withBody(endpoint, `{"a":"${'x'.repeat(most)}"}`);
    });
  });

  test('refuses the lack of each field that it needs, and each field of another type [S79]', async () => {
    let tried = 0;
    for (const endpoint of readers) {
      const body = endpoint.body?.(1) ?? {};
      const schema = schemas.get(endpoint.route)?.body as { required?: string[] } | undefined;
      const bad = [
        ...(schema?.required ?? []).map((name) =>
          Object.fromEntries(Object.entries(body).filter(([one]) => one !== name)),
        ),
        ...Object.entries(body).flatMap(([name, right]) => [
          { ...body, [name]: isObject(right) ? 'a text' : { a: 1 } },
          { ...body, [name]: [[1]] },
        ]),
      ];
      for (const one of bad) {
        const label = `${endpoint.route} ${JSON.stringify(one)}`;
        expect
          .soft(`${await statusOf(endpoint, withBody(endpoint, JSON.stringify(one)))} ${label}`)
          .toBe(`400 ${label}`);
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(100);
  });

  test('refuses a field that it does not know, where the language is native [S55]', async () => {
    const natives = readers.filter(({ dialect }) => dialect === 'native');
    for (const name of ['id', 'organizationId', 'isOperator', 'createdAt', 'digest', 'number', 'toString']) {
      // A plan is made under an id of the caller's choice.
      const strangers = natives.filter((endpoint) => !Object.hasOwn(Object(endpoint.body?.(1)), name));
      await eachAnswers(strangers, 400, (endpoint) =>
        withBody(endpoint, JSON.stringify({ ...endpoint.body?.(1), [name]: 'x' })),
      );
    }
  });
});

describe('every endpoint of our own', () => {
  test.each([
    'a=1&a=2',
    'a[]=1',
    'a[b]=1',
    'a[__proto__][x]=1',
    '__proto__=1',
    'constructor=1',
    'a=%',
    'a=%ff',
    'a=%00',
    '=1',
  ])('refuses the query %s [S78]', async (query) => {
    await eachAnswers(own, 400, (endpoint) => ({ ...good(endpoint), target: `${good(endpoint).target}?${query}` }));
  });

  test.each(['access_token', 'api_key', 'token', 'Access_Token'])(
    'refuses a credential in the query as %s [S5]',
    async (name) => {
      await eachAnswers(own, 400, (endpoint) => ({ ...good(endpoint), target: `${good(endpoint).target}?${name}=x` }));
    },
  );
});

describe('every endpoint', () => {
  test.each(['Authorization', 'Host', 'Content-Type', 'X-Forwarded-For', 'X-Forwarded-Proto', 'Forwarded'])(
    'refuses two lines of %s [S62]',
    async (name) => {
      const lines = [
        [name, 'Bearer a'],
        [name.toLowerCase(), 'Bearer b'],
      ] as const;
      await eachAnswers(endpoints, 400, (endpoint) => ({ ...good(endpoint), headers: lines }));
    },
  );

  test('refuses a URL of more than 8 kB and headers of more than 16 kB [S75]', async () => {
    await eachAnswers(endpoints, 414, (endpoint) => ({
      ...good(endpoint),
      target: `${good(endpoint).target}?a=${'x'.repeat(8192)}`,
    }));
    await eachAnswers(endpoints, 431, (endpoint) => ({ ...good(endpoint), headers: [['X-Long', 'x'.repeat(16_384)]] }));
  });
});

describe('every endpoint that asks who calls', () => {
  test('refuses whoever says nothing, or something wrong', async () => {
    await eachAnswers(callers, 401, (endpoint) => ({ ...good(endpoint), headers: [] }));
    for (const value of [
      'Bearer',
      'Bearer x',
      `Bearer ${bearer}x`,
      'Basic',
      'Basic !',
      'Basic eDp5',
      'Digest x',
      'x',
      ',',
    ]) {
      await eachAnswers(callers, 401, (endpoint) => ({ ...good(endpoint), headers: [['Authorization', value]] }));
    }
  });

  test('refuses a credential in two places [S6]', async () => {
    await eachAnswers(callers, 400, (endpoint) => ({
      ...good(endpoint),
      target: `${good(endpoint).target}?apiToken=x`,
    }));
    await eachAnswers(callers, 400, (endpoint) => ({
      ...good(endpoint),
      headers: [],
      target: `${good(endpoint).target}?apiToken=x&apiToken=y`,
    }));
  });
});

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
