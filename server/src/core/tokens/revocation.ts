// Ending one access token before its time: by the client that got it, or that it was made from (RFC 7009). It ends with all
// that was made from it, everywhere, by an entry of the journal that is kept until it would have ended by itself.

import type { Caller } from '../caller/caller.ts';
import type { Acting } from '../caller/ports.ts';
import type { AccessTokenSource } from '../caller/source.ts';
import { writeAs } from '../caller/write-as.ts';
import { KeywardError } from '../errors.ts';
import type { ImportedSecrets } from '../import/imported-secrets.ts';
import { entryOf, type JournalEntry } from '../journal/entry.ts';
import { isMeantAsApiToken } from '../secret.ts';
import { clientIdOf } from './client.ts';
import type { Changes, Reading } from './ports.ts';
import { read, type TokenReadingPorts } from './read.ts';
import type { ReadToken, RevocationSource, RevokedToken } from './records.ts';

/**
 * So many living ones that one source, one session or one client has revoked are kept one by one. Beyond that all tokens of the source or of
 * the session end instead, and none of them need be known any more; a client ends no more of what it got for others, lest it
 * end all that they have.
 */
export const mostRevoked = 10_000;

/** What was ended, as the journal names it, and in whose name. */
export interface Revocation {
  organization: Pick<Caller['organization'], 'id' | 'isOperator'>;
  subject: JournalEntry['subject'];
}

/**
 * Ends the token, if it is the caller's own; of any other, and of what is none, it does nothing and says the same (S26, S49).
 * Resolves when that is durable; with null for an API token, which is not ended here. Throws KeywardError `too_many_requests` for a
 * client that has revoked too many of others' tokens.
 */
export async function revokeAccessToken(
  ports: Reading<'credentials'> &
    Acting<RevocationChanges> &
    TokenReadingPorts & { imported: Pick<ImportedSecrets, 'mayBe'> },
  caller: Caller & { type: AccessTokenSource['type'] },
  text: string,
): Promise<Revocation | 'nothing' | null> {
  const token = read(ports, text);
  // What can be read is none, whatever it looks like.
  if (typeof token === 'string') {
    const isToken = isMeantAsApiToken(text) || ports.imported.mayBe(text);
    return token === 'expired' || !isToken ? 'nothing' : null;
  }
  if (!isOf(caller, token)) return 'nothing';
  const record = await ports.store.credentials.bySource(token.source);
  if (record === null) return 'nothing';
  const { jti, source, expiresAt } = token;
  const revoked = { jti, organizationId: record.organization.id, source, expiresAt };
  const isOwn = source.type === caller.type && source.id === caller.id;
  const revokeAs = isOwn ? revokeOwn : revokeActing;
  await writeAs(ports, caller, (changes) => revokeAs(changes, caller, ports.clock(), revoked));
  return { organization: caller.organization, subject: subjectOf(jti) };
}

/** How the journal names an access token. */
export function subjectOf(jti: string): JournalEntry['subject'] {
  return { type: 'access_token', id: jti };
}

export type RevocationChanges = Changes<'revokedTokens' | 'sessions' | 'users' | 'apiUsers' | 'apiTokens'>;

/** A token with the source that is in it. */
export interface OwnRevokedToken extends RevokedToken {
  source: AccessTokenSource;
}

/** Within a change: as `revokeInChange`, for an application, whose tokens are of a session. */
export async function revokeInSession(
  changes: RevocationChanges,
  caller: Caller,
  at: number,
  revoked: OwnRevokedToken,
  sessionId: string,
): Promise<void> {
  const session = { type: 'session', id: sessionId } as const;
  if (!(await areTooMany(changes, caller, at, revoked, session))) return;
  await changes.revokedTokens.deleteOf(sessionId);
  // What somebody does with one session ends no other of its user, nor what another application has.
  const { organizationId, source } = revoked;
  if (!(await changes.sessions.delete(organizationId, source.id, sessionId))) return;
  changes.journal(entryOf(caller, at, 'session.ended', session, { revoked: mostRevoked }, organizationId));
}

/**
 * Within a change: ends what has this id, or has it among its parents; false if that had ended. That it may be ended was asked
 * before. `concerned`: whose verifiers are told; null for everybody's.
 */
export async function revokeInChange(
  changes: Changes<'revokedTokens'>,
  caller: Caller,
  at: number,
  revoked: RevokedToken,
  { countedUnder = revoked.source, concerned = revoked.organizationId }: Revoked = {},
): Promise<boolean> {
  const { jti, source, expiresAt } = revoked;
  if (!(await changes.revokedTokens.insert({ ...revoked, source: countedUnder }))) return false;
  const detail = { expiresAt, source, ...(countedUnder.type === 'session' && { session: countedUnder.id }) };
  changes.journal(entryOf(caller, at, 'access_token.revoked', subjectOf(jti), detail, concerned));
  return true;
}

interface Revoked {
  countedUnder?: RevocationSource;
  concerned?: string | null;
}

async function revokeOwn(
  changes: RevocationChanges,
  caller: Caller,
  at: number,
  revoked: OwnRevokedToken,
): Promise<void> {
  const { organizationId, source } = revoked;
  if (!(await areTooMany(changes, caller, at, revoked, source))) return;
  await endAll(changes, organizationId, source);
  await changes.revokedTokens.deleteOf(source.id);
  const detail = { revoked: mostRevoked };
  changes.journal(entryOf(caller, at, `${source.type}.access_ended`, source, detail, organizationId));
}

async function revokeActing(
  changes: RevocationChanges,
  caller: Caller,
  at: number,
  revoked: OwnRevokedToken,
): Promise<void> {
  const client = { type: 'client', id: `client:${caller.id}` } as const;
  if (!(await areTooMany(changes, caller, at, revoked, client))) return;
  const text = `This client has revoked ${mostRevoked} access tokens of others that would still be good. Wait until some of them have ended.`;
  throw new KeywardError('too_many_requests', text, { retryAfterMs: 60_000 });
}

/** True if it was revoked as one too many of these. */
async function areTooMany(
  changes: RevocationChanges,
  caller: Caller,
  at: number,
  revoked: RevokedToken,
  countedUnder: RevocationSource,
): Promise<boolean> {
  if (!(await revokeInChange(changes, caller, at, revoked, { countedUnder }))) return false;
  return (await changes.revokedTokens.livingOf(countedUnder.id, at, mostRevoked + 1)) > mostRevoked;
}

/** The caller got it, or it was made from what the caller is. */
function isOf({ type, id }: { type: AccessTokenSource['type']; id: string }, { source, client }: ReadToken): boolean {
  return (source.type === type && source.id === id) || client?.clientId === clientIdOf({ type, id });
}

function endAll(
  changes: Changes<'users' | 'apiUsers' | 'apiTokens'>,
  organizationId: string,
  { type, id }: AccessTokenSource,
): Promise<boolean> {
  const nouns = { user: changes.users, api_user: changes.apiUsers, api_token: changes.apiTokens };
  return nouns[type].endAccessTokens(organizationId, id);
}
