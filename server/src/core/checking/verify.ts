// The heart: may this call proceed? Inspect looks; verify looks, spends and tells of the use. Neither writes. A warm one
// asks no database and is answered at once: a promise comes only where something had to be waited for.

import { isAscii } from '@keyward/rules/ascii';
import { lacking } from '@keyward/rules/entitlement';
import { isNamedBy } from '@keyward/rules/organization-handle';
import { allows } from '@keyward/rules/permission';
import { type Awaitable, whenHere } from '../awaitable.ts';
import { defaultApi, noApiText } from '../caller/catalogue.ts';
import { isActive } from '../caller/lifecycle.ts';
import type { CachedCredentialLookup } from '../caller/ports.ts';
import { boundsOf, principalOf } from '../caller/principal.ts';
import type { CredentialRecord, Principal } from '../caller/records.ts';
import type { LackingPermission, Refusal } from '../caller/refusal.ts';
import { ownRule, type Use, type UseRecorder } from '../caller/use.ts';
import type { ApiCache } from '../catalogue/api-cache.ts';
import type { Clocked } from '../clock.ts';
import { mayComeFrom } from '../credentials/addresses.ts';
import { endOfSecret, whichSecret } from '../credentials/presented-secret.ts';
import { type CredentialReason, KeywardError } from '../errors.ts';
import { digestOf, isDividedAsApiToken, looksLikeApiToken } from '../secret.ts';
import type { CredentialForm } from '../settings.ts';
import { lostSupport, read, type TokenReadingPorts } from '../tokens/read.ts';
import type { ReadToken } from '../tokens/records.ts';
import { type SpendingPorts, spendAnonymous, spendOf } from './budget.ts';
import { BudgetError } from './budget-error.ts';
import type { Budget } from './limit.ts';

/** The ports of what looks at a credential. It writes nothing. */
export interface InspectingPorts extends TokenReadingPorts {
  credentials: CachedCredentialLookup;
}

interface TellingPorts {
  usage: UseRecorder;
}

/** The ports of what lets a call to an API in. */
export interface AdmittingPorts extends SpendingPorts {
  apis: Pick<ApiCache, 'has' | 'handles'>;
}

export type VerifyingPorts = InspectingPorts & AdmittingPorts & TellingPorts;

export interface Requirement {
  permissions?: readonly string[];
  /** `all` unless said otherwise. */
  match?: 'all' | 'any';
  /** The name or id of the only organization whose credentials count. */
  organization?: string;
  /** The forms of credential that count here, of those that the enabled dialects accept; all of them unless said otherwise. */
  accepts?: readonly CredentialForm[];
  /** The client's address. A token that may be used only from some addresses is refused without one. */
  address?: string;
}

/** A call to a guarded API. */
export interface Call extends Requirement {
  /** What it costs of the budget: a whole number from 0 on, 1 unless said otherwise. */
  cost?: number;
  /** The handle of the API that it goes to, where that is not the default one. */
  api?: string;
  /** The id of another plan than the organization's. */
  plan?: string;
  /** The guarded path that it fell under: what usage is counted by. */
  rule?: string;
  userAgent?: string;
}

