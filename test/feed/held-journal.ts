// Two changes of two nodes made to overlap: the first has done all that it does but its commit when the second begins. For
// tests only.

import pg from 'pg';

/** The lock under which nodes number the journal and commit (server/src/storage/postgres.ts). */
const journalLock = 7_236_101;
/** Short of how long a node waits for any lock. */
const mostMs = 1000;
const forEver = Number.POSITIVE_INFINITY;

/**
 * Runs both and answers what they answered. The second begins when the first waits for its commit, and both go on when the
 * second waits too or does not have to.
 */
export async function overlapping<A, B>(
  database: string,
  first: () => Promise<A>,
  second: () => Promise<B>,
): Promise<[A, B]> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(${journalLock})`);
    const begun = first();
    await waitingOrSettled(client, 1, begun);
    const until = Date.now() + mostMs;
    const other = second();
    await waitingOrSettled(client, 2, other, until);
    await client.query('commit');
    return [await begun, await other];
  } finally {
    await client.end();
  }
}

/** Resolves when so many of the database's sessions wait for a lock, or when this one is settled. */
export async function waitingOrSettled(
  client: pg.Client,
  count: number,
  one: Promise<unknown>,
  until = forEver,
): Promise<void> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  one.then(settle, settle);
  while (!isSettled && Date.now() < until && (await waiting(client)) < count) {
    await new Promise((turn) => setTimeout(turn, 5));
  }
}

async function waiting(client: pg.Client): Promise<number> {
  const query = `select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return (await client.query<{ count: number }>(query)).rows[0]?.count ?? 0;
}
