// How a session begins, whatever carries it: the cookie of a browser, or an access token that names it and counts only
// while it lasts. Who may have one is proved before, by whoever calls this.

import { generationOf } from '../caller/credential-lifecycle.ts';
import type { CredentialRecord, Principal, Session } from '../caller/records.ts';
import { entryOf } from '../journal/entry.ts';
import { digestOf, generateKey, newId } from '../secret.ts';
import type { Changes } from './ports.ts';

/** Where a request comes from. */
export interface SessionOrigin {
  address: string;
  userAgent: string;
}

/** A session of the user of `record`, and the secret that it is opened by, which of one in an access token nobody is told. */
export function newSession(
  record: CredentialRecord,
  { carrier, at, expiresAt }: { carrier: Session['carrier']; at: number; expiresAt: number },
  origin: SessionOrigin,
): { session: Session; secret: string } {
  const secret = generateKey();
  const session: Session = {
    id: newId(),
    carrier,
    digest: digestOf(secret),
    organizationId: record.organization.id,
    userId: record.source.id,
    generation: generationOf(record),
    createdAt: at,
    seenAt: at,
    expiresAt,
    ...shortened(origin),
    confirmedAt: null,
  };
  return { session, secret };
}

/** Keeps it, and remembers that its user was there; `by`: the application that has it, where that is no sign-in of theirs. */
export async function beginSession(
  changes: Changes<'sessions' | 'users'>,
  principal: Principal,
  session: Session,
  by?: { application: string; authorization: string },
): Promise<void> {
  const { id, organizationId, userId, createdAt: at, address, userAgent } = session;
  await changes.sessions.insert(session);
  await changes.users.seen(organizationId, userId, at);
  const action = by === undefined ? 'session.started' : 'session.granted';
  changes.journal(entryOf(principal, at, action, { type: 'session', id }, { address, userAgent, ...by }));
}

export function shortened({ address, userAgent }: SessionOrigin): SessionOrigin {
  return { address, userAgent: userAgent.slice(0, 300).toWellFormed() };
}
