// Importing users with the password hashes that another system had of them. Each signs in with the password that it knows, which is
// kept in the native form from then on. A user is known by its name: one that is there already stays as it is.

import { type Caller, demand, demandConfirmed } from '../caller/caller.ts';
import { addUser, newUser } from '../identity/user.ts';
import { importPeople, keptHash, type PeopleOutcome, type PeoplePorts, type Rows } from './people.ts';

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

/** Needs `create:user`, a confirmed session, and of each row all that its role holds. Throws `invalid_request` for too many rows. */
export async function importUsers(ports: PeoplePorts, caller: Caller, wanted: Rows<PersonRow>): Promise<PeopleOutcome> {
  demand(caller, 'create:user');
  demandConfirmed(caller, ports.clock());
  return importPeople(ports, caller, wanted, {
    prepare({ username, name = username, role, passwordHash }: PersonRow) {
      const stored = keptHash(passwordHash);
      return { user: newUser(ports, caller, caller.organization.id, { email: username, name, role }), stored };
    },
    async place(changes, { user, stored }) {
      const there = await changes.users.findPassword(user.email);
      if (there !== null && there.organizationId === user.organizationId) return false;
      await addUser(ports, changes, caller, user, stored);
      return true;
    },
  });
}
