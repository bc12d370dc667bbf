// Sessions: people at work in the portal. A session is known by a secret that only its browser has; it ends by itself
// when it is idle or old, and with the generation of its user. How the secret travels belongs to a dialect.

import { type Caller, confirmedMs, confirmedUntil, isSelf } from '../caller/caller.ts';
import { generationOf, isInForce } from '../caller/credential-lifecycle.ts';
import type { CachedCredentialLookup } from '../caller/ports.ts';
import { principalOf } from '../caller/principal.ts';
import type { CredentialRecord, Principal, Session } from '../caller/records.ts';
import { writeAs } from '../caller/write-as.ts';
import type { Clock, Clocked } from '../clock.ts';
import { KeywardError, notFound } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import { digestOf, generateKey, looksLikeKey } from '../secret.ts';
import type { Setting } from '../settings.ts';
import { authenticateUser, type ProvingPorts } from './authenticate.ts';
import { beginSession, newSession, type SessionOrigin, shortened } from './new-session.ts';
import type { Changes, Changing, Reading, Writing } from './ports.ts';
import { type ReauthenticatingPorts, reauthenticate } from './reauthenticate.ts';

/** A user whose session it is. */
export type SessionCaller = Principal & { session: Session };

/** What a session says of itself. Times are milliseconds since the epoch. */
export interface SessionView {
  user: { id: string; email: string; name: string; role: string };
  organization: Pick<CredentialRecord['organization'], 'id' | 'name' | 'isOperator' | 'planId' | 'contributors'>;
  permissions: readonly string[];
  held: readonly string[];
  createdAt: number;
  idleUntil: number;
  expiresAt: number;
  secondFactor: boolean;
  confirmedUntil: number | null;
}

const notedEveryMs = 60_000;

/**
 * Signs a user in. `previous` is the secret of the session that the browser had before, which ends. Throws
 * `unauthenticated` for whatever is wrong (S21), `second_factor_required` after a right password alone, and
 * `too_many_requests`.
 */
export async function startSession(
  ports: ProvingPorts & Writing<'sessions' | 'users' | 'secondFactors'> & Setting<'sessionMs'>,
  wanted: { email: string; password: string; code?: string | undefined; previous?: string | undefined },
  origin: SessionOrigin,
): Promise<{ secret: string; caller: SessionCaller }> {
  const { email, password, code, previous } = wanted;
  const record = await authenticateUser(ports, { username: email, password, code, asksCode: true }, origin.address);
  if (typeof record === 'string') throw refused('unknown');
  const at = ports.clock();
  const times = { at, expiresAt: at + ports.settings.sessionMs };
  const { session, secret } = newSession(record, { carrier: 'cookie', ...times }, origin);
  const principal = principalOf(record, session.expiresAt);
  await ports.store.write(async (changes) => {
    if (previous !== undefined) await endPrevious(changes, previous);
    await beginSession(changes, principal, session);
  });
  return { secret, caller: { ...principal, session } };
}

/** The user behind a session's secret. Throws `unauthenticated`: `expired` where it ended by itself, else `unknown`. */
export async function openSession(
  ports: Reading<'sessions'> &
    Writing<'sessions' | 'users'> & {
      credentials: Pick<CachedCredentialLookup, 'bySource'>;
    } & Setting<'sessionIdleMs'>,
  secret: string,
  origin: SessionOrigin,
): Promise<SessionCaller> {
  const session = looksLikeKey(secret) ? await ports.store.sessions.find(digestOf(secret)) : null;
  if (session?.carrier !== 'cookie') throw refused('unknown');
  const at = ports.clock();
  if (hasEnded(ports, session, at)) throw refused('expired');
  const record = await ports.credentials.bySource({ type: 'user', id: session.userId });
  if (record === null || !isInForce(record) || generationOf(record) !== session.generation) throw refused('unknown');
  const seen = at - session.seenAt < notedEveryMs ? session : note(ports, session, at, shortened(origin));
  return { ...principalOf(record, session.expiresAt), session: seen };
}

/** What the caller's session is. `not_found` for a caller who came without one. */
export async function readSession(
  ports: Reading<'users'> & {
    credentials: Pick<CachedCredentialLookup, 'bySource'>;
    clock: Clock;
  } & Setting<'sessionIdleMs'>,
  caller: Caller,
): Promise<SessionView> {
  const session = sessionOf(caller);
  const user = await ports.store.users.find(session.organizationId, session.userId);
  const record = await ports.credentials.bySource({ type: 'user', id: session.userId });
  if (user === null || record === null) throw refused('unknown');
  const { id, name, isOperator, planId, contributors } = record.organization;
  const { createdAt, expiresAt, seenAt } = session;
  return {
    user: { id: user.id, email: user.email, name: user.name, role: user.role },
    organization: { id, name, isOperator, planId, contributors },
    permissions: caller.permissions,
    held: caller.held,
    createdAt,
    idleUntil: Math.min(seenAt + ports.settings.sessionIdleMs, expiresAt),
    expiresAt,
    secondFactor: user.secondFactorAt !== null,
    confirmedUntil: confirmedUntil(session, ports.clock()),
  };
}

