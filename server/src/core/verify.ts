// The heart: may this call proceed? Inspect looks; it never writes, and asks the database only for what it has not
// seen before.

import { allows } from '@keyward/rules/permission';
import { lostSupport, read } from './access-token.ts';
import { type Principal, principalOf } from './caller.ts';
import type { CredentialReason } from './errors.ts';
import type { Holder, Ports } from './ports.ts';
import { digestOf, digestsEqual, looksLikeApiToken } from './secret.ts';
import { isActive } from './standing.ts';

export type { Principal } from './caller.ts';

/** The forms in which a credential may be presented on a call; each enabled dialect brings its own. */
export type CredentialForm = 'api_token' | 'sealed' | 'jwt:oauth' | 'jwt:debricked' | 'jwt:parsers';

export interface Requirement {
  permissions?: readonly string[];
  /** `all` unless said otherwise. */
  match?: 'all' | 'any';
  /** The name of the organization that the called path belongs to. */
  organization?: string;
}

export type Verdict = { allowed: true; principal: Principal } | Refusal;

export interface Refusal {
  allowed: false;
  reason: CredentialReason;
  /** With `missing_permission`: what was required. */
  required?: readonly string[];
  /** Who it was, where that is known. For logs and for the credential's own organization; never for the refused. */
  principal?: Principal;
}

/**
 * The verdict on a credential as it was presented (the text behind the scheme), or on none (null or blank).
 * Rejects with KeywardError `unavailable` if the database was needed and did not answer: never an allow.
 */
export async function inspect(
  ports: Ports,
  credential: string | null,
  requirement: Requirement = {},
): Promise<Verdict> {
  if (credential === null || credential === '') return { allowed: false, reason: 'missing' };
  const found = credential.startsWith('kw_')
    ? await holderOfApiToken(ports, credential)
    : await holderOfAccessToken(ports, credential);
  if (!('holder' in found)) return { allowed: false, reason: found.reason };
  return judge(principalOf(found.holder, found.expiresAt), requirement);
}

type Found = { holder: Holder; expiresAt: number | null } | { reason: CredentialReason };

async function holderOfApiToken(ports: Ports, text: string): Promise<Found> {
  if (!ports.settings.accepts.has('api_token') || !looksLikeApiToken(text)) return { reason: 'unknown' };
  const digest = digestOf(text);
  const holder = await ports.holders.byDigest(digest);
  if (holder?.token == null || !digestsEqual(holder.token.digest, digest)) return { reason: 'unknown' };
  const standings = [holder.standing, holder.owner.standing, holder.organization.standing];
  if (standings.some((one) => one.deletedAt !== null)) return { reason: 'revoked' };
  if (!standings.every(isActive)) return { reason: 'inactive' };
  if (holder.token.use === 'exchange') return { reason: 'exchange_only' };
  if (holder.expiresAt !== null && holder.expiresAt <= ports.clock()) return { reason: 'expired' };
  return { holder, expiresAt: holder.expiresAt };
}

async function holderOfAccessToken(ports: Ports, text: string): Promise<Found> {
  const token = read(ports, text);
  if (typeof token === 'string') return { reason: token };
  if (token.recorded && !(await ports.holders.isIssued(token.jti))) return { reason: 'revoked' };
  const holder = await ports.holders.bySource(token.source);
  if (holder === null) return { reason: 'unknown' };
  const reason = lostSupport(holder, token);
  return reason === null ? { holder, expiresAt: token.expiresAt } : { reason };
}

function judge(principal: Principal, requirement: Requirement): Verdict {
  const { permissions = [], match = 'all', organization } = requirement;
  if (organization !== undefined && organization !== principal.organization.name) {
    return { allowed: false, reason: 'wrong_organization', principal };
  }
  if (allows(principal.permissions, permissions, match)) return { allowed: true, principal };
  return { allowed: false, reason: 'missing_permission', required: permissions, principal };
}
