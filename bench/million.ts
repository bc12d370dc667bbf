// A data folder with a million API tokens, made once and kept in the system's temporary folder: copies of one token,
// written straight into the database, so the journal does not know of them.

import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Bench } from './keyward.ts';

const wanted = 1_000_000;
const rowsPerCommit = 50_000;

type Row = Record<string, unknown>;

/** The folder; `filled` is a data folder that holds at least one token, and is copied. */
export async function millionTokens(bench: Bench, filled: string): Promise<string> {
  const folder = join(tmpdir(), `keyward-bench-${tablesOf(filled)}`);
  if (existsSync(folder)) return folder;
  const draft = join(bench.scratch, 'million');
  mkdirSync(draft);
  for (const name of ['keyward.db', 'secrets.key']) cpSync(join(filled, name), join(draft, name));
  const db = new Sqlite(join(draft, 'keyward.db'));
  db.pragma('synchronous = off');
  const template = db.prepare('select * from api_tokens limit 1').get() as Row;
  const columns = Object.keys(template);
  const insert = db.prepare(
    `insert into api_tokens (${columns.map((name) => `"${name}"`)}) values (${columns.map((name) => `@${name}`)})`,
  );
  const insertMany = db.transaction((count: number) => {
    for (let row = 0; row < count; row += 1) insert.run(another(template));
  });
  for (let done = 0; done < wanted; done += rowsPerCommit) {
    bench.progress(`writing a million tokens, once: ${done} so far`);
    insertMany(rowsPerCommit);
  }
  db.pragma('wal_checkpoint(truncate)');
  db.close();
  renameSync(draft, folder);
  return folder;
}

function another(template: Row): Row {
  const name = `bulk-${randomBytes(9).toString('base64url')}`;
  return {
    ...template,
    id: randomUUID(),
    number: randomInt(1, 2 ** 48 - 1),
    name,
    folded_name: name.toLowerCase(),
    digest: randomBytes(32).toString('hex'),
    deleted_at: null,
  };
}

/** A text that changes with the tables, so that an older folder is not taken for a new one. */
function tablesOf(folder: string): string {
  const db = new Sqlite(join(folder, 'keyward.db'), { readonly: true });
  const statements = db.prepare('select sql from sqlite_master order by name').pluck().all();
  db.close();
  return createHash('sha256').update(statements.join('\n')).digest('hex').slice(0, 12);
}
