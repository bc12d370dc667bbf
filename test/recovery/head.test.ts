// The journal head outside the database: it comes soon, it never leads, and what cannot be written is told.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepJournalHead } from '../../server/src/chores/keep-journal-head.ts';
import type { JournalHead } from '../../server/src/core/recovery/records.ts';
import { startServer } from '../server.ts';

test.each(['sqlite', 'postgres'] as const)('follows the journal on %s, and never leads it [S117]', async (database) => {
  const server = await startServer({ database });
  const file = join(
    'sqlite' in server.database ? join(server.database.sqlite.file, '..') : '/tmp',
    database === 'sqlite' ? 'journal.head' : `keyward-head-${process.pid}`,
  );
  try {
    if (database === 'postgres') await server.restart({ journalHead: file });
    const read = (): JournalHead | null => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null);
    for (let n = 0; n < 40; n += 1) {
      await server.core.createApiToken(server.asOwner, { name: `t${n}`, permissions: [] });
      const head = read();
      const end = await server.store.journal.head();
      if (head !== null) expect(head.seq).toBeLessThanOrEqual(end);
    }
    const end = await server.store.journal.head();
    await expect.poll(() => read()?.seq, { timeout: 10_000 }).toBe(end);
    const [last] = await server.store.journal.latest(null, 1);
    expect(read()).toEqual({ epoch: (await server.store.serverState.read()).epoch, seq: end, hash: last?.hash });
  } finally {
    await server.stop();
    rmSync(file, { force: true });
  }
});

test('is written once for all that came meanwhile, tried again after a failure, and whole at the end', async () => {
  const start = { epoch: 'e', seq: 1, hash: 'a' };
  const written: number[] = [];
  const failures: unknown[] = [];
  let isFull = true;
  const head = keepJournalHead({
    head: start,
    read: async () => start,
    write: async ({ seq }) => {
      if (isFull) throw new Error('no space left');
      written.push(seq);
    },
    failed: (error) => failures.push(error),
  });
  const entry = (seq: number) => ({ seq, hash: `h${seq}` }) as never;
  head.saw([entry(2)]);
  await head.flush();
  expect(failures).toHaveLength(1);
  isFull = false;
  for (let seq = 3; seq < 500; seq += 1) head.saw([entry(seq)]);
  head.saw([entry(4)]);
  await head.flush();
  expect(written).toEqual([499]);
  await head.flush();
  expect(written).toEqual([499]);
});
