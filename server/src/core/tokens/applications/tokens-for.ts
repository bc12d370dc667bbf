// The tokens of an application's session, which begins with a code (or another proof that somebody allowed it) and is
// renewed by refresh tokens. An access token is the person's, within the API, what was allowed, what the application may ask
// for now and what the person may do now; it counts only as long as the session.

import { covers, intersect, simplify } from '@keyward/rules/permission';
import { boundPrincipal, principalOf } from '../../caller/principal.ts';
import type { CredentialRecord, Principal } from '../../caller/records.ts';
import { beginSession, newSession } from '../../identity/new-session.ts';
import { lifetimeWithin } from '../exchange-use.ts';
import type { DeniedToken, GrantedToken, GrantingPorts, WantedToken } from '../grant.ts';
import { issue, type TokenShape } from '../issue.ts';
import type { Changes } from '../ports.ts';
import type { JwtProfile } from '../records.ts';
import { scopeWithin } from '../scope.ts';
import { neededBy } from './built-in.ts';
import { clientIdOf } from './client.ts';
import { makeRoom } from './end-access.ts';
import type { Application, ApplicationSession } from './records.ts';
import { generateRefreshToken, readRefreshToken } from './refresh-token.ts';

/** Unused for so long, refresh tokens end with their session. */
export const idleMs = 30 * 86_400_000;
/** However much they are used, they end then. */
export const longestMs = 90 * 86_400_000;

const usualLifetimeMs = 3_600_000;

export type ApplicationToken = GrantedToken & { refreshToken: string | null };
export type Denied = DeniedToken;

/** Tokens of another profile than the usual, and what they claim. */
export interface ForeignShape {
  profile: JwtProfile;
  claims(principal: Principal): NonNullable<TokenShape['claims']>;
}

/** Where a token is asked for, and what is wanted of it. */
export type WantedApplicationToken = Pick<
  WantedToken,
  'scope' | 'resources' | 'form' | 'key' | 'address' | 'userAgent'
> & { as?: ForeignShape };

/** When a session that is used now ends, if it is not used again. */
export function endOfUse(createdAt: number, now: number): number {
  return Math.min(createdAt + longestMs, now + idleMs);
}

/** When a session that begins now ends, if it is not renewed. */
export function endOfNew(application: Application, now: number): number {
  return isRenewable(application) ? endOfUse(now, now) : now + usualLifetimeMs;
}

/** Begins a session within a change; answers its first refresh token, where the application may have one. */
export async function beginApplicationSession(
  changes: Changes<'sessions' | 'users' | 'applicationSessions'>,
  record: CredentialRecord,
  application: Application,
  of: Pick<ApplicationSession, 'sessionId' | 'authorizationId' | 'api' | 'scope'>,
  from: { at: number; until: number; key: string | null; address: string; userAgent: string | undefined },
): Promise<string | null> {
  const { at, until: expiresAt, key, address, userAgent = '' } = from;
  const refreshToken = isRenewable(application) ? generateRefreshToken() : null;
  const read = refreshToken === null ? null : readRefreshToken(refreshToken);
  const made = newSession(record, { carrier: 'application', at, expiresAt }, { address, userAgent });
  const session = { ...made.session, id: of.sessionId };
  const { sessionId, authorizationId, api, scope } = of;
  const kept: ApplicationSession = {
    sessionId,
    authorizationId,
    api,
    scope,
    applicationId: application.id,
    organizationId: session.organizationId,
    userId: session.userId,
    key: application.type === 'public' ? key : null,
    refresh: read === null ? null : { familyDigest: read.familyDigest, tokenDigest: read.tokenDigest },
  };
  const by = { application: application.id, authorization: authorizationId };
  await makeRoom(changes, kept, at);
  await beginSession(changes, principalOf(record), session, by);
  await changes.applicationSessions.insert(kept);
  return refreshToken;
}

/** An access token within the session, or why there is none. */
export async function accessTokenIn(
  ports: Pick<GrantingPorts, 'apis' | 'clock' | 'keys' | 'sealer' | 'settings'>,
  permissions: GrantingPorts['store']['permissions'],
  record: CredentialRecord,
  application: Application,
  { sessionId, api, scope: allowed }: Pick<ApplicationSession, 'sessionId' | 'api' | 'scope'>,
  sessionEnd: number,
  wanted: WantedApplicationToken,
): Promise<GrantedToken | DeniedToken> {
  const audience = ports.apis.identifierOf(api);
  const isThatApi = wanted.resources.every((one) => ports.apis.handleOf(one) === api);
  if (audience === undefined || !isThatApi) {
    return denied('wrong_api', 'api', 'This was allowed for another API.');
  }
  const principal = principalOf(record);
  const needed = neededBy(application);
  if (needed !== null && !covers(principal.permissions, needed)) {
    return denied('missing_permission', 'grant', `Whoever allowed this does not hold ${needed} any more.`);
  }
  const { as } = wanted;
  const may = intersect(simplify(intersect(allowed, application.permissions)), principal.permissions);
  if (may.length === 0) return denied('missing_permission', 'scope', 'Nothing is left of what was allowed.');
  const found = await scopeWithin(permissions, wanted.scope, may);
  if ('fault' in found) return denied('missing_permission', 'scope', found.fault);
  const used = wanted.key?.spend() ?? null;
  if (used !== null) return denied(used.reason, 'proof', used.message);
  const key = wanted.key?.thumbprint ?? null;
  const bounds = { audience, scope: found.scope, parents: [], key };
  const { token, record: issued } = issue(ports, record, {
    form: as?.profile ?? (wanted.form === 'jwt' ? 'oauth' : 'sealed'),
    ...(as === undefined ? { algorithm: ports.apis.algorithmOf(api) } : { claims: as.claims(principal) }),
    lifetimeMs: lifetimeWithin(usualLifetimeMs, sessionEnd, ports.clock()),
    sessionId,
    bound: { to: bounds, client: { clientId: clientIdOf(application), actor: null } },
  });
  const { issuedAt, expiresAt } = issued;
  return {
    allowed: true,
    token,
    issuedAt,
    expiresAt,
    scope: found.scope,
    principal: boundPrincipal(principal, bounds, api),
    key,
  };
}

function isRenewable({ grants }: Application): boolean {
  return grants.includes('refresh_token');
}

export function denied(reason: DeniedToken['reason'], fault: DeniedToken['fault'], message: string): DeniedToken {
  return { allowed: false, reason, fault, message };
}
