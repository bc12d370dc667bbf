// What importing users and API users have in common: each row is taken or refused by itself, those that are there already are counted,
// and a dry run undoes what it did. What a row becomes is decided elsewhere.

import type { Caller } from '../caller/caller.ts';
import type { Acting } from '../caller/ports.ts';
import { writeAs } from '../caller/write-as.ts';
import { invalid, KeywardError } from '../errors.ts';
import type { Changes as ChangesOf } from '../identity/ports.ts';
import { canonicalUsername } from '../name.ts';
import { anySlowHashOf } from './foreign-hash.ts';
import { mostRows } from './import-tokens.ts';
import { rejected } from './insert-tokens.ts';
import type { Rejected } from './outcome.ts';

export interface PeopleOutcome {
  added: number;
  /** There already, under the same name. */
  present: number;
  rejected: Rejected[];
}

export type PeopleChanges = ChangesOf<'users' | 'apiUsers' | 'roles'>;
export type PeoplePorts<Changes extends PeopleChanges = PeopleChanges> = Acting<Changes>;

export interface Rows<Row> {
  rows: readonly Row[];
  dryRun?: boolean;
}

export interface NamedRow {
  line: number;
  username: string;
  passwordHash: string;
}

export interface Placing<Row, Ready, Changes> {
  /** Throws KeywardError for a row that is wrong by itself. */
  prepare(row: Row): Ready;
  /** True if it is new; false if it is there already. Throws KeywardError for one that cannot be taken. */
  place(changes: Changes, ready: Ready): Promise<boolean>;
}

/** Throws `invalid_request` for too many rows. */
export async function importPeople<Row extends NamedRow, Ready, Changes extends PeopleChanges>(
  ports: PeoplePorts<Changes>,
  caller: Caller,
  { rows, dryRun = false }: Rows<Row>,
  { prepare, place }: Placing<Row, Ready, Changes>,
): Promise<PeopleOutcome> {
  if (rows.length > mostRows) throw invalid('rows', `Send at most ${mostRows} rows at a time.`);
  const wrong: Rejected[] = [];
  const prepared: { line: number; ready: Ready }[] = [];
  const named = new Map<string, Row>();
  for (const row of rows) {
    try {
      const ready = prepare(row);
      demandOneOfName(named, row);
      prepared.push({ line: row.line, ready });
    } catch (error) {
      wrong.push(rejected(row.line, error));
    }
  }
  const insert = async (changes: Changes) => {
    const outcome: PeopleOutcome = { added: 0, present: 0, rejected: [...wrong] };
    for (const { line, ready } of prepared) {
      try {
        if (await place(changes, ready)) outcome.added += 1;
        else outcome.present += 1;
      } catch (error) {
        if (!(error instanceof KeywardError)) throw error;
        outcome.rejected.push(rejected(line, error));
      }
    }
    outcome.rejected.sort((one, other) => one.line - other.line);
    if (dryRun) throw new Undone(outcome);
    return outcome;
  };
  try {
    return await writeAs(ports, caller, insert);
  } catch (error) {
    if (error instanceof Undone) return error.outcome;
    throw error;
  }
}

/** Two of a name would be one, and only the first would get in: the other must not pass for there already. */
function demandOneOfName(named: Map<string, NamedRow>, row: NamedRow): void {
  const name = canonicalUsername(row.username);
  const before = named.get(name);
  if (before === undefined) named.set(name, row);
  else if (before.username !== row.username) {
    const text = `Line ${before.line} has the same name, as upper and lower case are one here. Give one of them another name.`;
    throw new KeywardError('conflict', text);
  } else if (before.passwordHash !== row.passwordHash) {
    throw new KeywardError('conflict', `Line ${before.line} has the same name with another password.`);
  }
}

/** Carries what a dry run found out of the change, which is undone by that. */
class Undone extends Error {
  readonly outcome: PeopleOutcome;
  constructor(outcome: PeopleOutcome) {
    super('A dry run changes nothing.');
    this.outcome = outcome;
  }
}

/** A password's hash, by any of the slow algorithms, as it is kept. Throws `invalid_request`. */
export function keptHash(passwordHash: string): string {
  const read = anySlowHashOf(passwordHash);
  if ('fault' in read) throw invalid('passwordHash', read.fault);
  return read.stored;
}
