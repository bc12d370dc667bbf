// Writes to a PostgreSQL journal past every node, as what another node did, or as a standby that lagged has it. For tests
// only.

import pg from 'pg';
import { chainHash, genesisHash } from '../../server/src/core/journal/chain.ts';
import type { NewJournalEntry } from '../../server/src/core/journal/entry.ts';

export interface JournalWriter {
  /** One transaction; more can be changed in it with the client. */
  change(
    work: (client: pg.Client, journal: { lose(entries: number): Promise<void>; add: Add }) => unknown,
  ): Promise<void>;
  close(): Promise<void>;
}

type Add = (entry: Partial<NewJournalEntry>) => Promise<number>;

export async function openJournalWriter(database: string): Promise<JournalWriter> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const lose = async (entries: number) => {
    await client.query('delete from journal where seq > (select max(seq) from journal) - $1', [entries]);
  };
  const add: Add = async (wanted) => {
    const newest = 'select seq, hash from journal order by seq desc limit 1';
    const { seq = 0, hash = genesisHash } = (await client.query(newest)).rows[0] ?? {};
    const entry = {
      at: Date.now(),
      organizationId: null,
      actor: { type: 'system', id: 'elsewhere' } as const,
      action: 'role.changed',
      subject: { type: 'role', id: 'any' },
      detail: {},
      ...wanted,
      seq: Number(seq) + 1,
    };
    const { at, organizationId, actor, action, subject, detail } = entry;
    const values = [entry.seq, at, organizationId, actor.type, actor.id, action, subject.type, subject.id];
    const columns = 'seq, at, organization_id, actor_type, actor_id, action, subject_type, subject_id, detail, hash';
    await client.query(`insert into journal (${columns}) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`, [
      ...values,
      JSON.stringify(detail),
      chainHash(hash, entry),
    ]);
    return entry.seq;
  };
  return {
    async change(work) {
      await client.query('begin');
      await client.query('lock table journal in exclusive mode');
      await work(client, { lose, add });
      await client.query('commit');
    },
    close: () => client.end(),
  };
}
