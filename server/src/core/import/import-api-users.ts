// Importing API users under the names, and with the password hashes, that another system had of them, so that no client changes
// anything. A password is kept in the native form once it was used. One that is there already stays as it is.

import { hasIdForm } from '@keyward/rules/organization-handle';
import { type Caller, demand, demandNoBounds } from '../caller/caller.ts';
import type { CredentialLookup } from '../caller/ports.ts';
import { KeywardError } from '../errors.ts';
import type { ExternalRecord } from '../external-record.ts';
import { addApiUser, newApiUser } from '../identity/api-user.ts';
import { checkedApiUsername, longestName } from '../name.ts';
import {
  importPeople,
  keptHash,
  type PeopleChanges,
  type PeopleOutcome,
  type PeoplePorts,
  type Rows,
} from './people.ts';

export interface ApiUserRow extends Partial<ExternalRecord> {
  line: number;
  /** Any name, an e-mail address or not. */
  username: string;
  /** What people call it; the username if left out. */
  name?: string;
  role: string;
  /** By bcrypt, Argon2id or PBKDF2. */
  passwordHash: string;
}

/** Who else a name of an id's form could mean. */
interface OtherClients {
  credentials: Pick<CredentialLookup, 'bySource'>;
  applications: { findKnown(id: string): Promise<object | null> };
}

/** Needs `create:api_user`, and of each row all that its role holds. Throws `invalid_request` for too many rows. */
export async function importApiUsers(
  ports: PeoplePorts<PeopleChanges & OtherClients>,
  caller: Caller,
  wanted: Rows<ApiUserRow>,
): Promise<PeopleOutcome> {
  demand(caller, 'create:api_user');
  demandNoBounds(caller, 'API user');
  return importPeople(ports, caller, wanted, {
    prepare({ username, passwordHash, name, role, ...external }: ApiUserRow) {
      const kept = checkedApiUsername('username', username);
      const called = { name: name ?? kept.slice(0, longestName), role, ...external };
      return { apiUser: newApiUser(ports, caller, kept, called), stored: keptHash(passwordHash) };
    },
    async place(changes, { apiUser, stored }) {
      const there = await changes.apiUsers.findNamed(apiUser.username);
      if (there !== null && there.organizationId === apiUser.organizationId) return false;
      if ((await changes.users.findPassword(apiUser.username)) !== null) {
        throw new KeywardError('conflict', 'This username is in use already.');
      }
      if (await isOtherClient(changes, apiUser.username)) {
        throw new KeywardError('conflict', 'This username is the id of another client. Use another name.');
      }
      await addApiUser(changes, caller, apiUser, stored, { imported: true });
      return true;
    },
  });
}

/** An id is one's alone: what this server made is never called so again, and what it will make is drawn of 122 random bits. */
async function isOtherClient({ credentials, applications }: OtherClients, name: string): Promise<boolean> {
  if (!hasIdForm(name)) return false;
  const apiUser = await credentials.bySource({ type: 'api_user', id: name });
  return apiUser !== null || (await applications.findKnown(name)) !== null;
}
