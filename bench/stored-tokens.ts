// Data folders of the demo with many API tokens more, written straight into the database, so that the journal does not
// know of them. They are tokens.ts's, by number, and copies of one of the demo's. A million or more are made once and kept
// in the system's temporary folder.

import { createHash } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Bench, startDemo } from './keyward.ts';
import { benchPlan } from './owner.ts';
import { tokenDigest, tokenId } from './tokens.ts';

const rowsPerCommit = 50_000;
const fewestKept = 1_000_000;

type Row = Record<string, unknown>;

/**
 * A folder with `count` tokens beside the demo's own; one that is kept may have been served from before. The last `apart` of
 * them are each of an organization of its own, with the bench's plan and an owner.
 */
export async function storedTokens(bench: Bench, count: number, apart = 0): Promise<string> {
  const draft = join(bench.scratch, `stored-${count}-${folders++}`);
  await (await startDemo(bench, draft)).server.stop();
  if (count < fewestKept || apart > 0) {
    fill(bench, draft, count, apart);
    return draft;
  }
  const kept = join(tmpdir(), `keyward-bench-${tablesOf(draft)}-${count}`);
  if (existsSync(kept)) {
    rmSync(draft, { recursive: true });
    return kept;
  }
  fill(bench, draft, count, 0);
  renameSync(draft, kept);
  return kept;
}

let folders = 0;

/** Indexes are made last: sorted once, not grown at random places. */
function fill(bench: Bench, folder: string, count: number, apart: number): void {
  const db = new Sqlite(join(folder, 'keyward.db'));
  db.pragma('journal_mode = off');
  db.pragma('synchronous = off');
  db.pragma('cache_size = -262144');
  const indexes = db
    .prepare(`select name, sql from sqlite_master where type = 'index' and tbl_name = 'api_tokens' and sql is not null`)
    .all() as { name: string; sql: string }[];
  for (const { name } of indexes) db.exec(`drop index "${name}"`);
  insert(db, count, apart, (done) => bench.progress(`writing ${count} tokens, once: ${done} so far`));
  for (const { name, sql } of indexes) {
    bench.progress(`writing ${count} tokens, once: index ${name}`);
    db.exec(sql);
  }
  db.pragma('journal_mode = wal');
  db.close();
}

function insert(db: Sqlite.Database, count: number, apart: number, progress: (done: number) => void): void {
  const template = db.prepare(`select * from api_tokens where name = 'parsers'`).get() as Row;
  const owner = db.prepare('select * from users where id = ?').get(template.owner_id) as Row;
  const organization = db.prepare('select * from organizations where id = ?').get(template.organization_id) as Row;
  const add = { token: into(db, 'api_tokens', template), owner: into(db, 'users', owner) };
  const addOrganization = into(db, 'organizations', organization);
  const insertMany = db.transaction((from: number, to: number) => {
    for (let number = from; number < to; number += 1) {
      const token = copy(template, number, count);
      if (number >= count - apart) {
        const names = apartNames(number);
        addOrganization({ ...organization, ...names, is_operator: 0, plan_id: benchPlan });
        const email = `${names.id}@bench.example`;
        add.owner({ ...owner, ...names, email, number: number + 1, organization_id: names.id });
        Object.assign(token, { organization_id: names.id, owner_id: names.id });
      }
      add.token(token);
    }
  });
  for (let done = 0; done < count; done += rowsPerCommit) {
    progress(done);
    insertMany(done, Math.min(count, done + rowsPerCommit));
  }
}

function into(db: Sqlite.Database, table: string, template: Row): (row: Row) => void {
  const columns = Object.keys(template);
  const statement = db.prepare(
    `insert into ${table} (${columns.map((name) => `"${name}"`)}) values (${columns.map((name) => `@${name}`)})`,
  );
  return (row) => void statement.run(row);
}

/** Of an organization and of its owner, which share an id: they are of different tables. */
function apartNames(number: number): Row {
  const id = tokenId(number).replace('8000', '9000');
  const name = `apart-${number}`;
  return { id, name, folded_name: name, sort_name: name, folded_text: name };
}

function copy(template: Row, number: number, count: number): Row {
  const name = `bulk-${number}`;
  return {
    ...template,
    id: tokenId(number),
    // Far from those that are drawn at random, which are mostly greater.
    number: number + 1,
    name,
    folded_name: name,
    sort_name: name,
    sort_text: '',
    folded_text: name,
    digest: tokenDigest(number),
    created_at: Number(template.created_at) - count + number,
  };
}

/** A text that changes with the tables, so that an older folder is not taken for a new one. */
function tablesOf(folder: string): string {
  const db = new Sqlite(join(folder, 'keyward.db'), { readonly: true });
  const statements = db.prepare('select sql from sqlite_master order by name').pluck().all();
  db.close();
  return createHash('sha256').update(statements.join('\n')).digest('hex').slice(0, 12);
}
