// Proofs of machines: an API token, and an API user's password. Read from the database, never from a cache, and each takes one
// path whatever is wrong (S21, S22). API users that were imported have names of any form, and passwords that somebody chose: these are
// held against slow hashes, and are guessed at as people's are. What is then made for who proved itself is not decided here.

import { isAscii } from '@keyward/rules/ascii';
import { isInForce } from '../caller/credential-lifecycle.ts';
import type { CredentialRecord } from '../caller/records.ts';
import type { Clocked } from '../clock.ts';
import { endOfSecret, whichSecret } from '../credentials/presented-secret.ts';
import type { PasswordHasher } from '../identity/ports.ts';
import type { ApiUserPassword } from '../identity/records.ts';
import type { SignInLimiter } from '../identity/sign-in-limiter.ts';
import type { ImportedSecrets } from '../import/imported-secrets.ts';
import { digestOf, looksLikeApiToken } from '../secret.ts';
import type { Writer } from '../writer.ts';
import { type FailedProof, failedProof, whose } from './exchange-failure.ts';
import type { Changes, Reading } from './ports.ts';

/**
 * Told which secret was presented, of a credential that is being rotated and answers to two; and by which ids what is made ends, beside
 * its own.
 */
export type Proved = CredentialRecord & { secret?: 'current' | 'previous'; lineage?: readonly string[] };

/** Whose API token this is, if it can be exchanged. */
export async function proveApiToken(ports: ProvingTokens, secret: string): Promise<Proved | FailedProof> {
  const { record, digest } = await tokenWith(ports, secret);
  if (record?.token == null) return failedProof('unknown');
  const which = whichSecret(record.token, digest, ports.clock());
  if (which === null || record.token.use === 'direct' || !isInForce(record)) {
    return failedProof('unknown', whose(record));
  }
  if (record.expiresAt !== null && record.expiresAt <= ports.clock()) return failedProof('expired', whose(record));
  // What is made from the secret before a rotation ends with the overlap.
  return { ...record, expiresAt: endOfSecret(record, which), ...(which !== 'only' && { secret: which }) };
}

/** What an API token is proved by. */
export type ProvingTokens = Reading<'credentials'> & Clocked & { imported: Pick<ImportedSecrets, 'mayBe' | 'find'> };

/** The token with this secret, and the digest that it has it under. */
export async function tokenWith(
  { store, imported }: Omit<ProvingTokens, 'clock'>,
  secret: string,
): Promise<{ record: CredentialRecord | null; digest: string }> {
  const digest = digestOf(secret);
  const { byDigest } = store.credentials;
  const record = looksLikeApiToken(secret) ? await byDigest(digest) : null;
  if (record !== null) return { record, digest };
  const found = isAscii(secret) && imported.mayBe(secret) ? await imported.find(secret, byDigest) : null;
  return found ?? { record: null, digest };
}

/** The API user of a canonical username, if there is one. */
export function apiUserNamed(ports: Reading<'apiUsers'>, username: string): Promise<ApiUserPassword | null> {
  return ports.store.apiUsers.findPassword(username);
}

/** The same by its id. */
export function apiUserWithId(ports: Reading<'apiUsers'>, id: string): Promise<ApiUserPassword | null> {
  return ports.store.apiUsers.findPasswordById(id);
}

/** Whether this is the password of that API user; of null it is nobody's. */
export async function proveApiUser(
  ports: Reading<'credentials'> & Clocked,
  apiUser: ApiUserPassword | null,
  password: string,
): Promise<Proved | FailedProof> {
  const { passwordDigest: digest, previous } = apiUser ?? nobodysPassword;
  return recordWith(ports, apiUser, whichSecret({ digest, previous }, digestOf(password), ports.clock()));
}

/** The record of an API user, of whose passwords that one was shown that `which` says; null for none. */
async function recordWith(
  ports: Reading<'credentials'>,
  apiUser: ApiUserPassword | null,
  which: ReturnType<typeof whichSecret>,
): Promise<Proved | FailedProof> {
  // Reading a record takes longer than finding none: only whoever knows the password has it read (S22).
  const id = which !== null && apiUser !== null ? apiUser.id : nobody;
  const record = await ports.store.credentials.bySource({ type: 'api_user', id });
  // A rotation without an overlap may have come between the two reads.
  const isSame = record?.owner.lifecycle.generation === apiUser?.generation;
  if (which !== null && apiUser !== null && record !== null && isSame && isInForce(record)) {
    // What is made from the password before a rotation ends with the overlap.
    const { previous } = apiUser;
    const expiresAt = which === 'previous' && previous !== null ? previous.endsAt : record.expiresAt;
    return { ...record, expiresAt, ...(which !== 'only' && { secret: which }) };
  }
  if (apiUser === null) return failedProof('unknown');
  return failedProof('unknown', { type: 'api_user', id: apiUser.id, organizationId: apiUser.organizationId });
}

const nobody = '00000000-0000-4000-8000-000000000000';
const nobodysPassword = { passwordDigest: digestOf(nobody), previous: null };

/** The ports of what proves an API user that was imported, its writer aside, which whoever goes on from there writes by too. */
export type ChosenPorts = Reading<'apiUsers' | 'credentials'> &
  Clocked & { passwords: PasswordHasher; signInLimiter: Pick<SignInLimiter, 'attempt'> };

export interface Renewing {
  store: Writer<Changes<'apiUsers'>>;
}

/** The API user of a name that was not generated, if this is its password. Throws `too_many_requests` (S24). */
export async function proveNamed(
  ports: ChosenPorts & Renewing,
  { name, password, address }: { name: string; password: string; address: string },
): Promise<Proved | FailedProof> {
  return ports.signInLimiter.attempt(
    name,
    address,
    async () => proveChosen(ports, await apiUserNamed(ports, name), password),
    (one) => 'reason' in one,
  );
}

/** Whether this is the password of that API user, by one path whatever is wrong (S21, S22); of null it is nobody's. */
export async function proveChosen(
  ports: Omit<ChosenPorts, 'signInLimiter'> & Renewing,
  apiUser: ApiUserPassword | null,
  password: string,
): Promise<Proved | FailedProof> {
  const hash = apiUser === null ? null : hashOf(apiUser, ports.clock());
  const isRight = await ports.passwords.verify(hash, password);
  // What a rotation gave it is held against its digest.
  if (!isRight || apiUser === null || hash === null) return proveApiUser(ports, apiUser, password);
  // While it was tried, which takes long, the password may have been replaced, or another use of it renewed the hash.
  const now = await apiUserWithId(ports, apiUser.id);
  if (now !== null && hashOf(now, ports.clock()) !== hash) return proveChosen(ports, now, password);
  const isCurrent = now?.passwordDigest === hash;
  const proved = await recordWith(ports, now, isCurrent ? (now.previous === null ? 'only' : 'current') : 'previous');
  if ('reason' in proved || !isCurrent || !ports.passwords.isOutdated(hash)) return proved;
  const digest = await ports.passwords.hash(password);
  const { id, organizationId } = now;
  const next = { digest, endsAccess: false };
  await ports.store.write((changes) => changes.apiUsers.replacePassword(organizationId, id, hash, next));
  return proved;
}

/** The slow hash that counts, of which there is one: whatever comes after it was generated. */
function hashOf(apiUser: ApiUserPassword, now: number): string | null {
  const { passwordDigest, previous } = apiUser;
  if (isSlow(passwordDigest)) return passwordDigest;
  return previous !== null && previous.endsAt > now && isSlow(previous.digest) ? previous.digest : null;
}

function isSlow(held: string): boolean {
  return held.startsWith('$');
}
