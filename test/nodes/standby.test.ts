// A standby may not have heard of a revocation: no node starts on one, and none that ends up there goes on deciding.

import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { databaseFailure } from '../../server/src/startup/database-failure.ts';
import { databaseFacts } from '../../server/src/storage/facts.ts';
import { openDatabase, openStore } from '../../server/src/storage/open.ts';
import { populate } from '../../server/src/storage/records.test-support.ts';
import { startPostgres, type TestPostgres } from '../postgres.ts';

const started: TestPostgres[] = [];
afterAll(() => Promise.all(started.map((one) => one.stop())));

async function aPostgres(isStandby: boolean): Promise<TestPostgres> {
  const postgres = await startPostgres({ isStandby });
  started.push(postgres);
  return postgres;
}

test('a real standby is refused at the start, in plain words, and can be looked at [S113]', async () => {
  const { url } = await aPostgres(true);
  const place = { postgres: { url } };
  const refused = await openDatabase(place, false).then(
    () => null,
    (error) => databaseFailure(error, place),
  );
  expect(refused).toMatchObject({
    message: expect.stringContaining('it takes no changes: it is a standby'),
    hint: expect.stringContaining('Name the primary in KEYWARD_DATABASE'),
  });
  expect(await databaseFacts(place)).toMatchObject({ isReplica: true });
}, 120_000);

test('a node whose database becomes a standby under its open connections answers nothing from it, until it is a primary again [S113]', async () => {
  const postgres = await aPostgres(false);
  const url = await postgres.createDatabase();
  const store = await openStore({ postgres: { url }, migrate: true });
  const { token } = await populate(store);
  const asked = () =>
    store.credentials.byDigest(token.digest).then(
      (found) => (found === null ? 'nobody' : 'found'),
      ({ code }) => code,
    );
  const news = () =>
    store.news.latest(null, 1).then(
      () => 'news',
      ({ code }) => code,
    );
  const before = await asked();
  expect([before, await news()]).toEqual(['found', 'news']);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const setReadOnly = async (value: 'on' | 'off') => {
    await client.query(`alter system set default_transaction_read_only = ${value}`);
    await client.query('select pg_reload_conf()');
  };
  await client.query('set default_transaction_read_only = off');
  await setReadOnly('on');
  await expect.poll(news, { timeout: 20_000 }).toBe('unavailable');
  expect(await asked()).toBe('unavailable');
  await setReadOnly('off');
  await expect.poll(news, { timeout: 20_000 }).toBe('news');
  await expect.poll(asked, { timeout: 20_000 }).toBe(before);
  await client.end();
  await store.close();
}, 120_000);
