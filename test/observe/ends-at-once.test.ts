// What was only observed counts from its millisecond on, on every way at which a call can be checked: no way asks for a write, for
// news or for another way first. A table of ways, against every form of credential and everything that can be narrowed.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createVerifier, type Requirement, type Verifier, type VerifierOptions } from '../../sdk/src/index.ts';
import { whyNot } from '../end-to-end/run.ts';
import { type Proxy as Connection, startProxy as startConnection } from '../faults/database-proxy.ts';
import { bytesOf } from '../proxies/attacks.ts';
import { kinds, type ProxyName, type Running, startProxy } from '../proxies/proxy.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';

const eventually = <T>(check: () => Promise<T>) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

process.env.PATH += ':/usr/sbin:/sbin';

/** Until what is observed counts. */
const aheadMs = 60_000;
const address = '127.0.0.1';
const needed = ['write:orders'];
const path = '/orders/7';

let server: TestServer;
let asker: string;
let connection: Connection;
let live: Verifier;
let deaf: Verifier;
const proxies = new Map<ProxyName, Running>();
const names = Object.keys(kinds) as ProxyName[];
const lacking = new Map(
  await Promise.all(
    names.map(async (name): Promise<[ProxyName, string | null]> => {
      const [program, ...probe] = kinds[name].probe;
      return [name, await whyNot(program, probe)];
    }),
  ),
);

/** What can be narrowed so that the call above is refused. */
const narrowings: Readonly<Record<string, object>> = {
  permissions: { permissions: ['read:orders'] },
  addresses: { addresses: ['198.51.100.0/24'] },
  APIs: { apis: ['elsewhere'] },
};
const forms = ['api token', 'jwt', 'sealed'] as const;
/** Everything that was observed, at once: time goes on for all. */
const cases = forms.flatMap((form) => Object.keys(narrowings).map((what) => ({ form, what })));
const texts = new Map<string, string>();
const textOf = ({ form, what }: (typeof cases)[number]) => texts.get(`${form} ${what}`) ?? '';

beforeAll(async () => {
  let api = 0;
  server = await startServer({
    permissions: ['read:orders', 'write:orders'],
    routes: (upstream) => {
      api = Number(new URL(upstream).port);
      return [{ path: '/orders/:id', methods: ['GET'], permissions: needed, dialect: null, upstream }];
    },
  });
  await server.restart({ trustedProxies: ['127.0.0.1'] });
  await server.core.createApi(server.asOwner, { handle: 'elsewhere', name: 'Elsewhere' });
  asker = await bearerOf(server, server.owner, ['verify:credential', 'follow:feed']);
  connection = await startConnection({ host: '127.0.0.1', port: Number(new URL(server.url).port) });
  const verifier = async (options: Partial<VerifierOptions>) => {
    const shared = { url: server.url, credential: { apiToken: asker }, exchange: 'none', reports: false } as const;
    const made = createVerifier({ ...shared, issuer: server.url, clock: server.clock.now, ...options });
    await made.ready();
    return made;
  };
  live = await verifier({});
  deaf = await verifier({
    url: `http://127.0.0.1:${connection.port}`,
    onFeedLost: { allowForMs: 3_600_000 },
    onError: () => {},
    timeoutMs: 500,
  });
  for (const name of names) {
    if (lacking.get(name) !== null) continue;
    proxies.set(name, await startProxy(name, Number(new URL(server.url).port), api));
  }
  const until = server.clock.now() + aheadMs;
  for (const one of cases) texts.set(`${one.form} ${one.what}`, await credentialOf(one, until));
  // What each verifier knows, it knows by now; then one of them hears nothing more.
  for (const text of texts.values()) {
    for (const one of [live, deaf]) await eventually(async () => expect(await verdict(one, text)).toBe('allowed'));
  }
  for (const one of [live, deaf]) {
    for (const text of texts.values()) expect(one.verifySync(text, callOf())?.allowed).toBe(true);
  }
  connection.silence();
}, 120_000);

