// The exchange: a credential proves who is asking, and an access token is made from it. Every dialect comes through
// this one pipeline, so none can forget a step. It reads the database, never a cache.

import { mayDo } from '@keyward/rules/entitlement';
import { covers } from '@keyward/rules/permission';
import { boundsOf, principalOf } from '../caller/principal.ts';
import type { CredentialRecord, Principal, Session } from '../caller/records.ts';
import type { Refusal } from '../caller/refusal.ts';
import type { UseRecorder } from '../caller/use.ts';
import type { Clocked } from '../clock.ts';
import { mayComeFrom } from '../credentials/addresses.ts';
import type { CredentialReason } from '../errors.ts';
import { type AuthenticatingPorts, authenticateUser, isNobody, type ProvingPorts } from '../identity/authenticate.ts';
import { beginSession, newSession } from '../identity/new-session.ts';
import { canonicalUsername, isApiUsername } from '../name.ts';
import type { Writer } from '../writer.ts';
import { type FailedExchange, type FailedProof, type Whose, whose } from './exchange-failure.ts';
import { lifetimeWithin, tellUse } from './exchange-use.ts';
import { type IssuingPorts, issue, type TokenShape } from './issue.ts';
import type { Changes, Reading } from './ports.ts';
import {
  apiUserNamed,
  type ChosenPorts,
  type Proved,
  type ProvingTokens,
  proveApiToken,
  proveApiUser,
  proveChosen,
  proveNamed,
  type Renewing,
} from './proof.ts';
import { lostSupport, read, type TokenReadingPorts } from './read.ts';

export type ExchangingPorts = ProvingPorts &
  Reading<'apiUsers' | 'credentials'> &
  ProvingTokens &
  IssuingPorts &
  TokenReadingPorts & {
    store: Writer<Changes<'users' | 'apiUsers' | 'secondFactors' | 'sessions' | 'credentials' | 'issuedTokens'>>;
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
      ? await proveApiToken(ports, proof.secret)
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
  const lifetimeMs = lifetimeWithin(shape.lifetimeMs, proved.expiresAt, ports.clock());
  const { token, record } = issue(ports, proved, { ...inSession, lifetimeMs });
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

async function reauthenticate(
  ports: AuthenticatingPorts & ChosenPorts & Renewing,
  proof: Extract<Proof, { kind: 'password' }>,
  address: string,
): Promise<Proved | CredentialReason | FailedProof> {
  const { who, password } = proof;
  if (who === 'user') return authenticateUser(ports, proof, address);
  const name = canonicalUsername(proof.username);
  const found = isNobody(proof) ? '' : name;
  if (isApiUsername(name)) return proveApiUser(ports, await apiUserNamed(ports, found), password);
  if (who === 'api_user') return proveNamed(ports, { name: found, password, address });
  return authenticateUser<Proved | FailedProof>(ports, proof, address, async (named) => {
    const apiUser = await apiUserNamed(ports, named);
    return apiUser === null ? null : () => proveChosen(ports, apiUser, password);
  });
}
