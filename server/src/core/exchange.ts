// The exchange: a credential proves who is asking, and an access token is made from it. Every dialect comes through
// this one pipeline, so none can forget a step. It reads the database, never a cache.

import { covers } from '@keyward/rules/permission';
import { issue, lostSupport, read, type TokenShape } from './access-token.ts';
import { isApiUsername } from './api-user.ts';
import { type Principal, principalOf, rolePermissions } from './caller.ts';
import type { CredentialReason } from './errors.ts';
import { canonicalUsername } from './name.ts';
import type { Holder, Ports } from './ports.ts';
import { digestOf, digestsEqual, looksLikeApiToken } from './secret.ts';
import { isActive } from './standing.ts';
import { mayComeFrom, type Refusal } from './verify.ts';

/** What is offered. `who` narrows a password to API users, as RebelCore does. */
export type Proof =
  | { kind: 'password'; username: string; password: string; who?: 'anyone' | 'api_user' | 'user' }
  | { kind: 'api_token'; secret: string };

/** What a dialect asks for. */
export interface ExchangeRequest {
  proof: Proof;
  /** The client's address: wrong guesses are counted by it, and tokens may be bound to some. */
  address?: string;
  /** The token to make, once it is known for whom. */
  shape: (principal: Principal) => TokenShape;
  /** A permission that the user or API user behind the credential must hold, or nothing is issued (`missing_permission`). */
  requires?: string;
}

export interface Exchanged {
  allowed: true;
  token: string;
  /** Milliseconds since the epoch, a whole second. */
  expiresAt: number;
  principal: Principal;
}

/**
 * Proves, authorises, issues, records. A wrong password, an absent, inactive or foreign name are all `unknown`, on one
 * path and in one time (S21, S22).
 */
export async function exchange(ports: Ports, request: ExchangeRequest): Promise<Exchanged | Refusal> {
  const { proof } = request;
  const proved =
    proof.kind === 'api_token'
      ? await proveToken(ports, proof.secret)
      : await provePassword(ports, proof, request.address ?? '');
  if (typeof proved === 'string') return { allowed: false, reason: proved };
  const principal = principalOf(proved);
  if (!mayComeFrom(proved, request.address)) return { allowed: false, reason: 'address_not_allowed', principal };
  const held = rolePermissions(proved.owner.role, proved.rolePermissions);
  if (request.requires !== undefined && !covers(held, request.requires)) {
    return { allowed: false, reason: 'missing_permission', required: [request.requires], principal };
  }
  const shape = request.shape(principal);
  const { token, record } = issue(ports, proved, withinExpiry(shape, proved.expiresAt, ports.clock()));
  if (shape.form !== 'sealed' && ports.keys.signer(shape.form, ports.clock()).recorded) {
    const readBack = read(ports, token);
    const stands = await ports.store.write(async (changes) => {
      const now = await changes.holders.bySource(proved.source);
      if (now === null || typeof readBack === 'string' || lostSupport(now, readBack) !== null) return false;
      await changes.issuedTokens.insert(record);
      return true;
    });
    if (!stands) return { allowed: false, reason: 'unknown' };
  }
  return { allowed: true, token, expiresAt: record.expiresAt, principal };
}

async function proveToken(ports: Ports, secret: string): Promise<Holder | CredentialReason> {
  if (!looksLikeApiToken(secret)) return 'unknown';
  const digest = digestOf(secret);
  const holder = await ports.store.holders.byDigest(digest);
  if (holder?.token == null || !digestsEqual(holder.token.digest, digest)) return 'unknown';
  if (holder.token.use === 'direct' || !stands(holder)) return 'unknown';
  return holder.expiresAt !== null && holder.expiresAt <= ports.clock() ? 'expired' : holder;
}

async function provePassword(
  ports: Ports,
  proof: Extract<Proof, { kind: 'password' }>,
  address: string,
): Promise<Holder | CredentialReason> {
  const username = canonicalUsername(proof.username);
  const machine = isApiUsername(username, ports.settings.apiUserDomain);
  if (proof.who === 'api_user' || (machine && proof.who !== 'user'))
    return proveApiUser(ports, username, proof.password);
  const prove = () => proveUser(ports, username, proof.password);
  return ports.guesses.attempt(username, address, prove, (outcome) => typeof outcome === 'string');
}

async function proveUser(ports: Ports, username: string, password: string): Promise<Holder | CredentialReason> {
  const user = await ports.store.users.findPassword(username);
  const right = await ports.passwords.verify(user?.passwordHash ?? null, password);
  const holder = await ports.store.holders.bySource({ type: 'user', id: user?.id ?? nobody });
  if (!right || user === null || holder === null || !stands(holder)) return 'unknown';
  if (ports.passwords.isOutdated(user.passwordHash)) await renew(ports, user, password);
  return holder;
}

async function proveApiUser(ports: Ports, username: string, password: string): Promise<Holder | CredentialReason> {
  const apiUser = await ports.store.apiUsers.findPassword(username);
  const right = digestsEqual(digestOf(password), apiUser?.passwordDigest ?? nobodysDigest);
  const holder = await ports.store.holders.bySource({ type: 'api_user', id: apiUser?.id ?? nobody });
  return right && apiUser !== null && holder !== null && stands(holder) ? holder : 'unknown';
}

async function renew(ports: Ports, user: { id: string; passwordHash: string }, password: string): Promise<void> {
  const renewed = await ports.passwords.hash(password);
  await ports.store.write((changes) => changes.users.renewPasswordHash(user.id, renewed, user.passwordHash));
}

function stands(holder: Holder): boolean {
  return [holder.standing, holder.owner.standing, holder.organization.standing].every(isActive);
}

/** An access token never outlives the API token that it was made from. */
function withinExpiry(shape: TokenShape, expiresAt: number | null, now: number): TokenShape {
  if (expiresAt === null) return shape;
  return { ...shape, lifetimeMs: Math.min(shape.lifetimeMs, Math.max(1000, expiresAt - now)) };
}

const nobody = '00000000-0000-4000-8000-000000000000';
const nobodysDigest = digestOf(nobody);
