// Secrets are shown once, to whoever asked for them, and are found nowhere else: not in the database or its write-ahead
// log, not in the log at its finest, not in a refusal, not in what the guarded API is sent.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backUp } from '../../server/src/assemble/recovery/backup.ts';
import { digestOf } from '../../server/src/core/secret.ts';
import { createCanaries } from './canaries.ts';
import { runLaterScenario } from './later-scenario.ts';
import { type RecordedServer, type Said, startRecordedServer } from './recorded-server.ts';
import { runSecretScenario } from './secret-scenario.ts';

/** Endpoints that answer a secret, each by POST and in the body. */
const showing: readonly RegExp[] = [
  /^\/v1\/(?:login|access-tokens|tokens|users|api-users)$/,
  /^\/v1\/tokens\/[^/]+\/reveal$/,
  /^\/v1\/(?:tokens|api-users)\/[^/]+\/rotate$/,
  /^\/v1\/users\/[^/]+\/reset-password$/,
  /^\/v1\/invitations$/,
  /^\/v1\/webhooks$/,
  /^\/v1\/webhooks\/[^/]+\/rotate$/,
  /^\/v1\/self\/second-factor$/,
  /^\/v1\/self\/second-factor\/confirmation$/,
  /^\/api\/(?:login_check|login_refresh|1\.0\/open\/access-tokens|v1\/auth\/key|v1\/authorize)$/,
  /^\/v2\/auth\/token$/,
];

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  const canaries = createCanaries();
  const whileRunning = new Map<string, Buffer>();
  let server: RecordedServer;
  let remains: Map<string, Buffer>;
  let backup: string | undefined;

  beforeAll(async () => {
    server = await startRecordedServer(database);
    canaries.keep("the owner's password", server.owner.password);
    for (let n = 0; n < (database === 'sqlite' ? 6 : 2); n += 1) {
      await runSecretScenario(server, canaries, n);
      await runLaterScenario(server, canaries, n);
    }
    for (const [name, bytes] of await server.remains()) whileRunning.set(name, bytes);
    const metrics = await server.ask({ method: 'GET', target: '/metrics', headers: [] });
    whileRunning.set('metrics', Buffer.from(metrics.body));
    if (database === 'sqlite') {
      backup = mkdtempSync(join(tmpdir(), 'keyward-secrets-'));
      await backUp({ data: dirname(server.place), database: null }, join(backup, 'backup.db'), () => {});
      whileRunning.set('backup', readFileSync(join(backup, 'backup.db')));
    }
    await breakDatabase(server.place);
    // Every way in now ends in an error that nobody foresaw.
    for (const { call } of server.said.slice(-400)) await server.ask(call);
    await server.stop();
    remains = await server.remains();
  });

  afterAll(async () => {
    if (backup !== undefined) rmSync(backup, { recursive: true, force: true });
    await server.remove();
  });

  test('no secret is in the database, its write-ahead log, a backup, the metrics or any other file [S12, S13, G17]', () => {
    expect(canaries.count).toBeGreaterThan(database === 'sqlite' ? 200 : 60);
    expect([...whileRunning.keys()]).toEqual(
      expect.arrayContaining([database === 'sqlite' ? 'keyward.db-wal' : 'api_tokens']),
    );
    for (const files of [whileRunning, remains]) {
      for (const [name, bytes] of files) expect.soft(canaries.foundIn(bytes), name).toEqual([]);
    }
  });

  test('the search would find them: what is kept of them is there', () => {
    const all = Buffer.concat([...whileRunning.values()]).toString('latin1');
    expect(all).toContain('readable-0');
    const { body } = server.said.find(({ call }) => call.body?.includes('"direct-0"'))?.reply ?? { body: '{}' };
    const { secret } = JSON.parse(body) as { secret: string };
    expect(all).toContain(digestOf(secret));
    expect(canaries.foundIn(`a ${secret} b`)).toEqual(['API token']);
    expect(canaries.foundIn(Buffer.from(`x:${secret}`).toString('base64'))).toEqual(['API token']);
    expect(canaries.foundIn(Buffer.from(secret).toString('hex'))).toEqual(['API token']);
  });

  test('no secret is in the log, though it tells of every call and of errors that nobody foresaw [S124, G17]', () => {
    const lines = server.log().trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(server.said.length / 2);
    expect(lines.filter((line) => line.includes('"level":"error"')).length).toBeGreaterThan(10);
    expect(canaries.foundIn(server.log())).toEqual([]);
  });

  test('no secret reaches the guarded API [S5]', () => {
    expect(server.upstream()).toContain('/api-versio.db/1.0/acme?x=1');
    expect(canaries.foundIn(server.upstream())).toEqual([]);
  });

  test('no answer shows a secret but the one that makes or reveals it, a POST whose answer is kept by nobody [S8]', () => {
    const shown = server.said.filter(({ reply }) => canaries.foundIn(reply.body).length > 0);
    expect(shown.length).toBeGreaterThan(database === 'sqlite' ? 70 : 30);
    for (const { call, reply } of shown) {
      expect.soft(reply.status, `${call.method} ${call.target}`).toBeLessThan(300);
      expect.soft(call.method).toBe('POST');
      expect
        .soft(
          showing.some((path) => path.test(call.target)),
          call.target,
        )
        .toBe(true);
      expect.soft(reply.headers.get('cache-control')).toBe('no-store');
      expect.soft(reply.headers.get('referrer-policy')).toBe('no-referrer');
    }
    // A session is answered in the header that hands it out, and in no other.
    const handingOut = server.said.filter(({ reply }) => reply.headers.has('set-cookie'));
    expect(handingOut.length).toBeGreaterThan(0);
    for (const { call } of handingOut) expect(call.target).toMatch(/^\/v1\/session/);
    for (const { reply } of server.said) expect(canaries.foundIn(headersOf(reply))).toEqual([]);
    for (const path of showing)
      expect
        .soft(
          shown.some(({ call }) => path.test(call.target)),
          String(path),
        )
        .toBe(true);
  });

  test('an error that nobody foresaw says an id and nothing else [S84]', () => {
    const failed = server.said.filter(({ reply }) => reply.status === 500);
    expect(failed.length).toBeGreaterThan(10);
    for (const { reply } of failed) {
      expect(reply.body).toMatch(/Internal error\. Its id in the log is [0-9a-f]{16}\./);
      expect(reply.body).not.toMatch(/select|table|api_tokens|relation|\.ts|node:/i);
    }
  });
});

/** From now on API tokens cannot be looked up: not the way a database fails, so nobody is prepared for it. */
async function breakDatabase(place: string): Promise<void> {
  const sql = 'alter table api_tokens rename to moved_away';
  if (!place.startsWith('postgres')) {
    const file = new Sqlite(place);
    file.exec(sql);
    file.close();
    return;
  }
  const client = new pg.Client({ connectionString: place });
  await client.connect();
  await client.query(sql);
  await client.end();
}

function headersOf(reply: Said['reply']): string {
  return JSON.stringify([...reply.headers].filter(([name]) => name !== 'set-cookie'));
}