export interface Allowed {
  allowed: true;
  principal: Principal;
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
 * Fails with KeywardError `unavailable` if the database was needed and did not answer: never an allow.
 */
export function inspect(
  ports: InspectingPorts,
  credential: string | null,
  requirement: Requirement = {},
): Awaitable<Inspection> {
  return whenHere(find(ports, credential, requirement.accepts), (found) =>
    'reason' in found ? refusalOf(found) : judge(found, requirement),
  );
}

/** As `inspect`, of an API token that was looked up, for whoever presents the secret with this digest. */
export function inspectToken(
  ports: Clocked,
  record: CredentialRecord,
  digest: string,
  requirement: Requirement = {},
): Inspection {
  const found = foundToken(ports, record, digest);
  return 'reason' in found ? refusalOf(found) : judge(found, requirement);
}

/** As `inspect`, and an allowed call spends its cost of the organization's plan. A refused one spends nothing. */
export function verify(ports: VerifyingPorts, credential: string | null, call: Call = {}): Awaitable<Verdict> {
  return whenHere(find(ports, credential, call.accepts), (found) =>
    whenHere(settle(ports, found, call), (verdict) => {
      if (found.record !== null) tellUse(ports, found, found.record, call, verdict);
      return verdict;
    }),
  );
}

/** As `inspect`, and tells of the use: for calls of Keyward's own endpoints, which spend nothing. */
export function recognise(
  ports: InspectingPorts & TellingPorts,
  credential: string | null,
  call: Pick<Call, 'address' | 'userAgent'> = {},
): Awaitable<Inspection> {
  return whenHere(find(ports, credential), (found) => {
    const verdict = 'reason' in found ? refusalOf(found) : judge(found, call);
    if (found.record !== null) tellUse(ports, found, found.record, { ...call, rule: ownRule }, verdict);
    return verdict;
  });
}

/** A call that needs no credential, spending the anonymous plan of the client's address (or another plan's, by id). */
export function admit(
  ports: AdmittingPorts,
  call: Call,
): Awaitable<{ allowed: true; budget: Budget | null } | Overspent> {
  demandApi(ports, call);
  return whenHere(spendAnonymous(ports, call.address ?? '', call.cost ?? 1, call.plan), (budget) =>
    budget === null || budget.admitted
      ? { allowed: true, budget }
      : { allowed: false, reason: 'rate_limited', principal: null, budget },
  );
}

/** A call that its plan does not admit, as the error that every dialect has words for. */
export function overspent({ budget }: Overspent): KeywardError {
  const { limit, windowMs, name, all } = budget;
  const which = all === undefined ? '' : ` "${name}"`;
  const text = `The budget${which} of ${limit} calls in ${windowMs / 1000} seconds is spent. Wait, then try again.`;
  return new BudgetError('too_many_requests', text, { retryAfterMs: budget.retryAfterMs, budget });
}

interface Found {
  record: CredentialRecord;
  /** When what was presented ends. */
  expiresAt: number | null;
  /** Who it is then, where that is known already. */
  principal?: Principal;
  /** Which secret was presented, of a token that answers to two. */
  secret?: 'current' | 'previous';
}

interface Unfound {
  reason: CredentialReason;
  /** Whose it is, where that is known. */
  record: CredentialRecord | null;
}

function find(
  ports: InspectingPorts,
  credential: string | null,
  accepts?: Requirement['accepts'],
): Awaitable<Found | Unfound> {
  if (credential === null || credential === '') return { reason: 'missing', record: null };
  // Before anything is made of it: no credential has a second spelling.
  if (!isAscii(credential)) return unknown;
  if (!isDividedAsApiToken(credential)) return findAccessToken(ports, credential, accepts);
  return accepts === undefined || accepts.includes('api_token') ? findApiToken(ports, credential) : unknown;
}

function findApiToken(ports: InspectingPorts, text: string): Awaitable<Found | Unfound> {
  if (!ports.settings.accepts.has('api_token')) return unknown;
  const digest = digestOf(text);
  // Its form and its checksum spare the database a question, and are not worth their time where none is asked.
  const recalled = ports.credentials.recall(digest);
  if (recalled !== null) return foundToken(ports, recalled, digest);
  if (!looksLikeApiToken(text)) return unknown;
  return whenHere(ports.credentials.byDigest(digest), (record) => foundToken(ports, record, digest));
}

function foundToken(ports: Clocked, record: CredentialRecord | null, digest: string): Found | Unfound {
  if (record === null) return unknown;
  const now = ports.clock();
  if (record.plain === true && (record.expiresAt === null || record.expiresAt > now)) {
    return { record, expiresAt: record.expiresAt };
  }
  if (record.token === null) return unknown;
  const secret = whichSecret(record.token, digest, now);
  if (secret === null) return unknown;
  const reason = endOf(record) ?? (record.token.use === 'exchange' ? 'exchange_only' : null);
  if (reason !== null) return { reason, record };
  if (record.expiresAt !== null && record.expiresAt <= now) return { reason: 'expired', record };
  if (secret === 'only') return { record, expiresAt: record.expiresAt };
  return { record, expiresAt: endOfSecret(record, secret), secret };
}

function findAccessToken(
  ports: InspectingPorts,
  text: string,
  accepts: Requirement['accepts'],
): Awaitable<Found | Unfound> {
  const token = read(ports, text);
  if (typeof token === 'string') return { reason: token, record: null };
  if (accepts !== undefined && !accepts.includes(token.form)) return unknown;
  if (token.sessionId !== null) return findInSession(ports, token, token.sessionId);
  if (!token.recorded) return findSource(ports, token);
  return whenHere(ports.credentials.isIssued(token.jti), (issued) =>
    issued ? findSource(ports, token) : { reason: 'revoked', record: null },
  );
}

/** Of a session that has ended nothing counts any more, whoever holds a copy. */
function findInSession(ports: InspectingPorts, token: ReadToken, sessionId: string): Awaitable<Found | Unfound> {
  return whenHere(ports.credentials.hasSession(sessionId), (lasts) =>
    whenHere(findSource(ports, token), (found) =>
      lasts || 'reason' in found ? found : { reason: 'revoked', record: found.record },
    ),
  );
}

function findSource(ports: Pick<InspectingPorts, 'credentials'>, token: ReadToken): Awaitable<Found | Unfound> {
  return whenHere(ports.credentials.bySource(token.source), (record) => {
    if (record === null) return unknown;
    // Records do not change; a changed one is another.
    if (token.carried?.record === record) return token.carried;
    const reason = lostSupport(record, token);
    if (reason !== null) return { reason, record };
    const { expiresAt, sessionId } = token;
    const principal = principalOf(record, expiresAt);
    const within = sessionId === null ? principal : Object.freeze({ ...principal, sessionId });
    token.carried = { record, expiresAt, principal: within };
    return token.carried;
  });
}

/**
 * True for an API token that anyone may present from anywhere on any call, until it ends: nothing but the time stands against it. It
 * answers to one secret alone, which is the one that it was found by.
 */
export function isPlain(record: CredentialRecord): boolean {
  const { token } = record;
  if (token === null || token.use === 'exchange' || token.previous !== null) return false;
  return token.addresses.length === 0 && token.apis === null && endOf(record) === null;
}

const unknown: Unfound = { reason: 'unknown', record: null };

/** Why a credential itself no longer stands, or null if it does. */
function endOf({ lifecycle, owner, organization }: CredentialRecord): 'revoked' | 'inactive' | null {
  if (isActive(lifecycle) && isActive(owner.lifecycle) && isActive(organization.lifecycle)) return null;
  const deleted = [lifecycle, owner.lifecycle, organization.lifecycle].some((one) => one.deletedAt !== null);
  return deleted ? 'revoked' : 'inactive';
}

function refusalOf({ reason, record }: Unfound): Refusal {
  return { allowed: false, reason, ...(record !== null && { organizationId: record.organization.id }) };
}

/** `api`: the one that the call goes to, if it goes to one. */
function judge({ record, expiresAt, principal: known }: Found, requirement: Requirement, api?: string): Inspection {
  const { permissions = [], match = 'all', organization, address } = requirement;
  const principal = known ?? principalOf(record, expiresAt);
  const organizationId = record.organization.id;
  if (!mayComeFrom(record, address))
    return { allowed: false, reason: 'address_not_allowed', principal, organizationId };
  if (organization !== undefined && !isNamedBy(organization, organizationId, principal.organization.name)) {
    return { allowed: false, reason: 'wrong_organization', principal, organizationId };
  }
  if (api !== undefined && !isFor(record, api))
    return { allowed: false, reason: 'wrong_api', principal, organizationId };
  if (allows(principal.permissions, permissions, match)) return { allowed: true, principal };
  return {
    allowed: false,
    reason: 'missing_permission',
    required: permissions,
    lacking: lackingOf(record, permissions),
    principal,
    organizationId,
  };
}

/** An API token's list of APIs binds the access tokens made from it too. */
function isFor({ plain, token }: CredentialRecord, api: string): boolean {
  return plain === true || token === null || token.apis === null || token.apis.includes(api);
}

function lackingOf(record: CredentialRecord, required: readonly string[]): LackingPermission[] {
  const bounds = boundsOf(record);
  return required.flatMap((permission) => {
    const place = lacking(bounds, permission);
    return place === null ? [] : [{ permission, in: place }];
  });
}

function settle(ports: AdmittingPorts, found: Found | Unfound, call: Call): Awaitable<Verdict> {
  if ('reason' in found) return refusalOf(found);
  demandApi(ports, call);
  const verdict = judge(found, call, call.api ?? defaultApi);
  if (!verdict.allowed) return verdict;
  const { principal } = verdict;
  return whenHere(spendOf(ports, found.record, call.cost ?? 1, call.address ?? '', call.plan), (budget) =>
    budget === null || budget.admitted
      ? { allowed: true, principal, budget }
      : { allowed: false, reason: 'rate_limited', principal, budget },
  );
}

/**
 * Throws where the API does not exist, since what is missing lets nobody in: KeywardError `unavailable` where a guarded path
 * leads to it, `not_found` where the request itself names it.
 */
function demandApi({ apis }: AdmittingPorts, { api, rule }: Call): void {
  if (api === undefined || apis.has(api)) return;
  if (rule === undefined) throw new KeywardError('not_found', noApiText(api, apis.handles()));
  throw new KeywardError('unavailable', 'The API that this call goes to does not exist on this server.', {
    cause: new Error(`There is no API "${api}". Create it, or name another.`),
  });
}

function tellUse(
  ports: TellingPorts,
  found: Found | Unfound,
  { source, organization, trace }: CredentialRecord,
  call: Call,
  verdict: Inspection | Verdict,
): void {
  const use: Use = {
    source,
    organizationId: organization.id,
    verdict: verdict.allowed ? 'allowed' : verdict.reason,
    rule: call.rule ?? '',
    address: call.address ?? null,
    userAgent: call.userAgent ?? null,
  };
  if (trace !== undefined) use.trace = trace;
  if ('secret' in found && found.secret !== undefined) use.presented = { secret: found.secret, inUseUntil: 0 };
  ports.usage.saw(use);
}
