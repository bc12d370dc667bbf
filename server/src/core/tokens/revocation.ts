// Ending one access token before its time: by the client that got it, or that it was made from (RFC 7009). It ends with all
// that was made from it, everywhere, by an entry of the journal that is kept until it would have ended by itself.

import type { Caller } from '../caller/caller.ts';
import type { Acting } from '../caller/ports.ts';
import type { AccessTokenSource } from '../caller/source.ts';
import { writeAs } from '../caller/write-as.ts';
import { entryOf, type JournalEntry } from '../journal/entry.ts';
import { isMeantAsApiToken } from '../secret.ts';
import { clientIdOf } from './client.ts';
import type { Changes, Reading } from './ports.ts';
import { read, type TokenReadingPorts } from './read.ts';
import type { ReadToken, RevokedToken } from './records.ts';

/** Beyond so many living ones of one session or source, all of its tokens end instead, and none of them need be known any more. */
export const mostRevoked = 10_000;

/** What was ended, as the journal names it, and in whose name. */
export interface Revocation {
  organization: Pick<Caller['organization'], 'id' | 'isOperator'>;
  subject: JournalEntry['subject'];
}

/**
 * Ends the token, if it is the caller's own; of any other, and of what is none, it does nothing and says the same (S26, S49).
 * Resolves when that is durable; with null for an API token, which is not ended here.
 */
export async function revokeAccessToken(
  ports: Reading<'credentials'> & Acting<RevocationChanges> & TokenReadingPorts,
  caller: Caller & { type: AccessTokenSource['type'] },
  text: string,
): Promise<Revocation | 'nothing' | null> {
  const token = read(ports, text);
  // What can be read is none, whatever it looks like.
  if (typeof token === 'string') return token === 'expired' || !isMeantAsApiToken(text) ? 'nothing' : null;
  if (!isOf(caller, token)) return 'nothing';
  const record = await ports.store.credentials.bySource(token.source);
  if (record === null) return 'nothing';
  const organizationId = record.organization.id;
  const { jti, source, sessionId, expiresAt } = token;
  const revoked = { jti, organizationId, source, sessionId, expiresAt };
  await writeAs(ports, caller, (changes) => revokeInChange(changes, caller, ports.clock(), revoked));
  return { organization: caller.organization, subject: subjectOf(jti) };
}

/** How the journal names an access token. */
export function subjectOf(jti: string): JournalEntry['subject'] {
  return { type: 'access_token', id: jti };
}

export type RevocationChanges = Changes<'revokedTokens' | 'sessions' | 'users' | 'apiUsers' | 'apiTokens'>;

/** Within a change: ends what has this id, or has it among its parents. That it may be ended was asked before. */
export async function revokeInChange(
  changes: RevocationChanges,
  caller: Caller,
  at: number,
  revoked: RevokedToken,
): Promise<void> {
  const { jti, organizationId, source, sessionId, expiresAt } = revoked;
  if (!(await changes.revokedTokens.insert(revoked))) return;
  changes.journal(entryOf(caller, at, 'access_token.revoked', subjectOf(jti), { expiresAt, source }, organizationId));
  const counted = sessionId ?? source.id;
  if ((await changes.revokedTokens.livingOf(counted, at, mostRevoked + 1)) <= mostRevoked) return;
  await changes.revokedTokens.deleteOf(counted);
  const detail = { revoked: mostRevoked };
  if (sessionId !== null) {
    // What somebody does with one session ends no other of its user, nor what another application has.
    if (!(await changes.sessions.delete(organizationId, source.id, sessionId))) return;
    const session = { type: 'session', id: sessionId };
    changes.journal(entryOf(caller, at, 'session.ended', session, detail, organizationId));
    return;
  }
  await endAll(changes, organizationId, source);
  changes.journal(entryOf(caller, at, `${source.type}.access_ended`, source, detail, organizationId));
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
