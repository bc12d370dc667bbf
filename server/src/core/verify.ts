// The heart: may this call proceed? Inspect looks; verify looks and spends. Neither writes, and a warm one asks no
// database.

import { isWithin, parseAddressRange } from '@keyward/rules/address';
import type { Admission } from '@keyward/rules/limit';
import { allows } from '@keyward/rules/permission';
import { lostSupport, read } from './access-token.ts';
import { spendAnonymous, spendOf } from './budget.ts';
import { type Principal, principalOf } from './caller.ts';
import { type CredentialReason, KeywardError } from './errors.ts';
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
  /** The client's address. A token that may be used only from some addresses is refused without one. */
  address?: string;
}

/** A call to a guarded API. */
export interface Call extends Requirement {
  /** What it costs of the budget: a whole number from 0 on, 1 unless said otherwise. */
  cost?: number;
  /** The id of another plan than the organization's. */
  plan?: string;
}

/** Where a plan's budget stands after a call. */
export interface Budget extends Admission {
  plan: string;
}

export interface Allowed {
  allowed: true;
  principal: Principal;
}

export interface Refusal {
  allowed: false;
  reason: CredentialReason;
  /** With `missing_permission`: what was required. */
  required?: readonly string[];
  /** Whose it is, where that is known; for the same use. */
  organizationId?: string;
  /** Who it was, where that is known. For logs and for the credential's own organization; never for the refused. */
  principal?: Principal;
}

export interface Overspent {
  allowed: false;
  reason: 'rate_limited';
  /** Null for a call without a credential. */
  principal: Principal | null;
  budget: Budget;
}

/** What inspect answers. */
export type Inspection = Allowed | Refusal;
/** What verify answers. Without a plan there is no budget. */
export type Verdict = (Allowed & { budget: Budget | null }) | Refusal | Overspent;

/**
 * The verdict on a credential as it was presented (the text behind the scheme), or on none (null or blank).
 * Rejects with KeywardError `unavailable` if the database was needed and did not answer: never an allow.
 */
export async function inspect(
  ports: Ports,
  credential: string | null,
  requirement: Requirement = {},
): Promise<Inspection> {
  const found = await find(ports, credential);
  return 'holder' in found ? judge(found, requirement) : { allowed: false, ...found };
}

/** As `inspect`, and an allowed call spends its cost of the organization's plan. A refused one spends nothing. */
export async function verify(ports: Ports, credential: string | null, call: Call = {}): Promise<Verdict> {
  const found = await find(ports, credential);
  if (!('holder' in found)) return { allowed: false, ...found };
  const verdict = judge(found, call);
  if (!verdict.allowed) return verdict;
  const budget = await spendOf(ports, found.holder.organization, call.cost ?? 1, call.plan);
  if (budget === null || budget.admitted) return { ...verdict, budget };
  return { allowed: false, reason: 'rate_limited', principal: verdict.principal, budget };
}

/** A call that needs no credential, spending the anonymous plan of the client's address (or another plan's, by id). */
export async function admit(ports: Ports, call: Call): Promise<{ allowed: true; budget: Budget | null } | Overspent> {
  const budget = await spendAnonymous(ports, call.address ?? '', call.cost ?? 1, call.plan);
  if (budget === null || budget.admitted) return { allowed: true, budget };
  return { allowed: false, reason: 'rate_limited', principal: null, budget };
}

/** A call that its plan does not admit, as the error that every dialect has words for. */
export function overspent({ budget }: Overspent): KeywardError {
  const text = `The budget of ${budget.limit} calls in ${budget.windowMs / 1000} seconds is spent. Wait, then try again.`;
  return new KeywardError('too_many_requests', text, { retryAfterMs: budget.retryAfterMs, budget });
}

type Found = { holder: Holder; expiresAt: number | null };
type Unfound = { reason: CredentialReason; organizationId?: string };

async function find(ports: Ports, credential: string | null): Promise<Found | Unfound> {
  if (credential === null || credential === '') return { reason: 'missing' };
  return credential.startsWith('kw_') ? holderOfApiToken(ports, credential) : holderOfAccessToken(ports, credential);
}

async function holderOfApiToken(ports: Ports, text: string): Promise<Found | Unfound> {
  if (!ports.settings.accepts.has('api_token') || !looksLikeApiToken(text)) return { reason: 'unknown' };
  const digest = digestOf(text);
  const holder = await ports.holders.byDigest(digest);
  if (holder?.token == null || !digestsEqual(holder.token.digest, digest)) return { reason: 'unknown' };
  const standings = [holder.standing, holder.owner.standing, holder.organization.standing];
  const organizationId = holder.organization.id;
  if (standings.some((one) => one.deletedAt !== null)) return { reason: 'revoked', organizationId };
  if (!standings.every(isActive)) return { reason: 'inactive', organizationId };
  if (holder.token.use === 'exchange') return { reason: 'exchange_only', organizationId };
  if (holder.expiresAt !== null && holder.expiresAt <= ports.clock()) return { reason: 'expired', organizationId };
  return { holder, expiresAt: holder.expiresAt };
}

async function holderOfAccessToken(ports: Ports, text: string): Promise<Found | Unfound> {
  const token = read(ports, text);
  if (typeof token === 'string') return { reason: token };
  if (token.recorded && !(await ports.holders.isIssued(token.jti))) return { reason: 'revoked' };
  const holder = await ports.holders.bySource(token.source);
  if (holder === null) return { reason: 'unknown' };
  const reason = lostSupport(holder, token);
  if (reason !== null) return { reason, organizationId: holder.organization.id };
  return { holder, expiresAt: token.expiresAt };
}

function judge({ holder, expiresAt }: Found, requirement: Requirement): Inspection {
  const { permissions = [], match = 'all', organization, address } = requirement;
  const principal = principalOf(holder, expiresAt);
  const organizationId = holder.organization.id;
  if (!mayComeFrom(holder, address))
    return { allowed: false, reason: 'address_not_allowed', principal, organizationId };
  if (organization !== undefined && organization !== principal.organization.name) {
    return { allowed: false, reason: 'wrong_organization', principal, organizationId };
  }
  if (allows(principal.permissions, permissions, match)) return { allowed: true, principal };
  return { allowed: false, reason: 'missing_permission', required: permissions, principal, organizationId };
}

/** An API token's list of addresses binds the access tokens made from it too. */
export function mayComeFrom({ token }: Holder, address: string | undefined): boolean {
  if (token === null || token.addresses.length === 0) return true;
  const ranges = token.addresses.map(parseAddressRange).filter((range) => range !== null);
  return address !== undefined && isWithin(ranges, address);
}