afterAll(async () => {
  await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
  await connection?.close();
  await Promise.all([live, deaf].map((one) => one?.close()));
  await server?.stop();
});

async function credentialOf({ form, what }: (typeof cases)[number], until: number): Promise<string> {
  const { token, secret } = await server.core.createApiToken(server.asOwner, {
    name: `${form} ${what}`,
    permissions: ['read:orders', 'write:orders'],
  });
  await server.core.updateApiToken(server.asOwner, { id: token.id }, { ...narrowings[what], observe: { until } });
  if (form === 'api token') return secret;
  const wanted = { apiToken: secret, form };
  return (await call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, wanted)).body.accessToken;
}

const callOf = (): Requirement => ({ permissions: needed, address });

async function verdict(verifier: Verifier, text: string): Promise<string> {
  const found = await verifier.verify(text, callOf());
  return found.allowed ? 'allowed' : 'refused';
}

function atOnce(verifier: Verifier, text: string): string {
  const found = verifier.verifySync(text, callOf());
  return found === undefined ? 'not decided here' : found.allowed ? 'allowed' : 'refused';
}

const statusOf = async (answer: Promise<{ status: number }>): Promise<string> => {
  const { status } = await answer;
  return status === 200 ? 'allowed' : status === 403 ? 'refused' : `answered ${status}`;
};
const told = { 'x-original-method': 'GET', 'x-original-uri': path };

/** Each way at which a call can be checked. */
const ways: Readonly<Record<string, (text: string) => Promise<string>>> = {
  'the gateway': (text) => statusOf(call(server, 'GET', path, text)),
  'forward-auth': (text) => statusOf(call(server, 'GET', '/forward-auth', text, undefined, told)),
  'GET /v1/check': (text) => statusOf(call(server, 'GET', `/v1/check?permissions=${needed}`, text)),
  'POST /v1/verify': async (text) => {
    const asked = { credential: text, permissions: needed, address };
    const { body } = await call<{ allowed: boolean }>(server, 'POST', '/v1/verify', asker, asked);
    return body.allowed ? 'allowed' : 'refused';
  },
  'a verifier': (text) => verdict(live, text),
  'a verifier that knows it': async (text) => atOnce(live, text),
  'a verifier that hears nothing': async (text) => atOnce(deaf, text),
  ...Object.fromEntries(
    names
      .filter((name) => lacking.get(name) === null)
      .map((name): [string, (text: string) => Promise<string>] => [
        name,
        async (text) => {
          const answer = await proxies.get(name)?.send(bytesOf({ name: '' }, path, text));
          const status = Number(/^HTTP\/1\.1 (\d{3}) /m.exec(answer ?? '')?.[1]);
          return statusOf(Promise.resolve({ status }));
        },
      ]),
  ),
};

describe('what was observed', () => {
  const table = (right: string) =>
    test.each(Object.keys(ways))(`is ${right} on the way of %s`, async (way) => {
      const all = await Promise.all(cases.map(async (one) => [one.form, one.what, await ways[way]?.(textOf(one))]));
      expect(all).toEqual(cases.map(({ form, what }) => [form, what, right]));
    });

  describe('a millisecond before its time', () => {
    beforeAll(() => server.clock.advance(aheadMs - 1));
    table('allowed');
  });

  describe('at its time', () => {
    beforeAll(() => server.clock.advance(1));
    table('refused');
  });
});

test.each(names.filter((name) => lacking.get(name) !== null))('%s is not installed here', (name) => {
  expect(proxies.has(name)).toBe(false);
});

test('what is bound otherwise goes on: nothing else was refused', async () => {
  const { secret } = await server.core.createApiToken(server.asOwner, {
    name: 'not observed',
    permissions: ['write:orders'],
  });
  expect(await statusOf(call(server, 'GET', path, secret))).toBe('allowed');
});
