// Who may read the metrics, and that they count what they say. The numbers of a whole server are in test/feed.

import { afterEach, describe, expect, it } from 'vitest';
import { KeywardError } from '../../core/errors.ts';
import { native, principal, type Running, start, stubCore, stubDialect } from '../app.test-support.ts';
import { createMetrics, type Metrics, type Readings } from './metrics.ts';

let running: Running | undefined;
afterEach(async () => {
  await running?.close();
});

const readings: Readings = {
  journalHead: () => 41,
  isFresh: () => true,
  writesWaiting: () => 3,
  lag: () => ({ connected: 2, behind: 7 }),
  lookups: () => ({ all: 10, database: 4 }),
  limits: () => ({ isDown: true, decided: { local: 5, deny: 0, allow: 6 } }),
  isReloadRefused: () => false,
  unavailableRoutes: () => [
    { path: '/a', plan: 'gold' },
    { path: '/b', plan: 'gold' },
    { path: '/c', api: 'orders' },
  ],
};

/** The value of a sample, written as Prometheus shows it: `name{label="value"}`. */
async function sample(metrics: Metrics, name: string): Promise<number | undefined> {
  const line = (await metrics.text()).split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

async function read(headers: Record<string, string> = {}) {
  const answer = await fetch(`${running?.url}/metrics`, { headers });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}

const operator = { ...principal, organization: { ...principal.organization, isOperator: true } };
const asking = (who: typeof principal) => stubCore({ recognise: async () => ({ allowed: true, principal: who }) });

describe('/metrics', () => {
  it('is closed to whoever brings no credential, on this very machine too [S99]', async () => {
    running = await start({ metrics: { of: createMetrics(readings), isOpen: false } });
    expect(await read()).toMatchObject({ status: 401, text: expect.not.stringContaining('keyward_') });
    expect((await read({ authorization: 'Bearer wrong' })).status).toBe(401);
  });

  it.each([
    ['without the permission', { ...operator, permissions: ['read:journal'] }, 403],
    ['of an organization that does not run the server', { ...principal, permissions: ['*:*'] }, 403],
    ['of the operator, with the permission', { ...operator, permissions: ['read:metrics'] }, 200],
  ])('answers a caller %s', async (_, who, status) => {
    running = await start({ core: asking(who), metrics: { of: createMetrics(readings), isOpen: false } });
    expect((await read({ authorization: 'Bearer good' })).status).toBe(status);
  });

  it('is open where it is told to be, and is not there where nothing is counted', async () => {
    running = await start({ metrics: { of: createMetrics(readings), isOpen: true } });
    const { status, type, text } = await read();
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).toContain('process_cpu_seconds_total');
    await running.close();
    running = await start();
    expect((await read()).status).toBe(404);
  });

  it('is text that a strict reader can read', async () => {
    running = await start({ metrics: { of: createMetrics(readings), isOpen: true } });
    await fetch(`${running.url}/v1/self`, { headers: { authorization: 'Bearer good' } });
    const { text } = await read();
    expect(text.endsWith('\n')).toBe(true);
    const typed = new Set<string>();
    for (const line of text.split('\n').filter((one) => one !== '')) {
      const [, name = ''] = /^# TYPE (\w+) (?:counter|gauge|histogram|summary)$/.exec(line) ?? [];
      if (name !== '') {
        expect(typed.has(name), name).toBe(false);
        typed.add(name);
      }
      expect(line).toMatch(
        /^(# (HELP|TYPE) \w+ .+|[a-z]\w*(\{(\w+="[^"\\]*",?)+\})? (-?[\d.]+(e[-+]?\d+)?|\+Inf|NaN))$/,
      );
    }
    expect(typed.size).toBeGreaterThan(20);
  });
});

describe('metrics', () => {
  it('write what there is no mean of as the format has it', async () => {
    const metrics = createMetrics(readings);
    await metrics.text();
    // No time has passed in which the event loop could lag.
    const texts = await Promise.all([metrics.text(), metrics.text(), metrics.text()]);
    for (const text of texts) expect(text).not.toContain('Nan');
    expect(texts.join('')).toContain('nodejs_eventloop_lag_mean_seconds NaN');
  });

  it('show what the machine says at that moment', async () => {
    const metrics = createMetrics({ ...readings, isFresh: () => false });
    expect(await sample(metrics, 'keyward_journal_head')).toBe(41);
    expect(await sample(metrics, 'keyward_journal_fresh')).toBe(0);
    expect(await sample(metrics, 'keyward_writes_waiting')).toBe(3);
    expect(await sample(metrics, 'keyward_feed_followers')).toBe(2);
    expect(await sample(metrics, 'keyward_feed_behind')).toBe(7);
    expect(await sample(metrics, 'keyward_lookups_total{from="memory"}')).toBe(6);
    expect(await sample(metrics, 'keyward_lookups_total{from="database"}')).toBe(4);
    expect(await sample(metrics, 'keyward_lookups_total{from="database"}')).toBe(4);
  });

  it('count verdicts by way and reason, failures too, and how long they took', async () => {
    const metrics = createMetrics(readings);
    const down = new KeywardError('unavailable', 'The database is gone.');
    const core = metrics.watch(
      stubCore({
        verify: (credential) => {
          if (credential === 'at once') throw down;
          if (credential === 'later') return Promise.reject(down);
          return credential === 'good'
            ? { allowed: true, principal, budget: null }
            : { allowed: false, reason: 'expired' };
        },
      }),
      'gateway',
    );
    expect(core.verify('good')).toMatchObject({ allowed: true });
    await core.verify('old');
    await core.verify('old');
    expect(() => core.verify('at once')).toThrow(down);
    await expect(core.verify('later')).rejects.toThrow(down);
    const verdicts = (reason: string) => sample(metrics, `keyward_verdicts_total{way="gateway",reason="${reason}"}`);
    expect([await verdicts('allowed'), await verdicts('expired'), await verdicts('error')]).toEqual([1, 2, 2]);
    expect(await sample(metrics, 'keyward_verdict_seconds_count{way="gateway"}')).toBe(3);
  });

  it('count the calls of a dialect under its name', async () => {
    const metrics = createMetrics(readings);
    running = await start({
      dialects: [native, stubDialect('parsers', ['/v2'])],
      metrics: { of: metrics, isOpen: true },
    });
    await fetch(`${running.url}/v1/self`);
    expect(await sample(metrics, 'keyward_verdicts_total{way="native",reason="missing"}')).toBe(1);
  });

  it('show how long changes took to reach verifiers, in seconds', async () => {
    const metrics = createMetrics(readings);
    metrics.effective(212);
    metrics.effective(3);
    const name = 'keyward_revocation_effective_seconds';
    expect(await sample(metrics, `${name}_bucket{le="0.005"}`)).toBe(1);
    expect(await sample(metrics, `${name}_bucket{le="0.25"}`)).toBe(2);
    expect(await sample(metrics, `${name}_sum`)).toBeCloseTo(0.215);
  });
});
