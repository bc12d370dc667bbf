// Nodes behind a pooler in transaction mode, where no two transactions need to share a session. A small stand-in speaks for
// pgbouncer: what it cannot show is pgbouncer's own faults.

import { afterAll, expect, test } from 'vitest';
import { verifyChain } from '../../server/src/core/journal/chain.ts';
import { databaseFailure } from '../../server/src/startup/database-failure.ts';
import { openDatabase, openStore } from '../../server/src/storage/open.ts';
import { anEntry, populate } from '../../server/src/storage/records.test-support.ts';
import { sharedPostgres } from '../postgres.ts';
import { type Pooler, startPooler } from './pooler.ts';

const poolers: Pooler[] = [];
afterAll(() => {
  for (const one of poolers) one.close();
});

async function pooled(ignored: readonly string[]) {
  const url = await (await sharedPostgres()).createDatabase();
  const pooler = await startPooler(url, 3, ignored);
  poolers.push(pooler);
  const through = new URL(url);
  through.port = String(pooler.port);
  return { pooler, url: through.href };
}

test('two nodes share three connections, which change hands with each transaction, and lose nothing [S112]', async () => {
  const { pooler, url } = await pooled(['statement_timeout', 'idle_in_transaction_session_timeout']);
  const open = () => openStore({ postgres: { url, timeoutMs: 20_000 }, migrate: true });
  const nodes = await Promise.all([open(), open()]);
  const [first, second] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
  const { token } = await populate(first);
  const head = await first.journal.head();
  await Promise.all(
    Array.from({ length: 60 }, async (_, at) => {
      await (at % 2 === 0 ? first : second).write(async (changes) => changes.journal(anEntry(null)));
      expect(await second.credentials.byDigest(token.digest)).not.toBeNull();
    }),
  );
  expect(await second.journal.head()).toBe(head + 60);
  expect(await verifyChain(first.journal)).toMatchObject({ intact: true });
  expect(pooler.switches()).toBeGreaterThan(20);
  await Promise.all(nodes.map((node) => node.close()));
}, 120_000);

test('one that takes no settings at the start is named, with what to write into its own [S112]', async () => {
  const { url } = await pooled([]);
  const place = { postgres: { url } };
  const told = await openDatabase(place, false).then(
    () => null,
    (error) => databaseFailure(error, place),
  );
  expect(told).toMatchObject({
    message: expect.stringMatching(/a pooler is in front of it .*unsupported startup parameter: statement_timeout/),
    hint: expect.stringContaining('ignore_startup_parameters = statement_timeout'),
  });
});
