// What a refresh token is worth, told to whoever may ask about credentials, and to the application that it was given to (RFC
// 7662). An old one of a family is worth nothing, and asking about it ends nothing.

import type { Awaitable } from '../../awaitable.ts';
import { type Caller, demand } from '../../caller/caller.ts';
import type { Clocked } from '../../clock.ts';
import type { Reading } from '../ports.ts';
import { clientIdOf, ifActive } from './client.ts';
import { personIn } from './code-grant.ts';
import type { KnownApplicationSession } from './ports.ts';
import { readRefreshToken } from './refresh-token.ts';

export interface RefreshTokenSeen {
  scope: readonly string[];
  clientId: string;
  username: string;
  userId: string;
  organizationId: string;
  /** When it ends unless it is used before; milliseconds since the epoch. */
  expiresAt: number;
}

export type SeeingPorts = Reading<'applications' | 'applicationSessions' | 'credentials'> & Clocked;

/** Null for what is no refresh token that counts, or of whom the caller may not ask. Needs `verify:credential`. */
export function introspectRefreshToken(
  ports: SeeingPorts,
  caller: Caller,
  text: string,
): Awaitable<RefreshTokenSeen | null> {
  demand(caller, 'verify:credential');
  const { organization, apis } = caller;
  return seen(ports, text, ({ organizationId, api }) => {
    const isOurs = organization.isOperator || organization.id === organizationId;
    return isOurs && (apis === null || apis.includes(api));
  });
}

/** The same for an application, of its own. */
export function introspectOwnRefreshToken(
  ports: SeeingPorts,
  applicationId: string,
  text: string,
): Awaitable<RefreshTokenSeen | null> {
  return seen(ports, text, (session) => session.applicationId === applicationId);
}

/** Of any other text it is known at once that it is none. */
function seen(
  ports: SeeingPorts,
  text: string,
  mayAsk: (session: KnownApplicationSession) => boolean,
): Awaitable<RefreshTokenSeen | null> {
  const read = readRefreshToken(text);
  return read === null ? null : lookUp(ports, read, mayAsk);
}

async function lookUp(
  ports: SeeingPorts,
  { familyDigest, tokenDigest }: NonNullable<ReturnType<typeof readRefreshToken>>,
  mayAsk: (session: KnownApplicationSession) => boolean,
): Promise<RefreshTokenSeen | null> {
  const session = await ports.store.applicationSessions.findFamily(familyDigest);
  if (session === null || session.refresh?.tokenDigest !== tokenDigest) return null;
  if (!mayAsk(session) || session.expiresAt <= ports.clock()) return null;
  const kept = await ports.store.applications.findKnown(session.applicationId);
  const known = kept === null ? null : ifActive(kept);
  const record = await personIn(ports.store, session, session.generation);
  if (known === null || record === null) return null;
  const { scope, userId, organizationId, expiresAt } = session;
  return { scope, clientId: clientIdOf(known.application), username: record.name, userId, organizationId, expiresAt };
}
