// The configurations in examples/proxies, each run by its real program in front of a real Keyward and an API that shows
// what it was sent. Where a program is not installed its tests are skipped, and say so.

import { appendFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksIn, promisedStatuses, readPage } from '../end-to-end/docs-page.ts';
import { bash, freshPlace, statusesIn, whyNot } from '../end-to-end/run.ts';
import { type Attack, bytesOf, faultsOf, headerAttacks, pathAttacks } from './attacks.ts';
import { type Backend, fakeModes, startBackend, startFake } from './backend.ts';
import { importedKeys } from './imported-keys.ts';
import { kinds, type ProxyName, type Running, startProxy } from './proxy.ts';

process.env.PATH += ':/usr/sbin:/sbin';

const noCurl = await whyNot('curl', ['--version']);
let backend: Backend;
beforeAll(async () => {
  backend = await startBackend();
});
afterAll(() => backend?.stop());

const statusesOf = (answer: string) =>
  [...answer.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
const statusOf = (answer: string) => statusesOf(answer)[0] ?? 0;
const headerOf = (answer: string, name: string) => new RegExp(`^${name}: (.*)\r$`, 'im').exec(answer)?.[1];

test('docs/forward-auth.md says how many attacks there are', () => {
  expect(readPage('docs/forward-auth.md')).toContain(`${headerAttacks.length + pathAttacks.length} ways`);
});

for (const name of Object.keys(kinds) as ProxyName[]) {
  const [program, ...probe] = kinds[name].probe;
  const reason = await whyNot(program, probe);
  describe.skipIf(reason)(`${name}${reason === null ? '' : `: ${reason}`}`, () => {
    let proxy: Running;
    beforeAll(async () => {
      proxy = await startProxy(name, backend.keyward.port, backend.api.port);
      backend.api.take();
    });
    afterAll(() => proxy?.stop());
    const ask = (path: string, token: string | null, more: Partial<Attack> = {}) =>
      proxy.send(bytesOf({ name: '', ...more }, path, token));

    test('passes a call on that may proceed, with who is calling and how the budget stands', async () => {
      const answer = await ask('/orders/7?a=%20b&a=2', backend.token, {
        method: 'POST',
        lines: ['Content-Length: 2'],
        body: 'hi',
      });
      expect([statusesOf(answer), answer.split('\r\n\r\n')[1]]).toEqual([[200], expect.stringContaining('reached')]);
      if (kinds[name].tellsBudget !== false) {
        expect(headerOf(answer, 'ratelimit')).toMatch(/^"enterprise";r=\d+;t=\d+$/);
        expect(headerOf(answer, 'ratelimit-policy')).toMatch(/^"enterprise";q=\d+;w=3600$/);
      }
      const [received, ...others] = backend.api.take();
      expect(others).toEqual([]);
      expect(received).toMatchObject({ method: 'POST', url: '/orders/7?a=%20b&a=2' });
      if (received !== undefined) expect(faultsOf(received, backend.identity)).toEqual([]);
    });

    test('passes on a caller with 200 permissions, and says how many are not named', async () => {
      expect(statusOf(await ask('/orders/7', backend.wideToken))).toBe(200);
      const [received] = backend.api.take();
      const value = (name: string) => {
        const at = received?.rawHeaders.findIndex((one) => one.toLowerCase() === name) ?? -1;
        return at < 0 ? '' : (received?.rawHeaders[at + 1] ?? '');
      };
      const named = value('x-auth-permissions').split(',').length;
      expect(value('x-auth-permissions').length).toBeLessThanOrEqual(4096);
      expect(named + Number(value('x-auth-permissions-omitted'))).toBe(200);
    });

    test('takes the credential from apiToken in the URL too', async () => {
      expect(statusOf(await ask(`/orders/7?apiToken=${backend.token}`, null))).toBe(200);
      expect(backend.api.take()).toHaveLength(1);
    });

    test('takes imported keys as they are, whatever is in them, and none that differs in a character', async () => {
      for (const key of importedKeys) {
        expect(statusOf(await ask('/orders/7', key)), key).toBe(200);
        const [received, ...others] = backend.api.take();
        expect([received?.url, others]).toEqual(['/orders/7', []]);
        expect(statusOf(await ask('/orders/7', `${key.slice(0, -1)}_`)), key).toBe(401);
        expect(backend.api.take()).toEqual([]);
      }
    });

    test('refuses with 401 and a challenge, with 403, and lets nobody in on an open path', async () => {
      const none = await ask('/orders/7', null);
      expect([statusOf(none), headerOf(none, 'www-authenticate')]).toEqual([401, expect.stringMatching(/^Bearer/)]);
      expect(statusOf(await ask('/orders/7', 'kw_made-up'))).toBe(401);
      const weak = await ask('/orders/7', backend.weakToken);
      expect([statusOf(weak), headerOf(weak, 'www-authenticate')]).toEqual([403, expect.stringMatching(/^Bearer/)]);
      expect(statusOf(await ask('/admin/x', backend.token))).toBe(403);
      expect([401, 403, 404]).toContain(statusOf(await ask('/nowhere', backend.token)));
      expect(backend.api.take()).toEqual([]);
      expect(statusOf(await ask('/public/x', null))).toBe(200);
      expect(backend.api.take().flatMap((one) => faultsOf(one, backend.identity))).toEqual([]);
    });

    test('shows the client 429 with Retry-After and the budget [S71][S92]', async () => {
      let answer = '';
      for (let calls = 0; calls < 3 && statusOf(answer) !== 429; calls += 1)
        answer = await ask('/dear', backend.spendingToken);
      expect(statusOf(answer)).toBe(429);
      expect(headerOf(answer, 'ratelimit')).toMatch(/^"per-minute";r=\d+;t=\d+$/);
      expect(headerOf(answer, 'ratelimit-policy')).toBe('"per-minute";q=50;w=60');
      expect(Number(headerOf(answer, 'retry-after'))).toBeGreaterThan(0);
      expect(headerOf(answer, 'content-type')).toMatch(/^application\/problem\+json/);
      backend.api.take();
    });

    test('passes a WebSocket on after the verdict, and none without a credential', async () => {
      const key = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
      const lines = ['Connection: Upgrade', 'Upgrade: websocket', ...key];
      expect(statusOf(await ask('/orders/live', null, { lines }))).toBe(401);
      expect(backend.api.take()).toEqual([]);
      const frame = '\x81\x80abcd';
      const answer = await proxy.send(bytesOf({ name: '', lines }, '/orders/live', backend.token), {
        afterAnswer: frame,
      });
      expect([statusOf(answer), answer.endsWith(frame)]).toEqual([101, true]);
      expect(backend.api.take().flatMap((one) => faultsOf(one, backend.identity))).toEqual([]);
    });

    test(`lets nobody be taken for someone else by ${headerAttacks.length} spoofed and smuggled headers [S62][S66][S67][S68][S69][G20]`, {
      timeout: 600_000,
    }, async () => {
      const faults: string[] = [];
      let reached = 0;
      for (const attack of headerAttacks) {
        for (const [path, token] of [
          ['/orders/7', backend.token],
          ['/orders/7', null],
          ['/public/x', null],
        ] as const) {
          const answer = await proxy.send(bytesOf(attack, path, token));
          const received = backend.api.take();
          reached += received.length;
          const found = received.flatMap((one) => faultsOf(one, backend.identity));
          if (received.length === 0 && answer.includes('reached')) found.push('an answer of the API');
          if (received.length > 0 && path !== '/public/x' && token === null) found.push('allowed without a credential');
          faults.push(...found.map((fault) => `${attack.name} at ${path}: ${fault}`));
        }
      }
      expect(faults).toEqual([]);
      expect(reached).toBeGreaterThan(30);
    });

    test(`lets nobody reach another path by ${pathAttacks.length} spellings and smuggled requests [S63][S64][G20]`, {
      timeout: 600_000,
    }, async () => {
      const faults: string[] = [];
      for (const attack of pathAttacks) {
        for (const token of [backend.token, null]) {
          const answer = await proxy.send(bytesOf(attack, '/orders/7', token));
          const received = backend.api.take();
          const found = received.flatMap((one) => faultsOf(one, backend.identity));
          if (received.length === 0 && answer.includes('reached')) found.push('an answer of the API');
          faults.push(...found.map((fault) => `${attack.name}: ${fault}`));
        }
      }
      expect(faults).toEqual([]);
    });

    test.skipIf(noCurl)('answers the examples of docs/forward-auth.md as the page says', async () => {
      const place = freshPlace();
      const resolve = `resolve = "api.example.com:${proxy.port}:127.0.0.1"`;
      appendFileSync(join(place.folder, '.curlrc'), `insecure\n${resolve}\n`);
      const [{ text = '' } = {}] = blocksIn(readPage('docs/forward-auth.md')).filter(
        ({ language }) => language === 'bash',
      );
      const ran = await bash(place, text.replaceAll('https://api.example.com', proxy.url), {
        environment: { TOKEN: backend.token },
      });
      place.remove();
      expect(statusesIn(ran), ran.errors).toEqual(promisedStatuses(text));
      expect(promisedStatuses(text).length).toBeGreaterThan(4);
      expect(backend.api.take().flatMap((one) => faultsOf(one, backend.identity))).toEqual([]);
    });

    describe('while Keyward is not itself', () => {
      let fake: Awaited<ReturnType<typeof startFake>>;
      let other: Running;
      beforeAll(async () => {
        fake = await startFake();
        other = await startProxy(name, fake.port, backend.api.port);
      });
      afterAll(async () => {
        fake?.close();
        await other?.stop();
      });

      test.each([...fakeModes, 'gone'] as const)('(%s) denies every call [S71][G20]', async (mode) => {
        if (mode === 'gone') fake.close();
        else fake.mode = mode;
        const calls = [bytesOf({ name: '' }, '/orders/7', backend.token), bytesOf({ name: '' }, '/public/x', null)];
        // Where the proxy calls the gateway, a silent one keeps it waiting for the whole time that a call may take.
        const { asks } = kinds[name];
        const answers = await Promise.all(calls.map((bytes) => other.send(bytes, { answerMs: asks ? 7_000 : 1_500 })));
        expect(backend.api.take()).toEqual([]);
        for (const answer of answers) {
          expect(answer).not.toContain('reached');
          if (asks) expect(statusesOf(answer).filter((status) => status >= 200 && status < 300)).toEqual([]);
        }
      });
    });

    if (name !== 'nginx') return;
    test('opens no new connection to Keyward in 1,000 calls, allowed or refused', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: false });
      const call = (token: string) =>
        new Promise<number>((resolve, reject) => {
          const headers = { authorization: `Bearer ${token}` };
          get({ host: '127.0.0.1', port: proxy.port, path: '/orders/7', agent, headers }, (answer) => {
            answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
          }).on('error', reject);
        });
      const run = async (count: number) => {
        const statuses = new Map<number, number>();
        const one = async (turn: number) => {
          for (let calls = 0; calls < count / 4; calls += 1) {
            const status = await call([backend.token, backend.weakToken, 'kw_no'][(calls + turn) % 3] ?? '');
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
          }
        };
        await Promise.all([0, 1, 2, 3].map(one));
        return statuses;
      };
      await run(100);
      const before = backend.keyward.connections();
      const statuses = await run(1000);
      expect([...statuses.keys()].sort()).toEqual([200, 401, 403]);
      expect(backend.keyward.connections() - before).toBe(0);
      agent.destroy();
      backend.api.take();
    });
  });
}
