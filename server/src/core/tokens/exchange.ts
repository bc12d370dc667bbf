// The exchange: a credential proves who is asking, and an access token is made from it. Every dialect comes through
// this one pipeline, so none can forget a step. It reads the database, never a cache.

import { mayDo } from '@keyward/rules/entitlement';
import { covers } from '@keyward/rules/permission';
import { isInForce } from '../caller/credential-lifecycle.ts';
import { boundsOf, principalOf } from '../caller/principal.ts';
import type { CredentialRecord, Principal, Session } from '../caller/records.ts';
import type { Refusal } from '../caller/refusal.ts';
import { exchangeRule, type UseRecorder, type UseVerdict } from '../caller/use.ts';
import type { Clocked } from '../clock.ts';
import { mayComeFrom } from '../credentials/addresses.ts';
import { endOfSecret, whichSecret } from '../credentials/presented-secret.ts';
import type { CredentialReason } from '../errors.ts';
import { type AuthenticatingPorts, authenticateUser, isNobody, type ProvingPorts } from '../identity/authenticate.ts';
import { beginSession, newSession } from '../identity/new-session.ts';
import { canonicalUsername, isApiUsername } from '../name.ts';
import { digestOf, looksLikeApiToken } from '../secret.ts';
import type { Writer } from '../writer.ts';
import { type FailedExchange, type FailedProof, failedProof, type Whose, whose } from './exchange-failure.ts';
import { type IssuingPorts, issue, type TokenShape } from './issue.ts';
import type { Changes, Reading } from './ports.ts';
import { lostSupport, read, type TokenReadingPorts } from './read.ts';

export type ExchangingPorts = ProvingPorts &
  Reading<'apiUsers' | 'credentials'> &
  IssuingPorts &
  TokenReadingPorts & {
    store: Writer<Changes<'users' | 'secondFactors' | 'sessions' | 'credentials' | 'issuedTokens'>>;
    usage: UseRecorder;
    exchangeFailed(failure: FailedExchange): void;
  };

/**
 * What is offered. `who` narrows a password to API users, as RebelCore does. `asksCode` where a user can be asked for the
 * code of a second factor; elsewhere one who has a second factor cannot sign in.
 */
export type Proof =
  | {
      kind: 'password';
      username: string;
      password: string;
      who?: 'anyone' | 'api_user' | 'user';
      /** The name counts with its outer spaces, which no name has. */
      verbatim?: boolean;
      code?: string | undefined;
      asksCode?: boolean;
    }
  | { kind: 'api_token'; secret: string };

