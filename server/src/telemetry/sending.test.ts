// Spans on their way to a collector: how many wait, how often an export is tried, and which traces are chosen at all.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Sampler } from '../config/telemetry-settings.ts';
import { createExporter } from './exporter.ts';
import { samplerOf } from './sampling.ts';
import { createSpanQueue } from './span-queue.ts';
import { statementNames } from './statements.ts';

let close: (() => void) | undefined;
afterEach(() => close?.());

/** Answers one status after the other, the last one again and again. */
async function collectorThat(...statuses: number[]) {
  const seen: { authorization: string | undefined; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      seen.push({ authorization: request.headers.authorization, body });
      const status = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200;
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, seen };
}

function exporterTo(url: string, timeoutMs = 5000) {
  const told: object[] = [];
  const logger = { warn: (line: object) => told.push(line), info: (line: object) => told.push(line) };
  const headers = { authorization: 'Bearer key' };
  return { told, exporter: createExporter({ url, headers, timeoutMs, logger, pauseMs: 1 }) };
}

test('an export that a collector asks to have again is tried again, and no other', async () => {
  const again = await collectorThat(503, 429, 200);
  expect(await exporterTo(again.url).exporter.send({ spans: [] })).toBe(true);
  expect(again.seen).toEqual(Array(3).fill({ authorization: 'Bearer key', body: '{"spans":[]}' }));
  close?.();
  const never = await collectorThat(400);
  expect(await exporterTo(never.url).exporter.send({})).toBe(false);
  expect(never.seen.length).toBe(1);
});

test('a redirect is not followed, and the key goes nowhere else [S126]', async () => {
  const { url, seen } = await collectorThat(307);
  expect(await exporterTo(url).exporter.send({})).toBe(false);
  expect(seen.length).toBe(1);
});

test('it gives up after four times, and tells of that once, without the key', async () => {
  const { url, seen } = await collectorThat(503);
  const { exporter, told } = exporterTo(url);
  expect([await exporter.send({}), await exporter.send({}, true)]).toEqual([false, false]);
  expect(seen.length).toBe(5);
  expect(told).toEqual([{ collector: new URL(url).origin, cause: 'it answered 503' }]);
});

test('a collector that says nothing is waited for as long as it is told', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  close = () => {
    silent.closeAllConnections();
    silent.close();
  };
  const { exporter, told } = exporterTo(`http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1/traces`, 50);
  expect(await exporter.send({}, true)).toBe(false);
  expect(told.length).toBe(1);
});

test('2,048 spans wait and no more, whatever comes; the rest is dropped and counted [S125]', async () => {
  let sent = 0;
  let take = (_taken: boolean) => {};
  const exporter = {
    send: (body: object) => {
      const { resourceSpans } = body as { resourceSpans: { scopeSpans: { spans: object[] }[] }[] };
      sent += resourceSpans[0]?.scopeSpans[0]?.spans.length ?? 0;
      return new Promise<boolean>((resolve) => {
        take = resolve;
      });
    },
  };
  const queue = createSpanQueue(exporter, {}, 1);
  for (let n = 0; n < 10_000; n += 1) queue.add({ n });
  // One batch is on its way, and the queue is full again behind it.
  expect([sent, queue.dropped()]).toEqual([512, 10_000 - 512 - 2048]);
  take(false);
  await expect.poll(() => sent).toBe(1024);
  expect(queue.dropped()).toBe(10_000 - 2048);
  const closed = queue.close();
  await expect
    .poll(() => {
      take(true);
      return sent;
    })
    .toBe(512 + 2048);
  take(true);
  await closed;
});

const parent = (isSampled: boolean) => ({ traceId: 'f'.repeat(32), spanId: 'a', isSampled, state: undefined });

test.each<[Sampler, boolean[]]>([
  ['always_on', [true, true, true]],
  ['always_off', [false, false, false]],
  ['parentbased_always_on', [true, true, false]],
  ['parentbased_always_off', [false, true, false]],
  ['traceidratio', [true, true, true]],
  ['parentbased_traceidratio', [true, true, false]],
])('%s chooses of those that begin here, are recorded by their callers, or are not: %j', (sampler, chosen) => {
  const sample = samplerOf(sampler, 1);
  const id = '0'.repeat(32);
  expect([sample(id, undefined), sample(id, parent(true)), sample(id, parent(false))]).toEqual(chosen);
});

test('a ratio chooses that share, and the same traces everywhere', () => {
  const [one, other] = [samplerOf('traceidratio', 0.25), samplerOf('traceidratio', 0.25)];
  let chosen = 0;
  for (let n = 0; n < 4096; n += 1) {
    const id = `${'0'.repeat(19)}${n.toString(16).padStart(3, '0')}${'0'.repeat(10)}`;
    expect(one(id, undefined)).toBe(other(id, undefined));
    if (one(id, undefined)) chosen += 1;
  }
  expect(chosen).toBe(1024);
  expect(samplerOf('traceidratio', 0)('f'.repeat(32), undefined)).toBe(false);
});

test('a statement is told by what it does and to which table, never by its text', () => {
  const nameOf = statementNames('sqlite');
  const named = (sql: string) => nameOf(sql).name;
  expect(named('select * from "users" where "email" = \'ann@example.com\'')).toBe('SELECT users');
  expect(named('insert into "journal" ("id") values (?)')).toBe('INSERT journal');
  expect(named('update "users" set "name" = ?')).toBe('UPDATE users');
  expect(named('delete from "sessions"')).toBe('DELETE sessions');
  expect(named('begin immediate')).toBe('BEGIN');
  expect(named('with "x" as (select 1) select * from "roles"')).toBe('SELECT roles');
  expect(named('hunter2')).toBe('STATEMENT');
});
