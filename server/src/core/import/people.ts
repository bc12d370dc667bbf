// What importing users and API users have in common: each row is taken or refused by itself, those that are there already are counted,
// and a dry run undoes what it did. What a row becomes is decided elsewhere.

import type { Caller } from '../caller/caller.ts';
import { writeAs } from '../caller/write-as.ts';
import { invalid, KeywardError } from '../errors.ts';
import type { Changes as ChangesOf, Changing } from '../identity/ports.ts';
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

type Noun = 'users' | 'apiUsers' | 'roles';
export type PeoplePorts = Changing<Noun>;
export type PeopleChanges = ChangesOf<Noun>;

export interface Rows<Row> {
  rows: readonly Row[];
  dryRun?: boolean;
}

export interface Placing<Row, Ready> {
  /** Throws KeywardError for a row that is wrong by itself. */
  prepare(row: Row): Ready;
  /** True if it is new; false if it is there already. Throws KeywardError for one that cannot be taken. */
  place(changes: PeopleChanges, ready: Ready): Promise<boolean>;
}

/** Throws `invalid_request` for too many rows. */
export async function importPeople<Row extends { line: number }, Ready>(
  ports: PeoplePorts,
  caller: Caller,
  { rows, dryRun = false }: Rows<Row>,
  { prepare, place }: Placing<Row, Ready>,
): Promise<PeopleOutcome> {
  if (rows.length > mostRows) throw invalid('rows', `Send at most ${mostRows} rows at a time.`);
  const wrong: Rejected[] = [];
  const prepared: { line: number; ready: Ready }[] = [];
  for (const row of rows) {
    try {
      prepared.push({ line: row.line, ready: prepare(row) });
    } catch (error) {
      wrong.push(rejected(row.line, error));
    }
  }
  const insert = async (changes: PeopleChanges) => {
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