/** What a dialect asks for. */
export interface ExchangeRequest {
  proof: Proof;
  /** The client's address: wrong guesses are counted by it, and tokens may be bound to some. */
  address?: string;
  userAgent?: string | undefined;
  /** The token to make, once it is known for whom. */
  shape: (principal: Principal) => TokenShape;
  /** The token belongs to a new session of the user, and ends with it. Only for users and JWTs. */
  opensSession?: true;
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
export async function exchange(ports: ExchangingPorts, request: ExchangeRequest): Promise<Exchanged | Refusal> {
  const { proof } = request;
  const proved =
    proof.kind === 'api_token'
      ? await authenticateApiToken(ports, proof.secret)
      : await reauthenticate(ports, proof, request.address ?? '');
  const fail = <R extends Refusal>(refusal: R, whose: Whose): R => {
    ports.exchangeFailed({ ...whose, reason: refusal.reason, address: request.address ?? '' });
    return refusal;
  };
  if (typeof proved === 'string') return { allowed: false, reason: proved };
  if ('reason' in proved) return fail({ allowed: false, reason: proved.reason }, proved.whose);
  const principal = principalOf(proved);
  if (!mayComeFrom(proved, request.address)) {
    tellUse(ports, proved, request, 'address_not_allowed');
    return fail({ allowed: false, reason: 'address_not_allowed', principal }, whose(proved));
  }
  const ofOwner = mayDo({ ...boundsOf(proved), token: null });
  if (request.requires !== undefined && !covers(ofOwner, request.requires)) {
    tellUse(ports, proved, request, 'missing_permission');
    return fail(
      { allowed: false, reason: 'missing_permission', required: [request.requires], principal },
      whose(proved),
    );
  }
  const shape = request.shape(principal);
  const session = request.opensSession === true ? sessionFor(ports, proved, shape, request) : null;
  const inSession = session === null ? shape : { ...shape, sessionId: session.id };
  const { token, record } = issue(ports, proved, withinExpiry(inSession, proved.expiresAt, ports.clock()));
  const isRecorded = shape.form !== 'sealed' && ports.keys.signer(shape.form, ports.clock()).recorded;
  if (isRecorded || session !== null) {
    const readBack = read(ports, token);
    const isMade = await ports.store.write(async (changes) => {
      const now = await changes.credentials.bySource(proved.source);
      if (now === null || typeof readBack === 'string' || lostSupport(now, readBack) !== null) return false;
      if (isRecorded) await changes.issuedTokens.insert(record);
      if (session !== null) await beginSession(changes, principal, session);
      return true;
    });
    if (!isMade) return fail({ allowed: false, reason: 'unknown' }, whose(proved));
  }
  tellUse(ports, proved, request, 'allowed', record.expiresAt);
  return { allowed: true, token, expiresAt: record.expiresAt, principal };
}

/** Told which secret was presented, of a credential that is being rotated and answers to two. */
type Proved = CredentialRecord & { secret?: 'current' | 'previous' };

async function authenticateApiToken(
  ports: Reading<'credentials'> & Clocked,
  secret: string,
): Promise<Proved | FailedProof> {
  if (!looksLikeApiToken(secret)) return failedProof('unknown');
  const digest = digestOf(secret);
  const record = await ports.store.credentials.byDigest(digest);
  if (record?.token == null) return failedProof('unknown');
  const which = whichSecret(record.token, digest, ports.clock());
  if (which === null || record.token.use === 'direct' || !isInForce(record)) {
    return failedProof('unknown', whose(record));
  }
  if (record.expiresAt !== null && record.expiresAt <= ports.clock()) return failedProof('expired', whose(record));
  // What is made from the secret before a rotation ends with the overlap.
  return { ...record, expiresAt: endOfSecret(record, which), ...(which !== 'only' && { secret: which }) };
}

/** It lasts as long as the token. */
function sessionFor(
  ports: Clocked,
  proved: CredentialRecord,
  { lifetimeMs }: TokenShape,
  { address = '', userAgent = '' }: ExchangeRequest,
): Session {
  const at = ports.clock();
  const times = { at, expiresAt: at + lifetimeMs };
  return newSession(proved, { carrier: 'access_token', ...times }, { address, userAgent }).session;
}

/** Counted beside calls, as what is in use because of it: about how many access tokens there are is known from it. */
function tellUse(
  ports: { usage: UseRecorder },
  { source, organization, secret }: Proved,
  { address, userAgent }: ExchangeRequest,
  verdict: UseVerdict,
  inUseUntil = 0,
): void {
  ports.usage.saw({
    source,
    organizationId: organization.id,
    verdict,
    rule: exchangeRule,
    address: address ?? null,
    userAgent: userAgent ?? null,
    ...(secret !== undefined && { presented: { secret, inUseUntil } }),
  });
}

async function reauthenticate(
  ports: AuthenticatingPorts & Reading<'apiUsers'>,
  proof: Extract<Proof, { kind: 'password' }>,
  address: string,
): Promise<Proved | CredentialReason | FailedProof> {
  const username = canonicalUsername(proof.username);
  const machine = isApiUsername(username);
  if (proof.who === 'api_user' || (machine && proof.who !== 'user'))
    return authenticateApiUser(ports, isNobody(proof) ? '' : username, proof.password);
  return authenticateUser(ports, proof, address);
}

async function authenticateApiUser(
  ports: Reading<'apiUsers' | 'credentials'> & Clocked,
  username: string,
  password: string,
): Promise<Proved | FailedProof> {
  const apiUser = await ports.store.apiUsers.findPassword(username);
  const { passwordDigest: digest, previous } = apiUser ?? nobodysPassword;
  const which = whichSecret({ digest, previous }, digestOf(password), ports.clock());
  // Reading a record takes longer than finding none: only whoever knows the password has it read (S22).
  const id = which !== null && apiUser !== null ? apiUser.id : nobody;
  const record = await ports.store.credentials.bySource({ type: 'api_user', id });
  // A rotation without an overlap may have come between the two reads.
  const isSame = record?.owner.lifecycle.generation === apiUser?.generation;
  if (which !== null && apiUser !== null && record !== null && isSame && isInForce(record)) {
    // What is made from the password before a rotation ends with the overlap.
    const expiresAt = which === 'previous' && previous !== null ? previous.endsAt : record.expiresAt;
    return { ...record, expiresAt, ...(which !== 'only' && { secret: which }) };
  }
  if (apiUser === null) return failedProof('unknown');
  return failedProof('unknown', { type: 'api_user', id: apiUser.id, organizationId: apiUser.organizationId });
}

/** An access token never outlives the API token, or the password before a rotation, that it was made from. */
function withinExpiry(shape: TokenShape, expiresAt: number | null, now: number): TokenShape {
  if (expiresAt === null) return shape;
  return { ...shape, lifetimeMs: Math.min(shape.lifetimeMs, Math.max(1000, expiresAt - now)) };
}

const nobody = '00000000-0000-4000-8000-000000000000';
const nobodysPassword = { passwordDigest: digestOf(nobody), previous: null };
