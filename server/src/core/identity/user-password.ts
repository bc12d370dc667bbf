// A user's password: changed and reset. What a password must be is password-policy.ts's to say.

import { type Caller, demand, demandConfirmed, isSelf } from '../caller/caller.ts';
import { generationOf } from '../caller/credential-lifecycle.ts';
import { writeAs } from '../caller/write-as.ts';
import { KeywardError, notFound } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import { generatePassword } from '../secret.ts';
import { checkedPassword, checkedShape } from './password-policy.ts';
import type { Changing, ChoosingPassword, Hashing } from './ports.ts';
import { type ReauthenticatingPorts, reauthenticate } from './reauthenticate.ts';
import { renewSession } from './session.ts';
import { manageable, subjectOf } from './user.ts';

/** Generates a new password for someone else, answered once; ends what the old one opened. Needs `update:user`. */
export async function resetPassword(
  ports: Changing<'users' | 'roles'> & Hashing,
  caller: Caller,
  id: string,
): Promise<{ password: string }> {
  demand(caller, 'update:user');
  demandConfirmed(caller, ports.clock());
  const password = generatePassword();
  const passwordHash = await ports.passwords.hash(password);
  const at = ports.clock();
  return writeAs(ports, caller, async (changes) => {
    await manageable(changes, caller, id);
    if (!(await changes.users.setPassword(caller.organization.id, id, passwordHash))) throw notFound('user');
    await changes.users.welcome(caller.organization.id, id);
    changes.journal(entryOf(caller, at, 'user.password_reset', subjectOf(id)));
    return { password };
  });
}

/**
 * The caller's own password, which must be a user's. Ends the user's access tokens and sessions; the present session, if
 * there is one, goes on under the secret that is answered.
 */
export async function changePassword(
  ports: Changing<'users' | 'sessions' | 'credentials'> & ReauthenticatingPorts & ChoosingPassword,
  caller: Caller,
  change: { current: string; next: string },
): Promise<{ secret: string | null }> {
  if (!isSelf(caller)) throw new KeywardError('forbidden', 'Only a signed-in user has a password to change.');
  const named = [caller.owner.name, caller.organization.name];
  checkedShape('next', change.next, named);
  const expected = await reauthenticate(ports, caller, change.current, 'current');
  const user = await ports.store.users.find(caller.organization.id, caller.owner.id);
  // Asked of whoever has the password only, since an estimate is work.
  const next = await checkedPassword(ports, 'next', change.next, [...named, user?.name ?? '']);
  const passwordHash = await ports.passwords.hash(next);
  const at = ports.clock();
  const { organization, id, session } = caller;
  return writeAs(ports, caller, async (changes) => {
    if (!(await changes.users.setPassword(organization.id, id, passwordHash, expected))) {
      throw new KeywardError('conflict', 'The password was changed by someone else meanwhile. Try again.');
    }
    await changes.sessions.deleteOthers(organization.id, id, session?.id ?? '');
    changes.journal(entryOf(caller, at, 'user.password_changed', subjectOf(id)));
    const record = await changes.credentials.bySource({ type: 'user', id });
    if (session === undefined || record === null) return { secret: null };
    const { confirmedAt } = session;
    return { secret: await renewSession(changes, session, { confirmedAt, generation: generationOf(record) }) };
  });
}
