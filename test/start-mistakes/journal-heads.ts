// Mistakes with the journal's head, which is kept outside the database: where it cannot be kept, and a database that it does not fit.

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { after } from './folders.ts';
import type { Mistake, MistakePlace } from './mistake.ts';

const instead = /journalHead/;
const environment = { KEYWARD_JOURNAL_HEAD: 'kept/journal.head' };

export const journalHeads: readonly Mistake[] = [
  {
    name: 'a folder for the file',
    environment,
    prepare: ({ path }) => void mkdirSync(path('kept/journal.head'), { recursive: true }),
    says: /journal's head .*kept\/journal\.head is a folder/,
    mend: instead,
  },
  {
    name: 'a folder that is not there, as of a disk that is not mounted',
    environment,
    says: /folder of the journal's head .*kept\/journal\.head \(setting journalHead\) does not exist/,
    mend: instead,
  },
  {
    name: 'a path below a file',
    environment,
    files: { kept: 'x' },
    says: /journal's head .*kept\/journal\.head \(setting journalHead\) lies below a file/,
    mend: instead,
  },
  {
    name: 'a path that only a shell understands',
    environment: { KEYWARD_JOURNAL_HEAD: '~/journal.head' },
    says: /journalHead .*begins with ~/,
    mend: /write the folder out/,
  },
  {
    name: 'a folder that this account may not write',
    asNobody: true,
    environment,
    prepare: ({ path }) => {
      mkdirSync(path('data'));
      chmodSync(path('data'), 0o777);
      mkdirSync(path('kept'), { mode: 0o555 });
      return undefined;
    },
    says: /journal's head .*kept\/journal\.head .*may not be used by this account/,
    mend: /chown[\s\S]*journalHead/,
  },
  {
    name: 'a file that is damaged',
    prepare: after(({ path }) => writeFileSync(path('data/journal.head'), 'half a li')),
    says: /journal\.head does not say where the journal ends/,
    mend: /keyward restore/,
  },
  {
    name: 'a database that is older than it',
    prepare: after((place) => changeHead(place, (head) => ({ ...head, seq: head.seq + 9 }))),
    says: /not the one that was served last.*entry \d+ of the journal.*data\/journal\.head/,
    mend: /newer database back[\s\S]*keyward restore --in-place/,
  },
  {
    name: 'the database of another server',
    prepare: after((place) => changeHead(place, (head) => ({ ...head, epoch: 'another' }))),
    says: /not the one that was served last/,
    mend: /keyward restore --in-place/,
  },
  {
    name: 'a database that was moved elsewhere',
    prepare: after((place) => changeDatabase(place, 'update server_state set moved_at = 1')),
    says: /was moved elsewhere on 1970-01-01/,
    mend: /Serve that one[\s\S]*keyward restore --in-place/,
  },
  {
    name: 'a database that a move has not filled yet',
    prepare: after((place) => changeDatabase(place, 'update server_state set moving_since = 1')),
    says: /move into this database was not finished/,
    mend: /same keyward move again/,
  },
  {
    name: 'a decision about a database that a move has not filled yet',
    args: ['restore', '--in-place', '--yes'],
    prepare: after((place) => changeDatabase(place, 'update server_state set moving_since = 1')),
    says: /move into this database was not finished/,
    mend: /same keyward move again/,
  },
];

type Head = { epoch: string; seq: number; hash: string };

function changeHead({ path }: MistakePlace, change: (head: Head) => Head): void {
  const file = path('data/journal.head');
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))));
}

function changeDatabase({ path }: MistakePlace, statement: string): void {
  const database = new Sqlite(path('data/keyward.db'));
  database.exec(statement);
  database.close();
}
