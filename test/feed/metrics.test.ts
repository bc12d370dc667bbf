// The metrics of a whole server: every way counts its verdicts, and nothing in them tells whose they were.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPage, sectionOf, tableIn } from '../end-to-end/docs-page.ts';
import { keptWaitingMs, watchMachine } from '../machine-time.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';
import { acknowledge, follow } from './feed-client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

async function metrics(): Promise<{ text: string; of(name: string): number }> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const of = (name: string) => {
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1));
  };
  return { text, of };
}

test('count the verdicts of every way, by reason', async () => {
  const bearer = await bearerOf(server, server.owner);
  await call(server, 'GET', '/v1/self', bearer);
  await call(server, 'GET', '/v1/check', bearer);
  await call(server, 'GET', '/v1/check', 'kw_wrong');
  await call(server, 'POST', '/v1/verify', bearer, { credential: bearer });
  await call(server, 'GET', '/v2/funds');
  await call(server, 'POST', '/v1/access-tokens', undefined, { apiToken: bearer });
  await call(server, 'POST', '/v1/access-tokens', undefined, { apiToken: 'kw_wrong' });
  const { of } = await metrics();
  expect(of('keyward_verdicts_total{way="native",reason="allowed"}')).toBe(2);
  expect(of('keyward_verdicts_total{way="check",reason="allowed"}')).toBe(1);
  expect(of('keyward_verdicts_total{way="check",reason="unknown"}')).toBe(1);
  expect(of('keyward_verdicts_total{way="verify",reason="allowed"}')).toBe(1);
  expect(of('keyward_verdicts_total{way="gateway",reason="missing"}')).toBe(1);
  expect(of('keyward_exchanges_total{dialect="native",reason="allowed"}')).toBe(1);
  expect(of('keyward_exchanges_total{dialect="native",reason="unknown"}')).toBe(1);
  expect(of('keyward_lookups_total{from="memory"}')).toBeGreaterThan(0);
  expect(of('keyward_lookups_total{from="database"}')).toBeGreaterThan(0);
});

test('count a warm check as answered from memory [S102]', async () => {
  const bearer = await bearerOf(server, server.owner);
  await call(server, 'GET', '/v1/check', bearer);
  const before = await metrics();
  for (let n = 0; n < 20; n += 1) await call(server, 'GET', '/v1/check', bearer);
  const after = await metrics();
  const grown = (name: string) => after.of(name) - before.of(name);
  expect(grown('keyward_lookups_total{from="memory"}')).toBe(20);
  expect(grown('keyward_lookups_total{from="database"}')).toBe(0);
});

test('show the journal, the followers, and how fast a revocation was effective', async () => {
  const bearer = await bearerOf(server, server.owner, ['follow:feed']);
  const feed = await follow(server.url, bearer, { verifier: 'one' });
  await watchMachine();
  const began = performance.now();
  await server.core.createApiToken(server.asOwner, { permissions: [] });
  await expect.poll(() => feed.changes.length).toBe(1);
  await acknowledge(server.url, bearer, 'one', feed.changes[0]?.data.seq ?? 0);
  const { of } = await metrics();
  expect(of('keyward_journal_head')).toBe(await server.store.journal.head());
  expect(of('keyward_journal_fresh')).toBe(1);
  expect(of('keyward_feed_followers')).toBe(1);
  expect(of('keyward_feed_behind')).toBe(0);
  expect(of('keyward_revocation_effective_seconds_count')).toBe(1);
  const effectiveMs = Number(of('keyward_revocation_effective_seconds_sum')) * 1000;
  expect(effectiveMs - keptWaitingMs(began)).toBeLessThan(1000);
  await feed.kill();
  await expect.poll(async () => (await metrics()).of('keyward_feed_followers')).toBe(0);
});

test('name no organization, person or credential, whoever has called [S99]', async () => {
  const other = await server.addOrganization('initech');
  const bearer = await bearerOf(server, other.owner);
  await call(server, 'GET', '/v1/self', bearer);
  const { text } = await metrics();
  for (const telling of ['initech', 'acme', other.id, other.owner.email, bearer, '127.0.0.1']) {
    expect(text).not.toContain(telling);
  }
});

test('are those that docs/metrics.md lists, with their labels', async () => {
  const { text } = await metrics();
  const names = [...text.matchAll(/^# TYPE (keyward_\w+) /gm)].map(([, name = '']) => name);
  const listed = tableIn(sectionOf(readPage('docs/metrics.md'), '## What there is'));
  expect(listed.map(([name]) => name).sort()).toEqual(names.sort());
  for (const [name = '', labels = ''] of listed) {
    // They have a line for each plan or API that a route lacks, and here none does; their labels are proved in test/guarding.
    if (/^keyward_routes_(unavailable|without_api)$/.test(name)) continue;
    const [, shown = ''] = new RegExp(`^${name}(?:_count)?\\{(.*)\\} `, 'm').exec(text) ?? [];
    const labelled = [...shown.matchAll(/(\w+)=/g)].map(([, label]) => label).join(', ');
    expect([name, labelled]).toEqual([name, labels]);
  }
});
