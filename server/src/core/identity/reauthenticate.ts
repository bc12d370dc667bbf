// Asking someone who is signed in for the password again. Signing in belongs to authenticate.ts.

import type { Caller } from '../caller/caller.ts';
import { invalid } from '../errors.ts';
import type { PasswordHasher, Reading } from './ports.ts';
import type { SignInLimiter } from './sign-in-limiter.ts';

/** The ports of what asks for the password again. */
export interface ReauthenticatingPorts extends Reading<'users'> {
  passwords: Pick<PasswordHasher, 'verify'>;
  signInLimiter: SignInLimiter;
}

/**
 * Asks for the password again. Answers its present hash; throws `invalid_request` naming `field` if it is wrong, and
 * `too_many_requests`: whoever has taken over a session must not find out the password with it.
 */
export async function reauthenticate(
  ports: ReauthenticatingPorts,
  caller: Caller,
  password: string,
  field: string,
): Promise<string> {
  const { owner } = caller;
  const prove = async () => {
    const own = owner.type === 'user' ? await ports.store.users.findPassword(owner.name) : null;
    const right = await ports.passwords.verify(own?.passwordHash ?? null, password);
    return own !== null && own.id === owner.id && right ? own.passwordHash : null;
  };
  const hash = await ports.signInLimiter.attempt(owner.name, `by ${caller.id}`, prove, (one) => one === null);
  if (hash === null) throw invalid(field, 'The password is wrong.');
  return hash;
}
