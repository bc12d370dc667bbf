// Rotation of an API user: it gets a new password, and the one before works beside it for a while (overlap.ts). The API tokens
// that it owns, and what it made, have secrets of their own and go on.

import { type Caller, demandConfirmed, demandNoBounds, may } from '../caller/caller.ts';
import { writeAs } from '../caller/write-as.ts';
import type { Clocked } from '../clock.ts';
import { KeywardError, notFound } from '../errors.ts';
import { readApiUser, subjectOf } from '../identity/api-user.ts';
import type { ApiUser } from '../identity/records.ts';
import { demandHeld } from '../identity/user.ts';
import { entryOf } from '../journal/entry.ts';
import { digestOf, generatePassword } from '../secret.ts';
import { checkOverlap, endPrevious, keepPrevious, overlapsOf, type Previous } from './overlap.ts';
import type { Changing, Reading } from './ports.ts';
import type { PreviousSecret } from './records.ts';

/**
 * Gives the API user a new password, which is answered this once; the old one works for `overlapMs` more, and is `previous`.
 * Without an overlap every access token ends at once that was made with it. Needs `update:api_user`, a confirmed session and,
 * as whoever has the password may do it, all that the role holds. Of many callers at once exactly one rotates it;
 * `conflict` for the others, and while the overlap of an earlier rotation lasts, unless this one has none.
 */
export async function rotateApiUser(
  ports: Reading<'apiUsers'> & Changing<'apiUsers' | 'roles' | 'usage' | Previous>,
  caller: Caller,
  id: string,
  overlapMs: number,
): Promise<{ apiUser: ApiUser; password: string; previous: PreviousSecret | undefined }> {
  checkOverlap(overlapMs);
  const at = ports.clock();
  await readApiUser(ports, caller, id, 'update');
  demandConfirmed(caller, at);
  demandNoBounds(caller, 'password');
  const organizationId = caller.organization.id;
  const before = await ports.store.apiUsers.digestOf(organizationId, id);
  if (before === null) throw notFound('API user');
  const password = generatePassword();
  const next = { digest: digestOf(password), endsAccess: overlapMs === 0 };
  return writeAs(ports, caller, async (changes) => {
    const apiUser = await readApiUser({ store: changes }, caller, id, 'update');
    await demandHeld(changes, caller, apiUser.role);
    // Whoever read the same password and came first has won.
    if (!(await changes.apiUsers.replacePassword(organizationId, id, before, next))) throw rotatedMeanwhile();
    const replaced = { sourceId: id, organizationId, digest: before };
    const previous = await keepPrevious(changes, 'previousPasswords', replaced, at, overlapMs);
    changes.journal(entryOf(caller, at, 'api_user.rotated', subjectOf(id), { previousUntil: at + overlapMs }));
    return { apiUser, password, previous };
  });
}

/** Ends the overlap now. Needs `update:api_user`. `not_found` if there is none. */
export async function endPasswordOverlap(
  ports: Changing<'apiUsers' | 'previousPasswords'>,
  caller: Caller,
  id: string,
): Promise<void> {
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    const apiUser = await readApiUser({ store: changes }, caller, id, 'update');
    await endPrevious(changes, 'previousPasswords', caller, apiUser, at);
  });
}

/** The rotations that these API users are in, by id; of none without `read:api_user`. */
export async function passwordRotationsOf(
  ports: Reading<'previousPasswords'> & Clocked,
  caller: Caller,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PreviousSecret>> {
  if (!may(caller, 'read:api_user')) return new Map();
  return overlapsOf(ports.store.previousPasswords, caller.organization.id, ids, ports.clock());
}

function rotatedMeanwhile(): KeywardError {
  return new KeywardError(
    'conflict',
    'Somebody else has rotated this API user just now. Look at it before you try again.',
  );
}