/** The caller's own sessions that still count, the newest first. Users only. */
export async function listSessions(
  ports: Reading<'sessions' | 'credentials'> & Clocked & Setting<'sessionIdleMs'>,
  caller: Caller,
): Promise<Session[]> {
  demandUser(caller);
  const at = ports.clock();
  const record = await ports.store.credentials.bySource({ type: 'user', id: caller.id });
  const generation = record === null ? null : generationOf(record);
  const sessions = await ports.store.sessions.list(caller.organization.id, caller.id, at);
  return sessions.filter((session) => session.generation === generation && !hasEnded(ports, session, at));
}

/** Ends one of the caller's own sessions, the present one if none is named: that of the cookie, or of the access token. */
export async function endSession(
  ports: Changing<'sessions'>,
  caller: Caller,
  id: string = presentSession(caller),
): Promise<void> {
  demandUser(caller);
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    if (!(await changes.sessions.delete(caller.organization.id, caller.id, id))) throw notFound('session of yours');
    changes.journal(entryOf(caller, at, 'session.ended', subjectOf(id)));
  });
}

/** Ends all of the caller's own sessions but the present one. */
export async function endOtherSessions(ports: Changing<'sessions'>, caller: Caller): Promise<void> {
  demandUser(caller);
  const at = ports.clock();
  const kept = sessionIdOf(caller) ?? '';
  await writeAs(ports, caller, async (changes) => {
    const ended = await changes.sessions.deleteOthers(caller.organization.id, caller.id, kept);
    if (ended > 0) changes.journal(entryOf(caller, at, 'session.others_ended', subjectOf(kept), { ended }));
  });
}

/**
 * Asks for the password again, as what is hard to undo demands, and gives the session a new secret. Throws
 * `invalid_request` if the password is wrong.
 */
export async function confirmSession(
  ports: ReauthenticatingPorts & Writing<'sessions'>,
  caller: Caller,
  password: string,
): Promise<{ secret: string; confirmedUntil: number }> {
  const session = sessionOf(caller);
  await reauthenticate(ports, caller, password, 'password');
  const confirmedAt = ports.clock();
  const secret = await ports.store.write((changes) => renewSession(changes, session, { confirmedAt }));
  if (secret === null) throw refused('unknown');
  return { secret, confirmedUntil: confirmedAt + confirmedMs };
}

/** Another secret for a session, in the present generation of its user. Null if the session has ended meanwhile. */
export async function renewSession(
  changes: Changes<'sessions'>,
  session: Session,
  { confirmedAt, generation = session.generation }: { confirmedAt: number | null; generation?: string },
): Promise<string | null> {
  const secret = generateKey();
  const next = { digest: digestOf(secret), generation, confirmedAt };
  return (await changes.sessions.renew(session.organizationId, session.digest, next)) ? secret : null;
}

/** The id of the session that the caller came in, by its cookie or by an access token that names it. */
export function sessionIdOf(caller: Pick<Caller, 'session' | 'sessionId'>): string | undefined {
  return caller.session?.id ?? caller.sessionId;
}

/** True for the origin of the server's public address (RFC 6454 section 6.2). */
export function isOwnOrigin(ports: Setting<'issuer'>, origin: string): boolean {
  return new URL(ports.settings.issuer).origin === origin;
}

function presentSession(caller: Caller): string {
  return sessionIdOf(caller) ?? sessionOf(caller).id;
}

function sessionOf(caller: Caller): Session {
  if (caller.session !== undefined) return caller.session;
  throw new KeywardError('not_found', 'This request came without a session.');
}

function demandUser(caller: Caller): void {
  if (!isSelf(caller)) throw new KeywardError('forbidden', 'Only a signed-in user has sessions.');
}

function hasEnded(ports: Setting<'sessionIdleMs'>, { carrier, seenAt, expiresAt }: Session, at: number): boolean {
  return expiresAt <= at || (carrier === 'cookie' && seenAt + ports.settings.sessionIdleMs <= at);
}

/** Remembers a use. Nobody waits for it: a note that is lost only makes the session end a little sooner. */
function note(
  ports: Writing<'sessions' | 'users'>,
  session: Session,
  at: number,
  { address, userAgent }: SessionOrigin,
): Session {
  const { id, organizationId, userId } = session;
  const use = { seenAt: at, address, userAgent };
  const noted = ports.store.write(async (changes) => {
    if (!(await changes.sessions.touch(organizationId, id, use, at - notedEveryMs))) return;
    await changes.users.seen(organizationId, userId, at);
  });
  noted.catch(() => undefined);
  return { ...session, ...use };
}

async function endPrevious(changes: Changes<'sessions'>, secret: string): Promise<void> {
  const previous = await changes.sessions.find(digestOf(secret));
  if (previous !== null) await changes.sessions.delete(previous.organizationId, previous.userId, previous.id);
}

function refused(reason: 'unknown' | 'expired'): KeywardError {
  return new KeywardError('unauthenticated', 'The credential was not accepted.', { reason });
}

function subjectOf(id: string) {
  return { type: 'session', id };
}
