// Importing users with the password hashes that another system had of them. Each signs in with the password that it knows, which is
// kept in the native form from then on. A user is known by its name: one that is there already stays as it is.

import { type Caller, demand, demandConfirmed } from '../caller/caller.ts';
import { writeAs } from '../caller/write-as.ts';
import { invalid, KeywardError } from '../errors.ts';
import type { Changes, Changing } from '../identity/ports.ts';
import type { User } from '../identity/records.ts';
import { addUser, newUser } from '../identity/user.ts';
import { anySlowHashOf } from './foreign-hash.ts';
import { mostRows } from './import-tokens.ts';
import { rejected } from './insert-tokens.ts';
import type { Rejected } from './outcome.ts';

export interface PersonRow {
  line: number;
  /** An e-mail address or a user name. */
  username: string;
  /** What people call it; the username if left out. */
  name?: string;
  role: string;
  /** By bcrypt, Argon2id or PBKDF2. */
  passwordHash: string;
}

export interface PeopleOutcome {
  added: number;
  present: number;
  rejected: Rejected[];
}

/** Needs `create:user`, a confirmed session, and of each row all that its role holds. Throws `invalid_request` for too many rows. */
export async function importUsers(
  ports: Changing<'users' | 'roles'>,
  caller: Caller,
  { rows, dryRun = false }: { rows: readonly PersonRow[]; dryRun?: boolean },
): Promise<PeopleOutcome> {
  demand(caller, 'create:user');
  demandConfirmed(caller, ports.clock());
  if (rows.length > mostRows) throw invalid('rows', `Send at most ${mostRows} rows at a time.`);
  const outcome: PeopleOutcome = { added: 0, present: 0, rejected: [] };
  const prepared: { line: number; user: User; stored: string }[] = [];
  for (const row of rows) {
    const one = orRejected(row.line, () => prepare(ports, caller, row));
    if ('detail' in one) outcome.rejected.push(one);
    else prepared.push(one);
  }
  const insert = async (changes: Changes<'users' | 'roles'>) => {
    const whole: PeopleOutcome = { ...outcome, rejected: [...outcome.rejected] };
    for (const { line, user, stored } of prepared) {
      const there = await changes.users.findPassword(user.email);
      if (there !== null && there.organizationId === user.organizationId) whole.present += 1;
      else {
        const refusal = await refusalOf(line, () => addUser(ports, changes, caller, user, stored));
        if (refusal === null) whole.added += 1;
        else whole.rejected.push(refusal);
      }
    }
    whole.rejected.sort((one, other) => one.line - other.line);
    if (dryRun) throw new Undone(whole);
    return whole;
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

function prepare(ports: Changing<'users'>, caller: Caller, row: PersonRow) {
  const { line, username, name = username, role, passwordHash } = row;
  const read = anySlowHashOf(passwordHash);
  if ('fault' in read) throw invalid('passwordHash', read.fault);
  const user = newUser(ports, caller, caller.organization.id, { email: username, name, role });
  return { line, user, stored: read.stored };
}

function orRejected<T>(line: number, make: () => T): T | Rejected {
  try {
    return make();
  } catch (error) {
    return rejected(line, error);
  }
}

async function refusalOf(line: number, act: () => Promise<unknown>): Promise<Rejected | null> {
  try {
    await act();
    return null;
  } catch (error) {
    if (error instanceof KeywardError) return rejected(line, error);
    throw error;
  }
}
