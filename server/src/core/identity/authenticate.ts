// Proving to be a user: e-mail, password and, where the user has one, the second factor. On one path and in one time for
// whatever is wrong with name or password (S21, S22), and no more often than guesses are let through.

import { isInForce } from '../caller/credential-lifecycle.ts';
import type { CredentialRecord } from '../caller/records.ts';
import { KeywardError } from '../errors.ts';
import { canonicalUsername } from '../name.ts';
import type { Sealer } from '../sealer.ts';
import type { PasswordHasher, Reading, Writing } from './ports.ts';
import { type CodePorts, passesSecondFactor } from './second-factor.ts';
import type { SignInLimiter } from './sign-in-limiter.ts';

/** The ports of what proves who somebody is, its writer aside, which whoever goes on from there writes by too. */
export type ProvingPorts = Reading<'users' | 'credentials' | 'secondFactors'> &
  CodePorts & { passwords: PasswordHasher; signInLimiter: SignInLimiter; sealer: Pick<Sealer, 'checkMac'> };

export type AuthenticatingPorts = ProvingPorts & Writing<'users' | 'secondFactors'>;

export interface UserProof {
  username: string;
  password: string;
  /** Of the second factor: six digits, or a recovery code. */
  code?: string | undefined;
  /** The name counts with its outer spaces, which no name has. */
  verbatim?: boolean;
  /** True where a code can be asked for. Elsewhere a user with a second factor is `unknown`. */
  asksCode?: boolean;
}

/** Who else than a user may have a name. Answers what proves it, or null where nobody has it. */
export type OrElse<T> = (name: string) => Promise<(() => Promise<T>) | null>;

const noOneElse = async () => null;

/**
 * The user, or `unknown` for whatever is wrong; where no user has the name, whoever else has it. Throws `second_factor_required` where the password is right and the code
 * is lacking or wrong, and `too_many_requests`: wrong codes count as wrong passwords do (S24).
 */
export async function authenticateUser<T extends object = never>(
  ports: AuthenticatingPorts,
  proof: UserProof,
  address: string,
  orElse: OrElse<T> = noOneElse,
): Promise<CredentialRecord | T | 'unknown'> {
  const email = canonicalUsername(proof.username);
  const outcome = await ports.signInLimiter.attempt(
    email,
    address,
    () => prove(ports, isNobody(proof) ? '' : email, proof, address, orElse),
    (one) => typeof one === 'string' || 'reason' in one,
  );
  if (outcome === 'wrong_code') throw codeNeeded('The code is wrong or was used before. Wait for the next one.');
  return outcome;
}

/** True for a name that nobody can have. It is looked for all the same, so that it takes as long as any other. */
export function isNobody({ username, verbatim }: Pick<UserProof, 'username' | 'verbatim'>): boolean {
  return verbatim === true && username !== username.trim();
}

async function prove<T extends object>(
  ports: AuthenticatingPorts,
  email: string,
  proof: UserProof,
  address: string,
  orElse: OrElse<T>,
): Promise<CredentialRecord | T | 'unknown' | 'wrong_code'> {
  const { password, code, asksCode = false } = proof;
  const user = await ports.store.users.findPassword(email);
  // Asked for whoever has the name, so that it takes as long.
  const other = await orElse(email);
  if (user === null && other !== null) return other();
  const right = await ports.passwords.verify(user?.passwordHash ?? null, password);
  const record = await ports.store.credentials.bySource({ type: 'user', id: user?.id ?? nobody });
  if (!right || user === null || record === null || !isInForce(record)) return 'unknown';
  // While the password was tried, which takes long, it was changed.
  if (record.lifecycle.generation !== user.generation) return 'unknown';
  if (user.secondFactorAt !== null) {
    if (!asksCode) return 'unknown';
    // Neither a failure nor a success: who knows the password alone must not pass for someone known here.
    if (code === undefined || code === '') throw codeNeeded('Send the code of your second factor too.');
    const passes = () => passesSecondFactor(ports, user, code);
    if (!(await ports.signInLimiter.attemptCode(email, address, passes))) return 'wrong_code';
  }
  if (ports.passwords.isOutdated(user.passwordHash)) await renew(ports, user, password);
  return record;
}

async function renew(
  ports: AuthenticatingPorts,
  user: { id: string; passwordHash: string },
  password: string,
): Promise<void> {
  const renewed = await ports.passwords.hash(password);
  await ports.store.write((changes) => changes.users.renewPasswordHash(user.id, renewed, user.passwordHash));
}

function codeNeeded(message: string): KeywardError {
  return new KeywardError('second_factor_required', message);
}

const nobody = '00000000-0000-4000-8000-000000000000';
