// The journal's chain, checked by the command that operators have, against a database that somebody altered by hand.

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Demo, startDemo } from './program.ts';
import { keyward } from './run.ts';

let server: Demo;
beforeAll(async () => {
  server = await startDemo();
  await server.stop();
});
afterAll(() => server?.kill());

/** A copy of the data folder, altered by `sql`, and what the command says of it. */
async function verifyAfter(name: string, sql: string) {
  const data = join(server.place.folder, name);
  cpSync(server.folder, data, { recursive: true });
  const database = new Sqlite(join(data, 'keyward.db'));
  expect(database.prepare(sql).run().changes).toBeGreaterThan(0);
  database.close();
  const { code, output } = await keyward(server.place, ['journal', 'verify', '--data', data, '--json']);
  const inWords = await keyward(server.place, ['journal', 'verify', '--data', data]);
  return { code, report: JSON.parse(output), words: inWords.output };
}

test('an untouched journal is intact', async () => {
  const { code, output } = await keyward(server.place, ['journal', 'verify', '--data', server.folder, '--json']);
  expect([code, JSON.parse(output)]).toEqual([
    0,
    { intact: true, entries: expect.any(Number), head: expect.stringMatching(/^[\da-f]{64}$/) },
  ]);
});

test.each([
  ['a detail was changed', 'update journal set detail = \'{"x":1}\' where seq = 5', 5, 'altered'],
  ['the actor was changed', "update journal set actor_id = 'nobody' where seq = 3", 3, 'altered'],
  ['the time was changed', 'update journal set at = at + 1 where seq = 7', 7, 'altered'],
  ['an entry was removed', 'delete from journal where seq = 4', 4, 'missing'],
  ['two entries changed places', 'update journal set seq = 21 - seq + 1000 where seq in (10, 11)', 10, 'missing'],
  [
    'a hash was put right for one entry only',
    "update journal set detail = '{}', hash = 'f' where seq = 6",
    6,
    'altered',
  ],
])('exits with 1 and names the entry when %s [S123]', async (_, sql, entry, what) => {
  const { code, report, words } = await verifyAfter(`altered-${entry}`, sql);
  expect([code, report.intact, report.brokenAt]).toEqual([1, false, entry]);
  expect(words).toContain(`Entry ${entry}`);
  expect(words).toContain(what);
});

test('an end that was cut off shows against a head noted earlier [S123]', async () => {
  const { output } = await keyward(server.place, ['journal', 'verify', '--data', server.folder, '--json']);
  const { code, report } = await verifyAfter('cut', 'delete from journal where seq = (select max(seq) from journal)');
  expect(code).toBe(0);
  expect(report.head).not.toBe(JSON.parse(output).head);
  expect(report.entries).toBe(JSON.parse(output).entries - 1);
});
