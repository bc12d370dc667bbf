// The heart: may this call proceed? Inspect looks; verify looks, spends and tells of the use. Neither writes. A warm one
// asks no database and is answered at once: a promise comes only where something had to be waited for.

import { isNamedBy } from '@keyward/rules/organization-handle';
import { allows } from '@keyward/rules/permission';
import { isBoundFor } from '@keyward/rules/token-bounds';
import { type Awaitable, whenHere } from '../awaitable.ts';
import { defaultApi, noApiText } from '../caller/catalogue.ts';
import { principalOf } from '../caller/principal.ts';
import type { CredentialRecord, Principal } from '../caller/records.ts';
import type { Refusal } from '../caller/refusal.ts';
import { ownRule, type Use, type UseRecorder } from '../caller/use.ts';
import type { ApiCache } from '../catalogue/api-cache.ts';
import type { Clocked } from '../clock.ts';
import { mayComeFrom } from '../credentials/addresses.ts';
import { KeywardError } from '../errors.ts';
import type { CredentialForm } from '../settings.ts';
import { keyOf, lackOfPossession, type Possession, type ProvingPorts } from '../tokens/possession.ts';
import type { ReadToken } from '../tokens/records.ts';
import type { ReachRecorder } from './advice/recorder.ts';
import { type SpendingPorts, spendAnonymous, spendOf } from './budget.ts';
import { BudgetError } from './budget-error.ts';
import type { CallRecorder } from './calls/recorder.ts';
import { type Found, find, foundToken, type InspectingPorts, type Unfound } from './find-credential.ts';
import { lackingOf } from './lacking.ts';
import type { Budget } from './limit.ts';
import type { ObservationRecorder } from './observed/recorder.ts';
import {
  type ObservedReach,
  reachesOf,
  refusingBounds,
  refusingLimits,
  refusingRoute,
  tellObserved,
  type WouldRefuse,
} from './observed/tell.ts';

interface TellingPorts {
  usage: UseRecorder;
  /** Told of each call, and names each refusal. */
  calls: CallRecorder;
  observations: ObservationRecorder;
  reaches: ReachRecorder;
}

/** The ports of what lets a call to an API in. */
export interface AdmittingPorts extends SpendingPorts, Clocked {
  calls: CallRecorder;
  apis: Pick<ApiCache, 'has' | 'handles'>;
}

export type VerifyingPorts = InspectingPorts & AdmittingPorts & TellingPorts & ProvingPorts;

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
  /** Milliseconds since the epoch. Until then nobody is refused for the permissions, and it is told who would be. */
  observedUntil?: number;
}

/** A call to a guarded API. */
export interface Call extends Requirement {
  /** How the credential is shown beyond itself. Looks at a credential do not ask for it. */
  possession?: Possession | undefined;
  /** What it costs of the budget: a whole number from 0 on, 1 unless said otherwise. */
  cost?: number;
  /** The handle of the API that it goes to, where that is not the default one. */
  api?: string;
  /** The id of another plan than the organization's. */
  plan?: string;
  /** The guarded path that it fell under: what usage is counted by. */
  rule?: string;
  /** Of the guarded call, where it is known. */
  method?: string;
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
  /** As of any refusal. */
  refusalId?: string;
}

/** What inspect answers. */
export type Inspection = Allowed | Refusal;
/** What verify answers. Without a plan there is no budget; `token`: the access token, if it was one. */
export type Verdict = LetIn | Refusal | Overspent;

/**
 * `observed`: what the credential is to be left with by what is only observed so far, and `wouldRefuse`: what of that would
 * have refused this call; each left out where there is none.
 */
type LetIn = Allowed & {
  budget: Budget | null;
  token?: ReadToken;
  observed?: readonly ObservedReach[];
  wouldRefuse?: readonly WouldRefuse[];
};

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
    'reason' in found ? refusalOf(found) : judge(ports, found, requirement),
  );
}

/** As `inspect`, on the API that the credential is for, with what was presented if that is an access token. */
export function examine(
  ports: InspectingPorts,
  credential: string,
  requirement: Requirement = {},
): Awaitable<(Allowed & { token: ReadToken | undefined }) | Refusal> {
  return whenHere(find(ports, credential), (found) => {
    if ('reason' in found) return refusalOf(found);
    const { token } = found;
    const verdict = judge(ports, found, requirement, token?.bounds ? found.principal?.apis?.[0] : undefined);
    return verdict.allowed ? { ...verdict, token } : verdict;
  });
}

/** The verdict on a call of a credential that was looked up, but for its budget and without its key being shown. */
export function foresee(ports: Pick<InspectingPorts, 'apis'>, found: Found | Unfound, call: Call): Inspection {
  return 'reason' in found ? refusalOf(found) : judge(ports, found, call, call.api ?? defaultApi);
}

/** As `inspect`, of an API token that was looked up, for whoever presents the secret with this digest. */
export function inspectToken(
  ports: Clocked & Pick<InspectingPorts, 'apis'>,
  record: CredentialRecord,
  digest: string,
  requirement: Requirement = {},
): Inspection {
  const found = foundToken(ports, record, digest);
  return 'reason' in found ? refusalOf(found) : judge(ports, found, requirement);
}

/**
 * As `inspect`, and an allowed call spends its cost of the organization's plan. A refused one spends nothing. Whoever calls
 * must show the key that the credential is bound to, if it is to one.
 */
export function verify(ports: VerifyingPorts, credential: string | null, call: Call = {}): Awaitable<Verdict> {
  return whenHere(find(ports, credential, call.accepts), (found) =>
    whenHere(settle(ports, credential, found, call), (verdict) => {
      const at = ports.clock();
      if (found.record !== null) {
        tellUse(ports, found, found.record, call, verdict, at);
        if (verdict.allowed) tellReach(ports, found.record, call, verdict, at);
      }
      ports.calls.saw(found.record, credential, call, verdict, at);
      if (verdict.allowed && verdict.wouldRefuse !== undefined) tellObserved(ports, call, verdict.wouldRefuse);
      return verdict;
    }),
  );
}

/**
 * As `inspect`, and tells of the use: for calls of Keyward's own endpoints, which spend nothing. Of these the refused ones are
 * remembered.
 */
export function recognise(
  ports: InspectingPorts & TellingPorts & ProvingPorts,
  credential: string | null,
  call: Pick<Call, 'address' | 'userAgent' | 'possession' | 'rule' | 'method'> = {},
): Awaitable<Inspection> {
  return whenHere(find(ports, credential), (found) => {
    const refusal = 'reason' in found ? refusalOf(found) : unpossessed(ports, credential, found, call);
    const verdict = refusal ?? judge(ports, found as Found, call);
    const at = ports.clock();
    if (verdict.allowed && found.record?.observed !== undefined) {
      const own = { ...call, rule: ownRule };
      const wouldRefuse = refusingBounds(reachesOf(ports, found.record, (found as Found).token), own, () => []);
      if (wouldRefuse.length > 0) ports.calls.saw(found.record, credential, own, { allowed: true, wouldRefuse }, at);
      tellObserved(ports, own, wouldRefuse);
    }
    if (found.record !== null) tellUse(ports, found, found.record, { ...call, rule: ownRule }, verdict, at);
    if (!verdict.allowed) ports.calls.saw(found.record, credential, call, verdict, at);
    return verdict;
  });
}

/** A call that needs no credential, spending the anonymous plan of the client's address (or another plan's, by id). */
export function admit(
  ports: AdmittingPorts,
  call: Call,
): Awaitable<{ allowed: true; budget: Budget | null } | Overspent> {
  demandApi(ports, call);
  return whenHere(spendAnonymous(ports, call.address ?? '', call.cost ?? 1, call.plan), (budget) => {
    if (budget === null || budget.admitted) return { allowed: true, budget };
    const refusal: Overspent = { allowed: false, reason: 'rate_limited', principal: null, budget };
    ports.calls.saw(null, null, call, refusal, ports.clock());
    return refusal;
  });
}

/** A call that its plan does not admit, as the error that every dialect has words for. */
export function overspent({ budget }: Overspent): KeywardError {
  const { limit, windowMs, name, all } = budget;
  const which = all === undefined ? '' : ` "${name}"`;
  const text = `The budget${which} of ${limit} calls in ${windowMs / 1000} seconds is spent. Wait, then try again.`;
  return new BudgetError('too_many_requests', text, { retryAfterMs: budget.retryAfterMs, budget });
}

function refusalOf({ reason, record }: Unfound): Refusal {
  return { allowed: false, reason, ...(record !== null && { organizationId: record.organization.id }) };
}

/** `api`: the one that the call goes to, if it goes to one. */
function judge(
  { apis }: Pick<InspectingPorts, 'apis'>,
  { record, expiresAt, principal: known, token }: Found,
  requirement: Requirement,
  api?: string,
): Inspection {
  const { permissions = [], match = 'all', organization, address } = requirement;
  const principal = known ?? principalOf(record, expiresAt);
  const organizationId = record.organization.id;
  if (!mayComeFrom(record, address))
    return { allowed: false, reason: 'address_not_allowed', principal, organizationId };
  if (organization !== undefined && !isNamedBy(organization, organizationId, principal.organization.name)) {
    return { allowed: false, reason: 'wrong_organization', principal, organizationId };
  }
  const bounds = token?.bounds ?? null;
  // Keyward's own endpoints belong to the default API.
  const isOther = bounds !== null && !isBoundFor(bounds, apis.identifierOf(api ?? defaultApi));
  if (isOther || (api !== undefined && !isFor(record, api)))
    return { allowed: false, reason: 'wrong_api', principal, organizationId };
  if (allows(principal.permissions, permissions, match)) return { allowed: true, principal };
  return {
    allowed: false,
    reason: 'missing_permission',
    required: permissions,
    lacking: lackingOf(record, bounds, permissions),
    principal,
    organizationId,
  };
}

/** An API token's list of APIs binds the access tokens made from it too. */
function isFor({ plain, token }: CredentialRecord, api: string): boolean {
  return plain === true || token === null || token.apis === null || token.apis.includes(api);
}

/** Why it cannot be used as it was shown; null if it can. */
function unpossessed(
  ports: ProvingPorts,
  credential: string | null,
  { token, record }: Found,
  { possession }: Pick<Call, 'possession'>,
): Refusal | null {
  const key = keyOf(token);
  // As nearly all are.
  if (key === null && possession === undefined) return null;
  const lack = lackOfPossession(ports, credential ?? '', key, possession);
  if (lack === null) return null;
  const { reason } = lack;
  const organizationId = record.organization.id;
  return { allowed: false, reason, organizationId, ...('message' in lack && { proofFault: lack.message }) };
}

function settle(
  ports: VerifyingPorts,
  credential: string | null,
  found: Found | Unfound,
  call: Call,
): Awaitable<Verdict> {
  if ('reason' in found) return refusalOf(found);
  demandApi(ports, call);
  const refusal = unpossessed(ports, credential, found, call);
  if (refusal !== null) return refusal;
  const verdict = judged(ports, found, call);
  if (!verdict.allowed) return verdict;
  const { principal, wouldRefuse } = verdict;
  return whenHere(spendOf(ports, found.record, call.cost ?? 1, call.address ?? '', call.plan), (budget) =>
    budget === null || budget.admitted
      ? observing(
          ports,
          found,
          call,
          found.token === undefined
            ? { allowed: true, principal, budget }
            : { allowed: true, principal, budget, token: found.token },
          wouldRefuse,
        )
      : { allowed: false, reason: 'rate_limited', principal, budget },
  );
}

/** As `judge`, on the API that the call goes to; what its route needs may only be observed. */
function judged(ports: VerifyingPorts, found: Found, call: Call): (Allowed & Pick<LetIn, 'wouldRefuse'>) | Refusal {
  const verdict = judge(ports, found, call, call.api ?? defaultApi);
  if (verdict.allowed || verdict.reason !== 'missing_permission' || call.observedUntil === undefined) return verdict;
  const { principal } = verdict;
  const would = refusingRoute(ports, found.record, call, verdict);
  return principal === undefined || would === null ? verdict : { allowed: true, principal, wouldRefuse: [would] };
}

/** An allowed call, with what of that is observed would have refused it. As nearly always, nothing is. */
function observing(
  ports: VerifyingPorts,
  { record, token }: Found,
  call: Call,
  letIn: LetIn,
  byRoute: LetIn['wouldRefuse'],
): Awaitable<Verdict> {
  const plan = planSpent(ports, record, call);
  const isPlanObserved = plan !== undefined && plan.observed !== null;
  if (record.observed === undefined && !isPlanObserved) {
    return byRoute === undefined ? letIn : { ...letIn, wouldRefuse: byRoute };
  }
  const observed = reachesOf(ports, record, token);
  const verdict = observed.length === 0 ? letIn : { ...letIn, observed };
  // A look is no call: whoever looks tells of the calls themselves.
  if (call.cost === 0 && call.rule === undefined) return verdict;
  const seen = { ...call, api: call.api ?? defaultApi };
  const lacking = (then: CredentialRecord) => lackingOf(then, token?.bounds ?? null, call.permissions ?? []);
  const would = [...(byRoute ?? []), ...refusingBounds(observed, seen, lacking)];
  const byLimits = isPlanObserved ? refusingLimits(ports, record, plan, call.cost ?? 1, seen) : null;
  return whenHere(byLimits, (limits) => {
    const wouldRefuse = limits === null ? would : [...would, limits];
    return wouldRefuse.length === 0 ? verdict : { ...verdict, wouldRefuse };
  });
}

function planSpent({ plans }: Pick<AdmittingPorts, 'plans'>, { organization }: CredentialRecord, call: Call) {
  const id = call.plan ?? organization.planId;
  return id === null ? undefined : plans.find(id);
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

/** A look is no use; whoever looks tells of the uses. */
function tellReach(
  { reaches }: TellingPorts,
  { source, organization }: CredentialRecord,
  call: Call,
  { principal }: Allowed,
  at: number,
): void {
  if (source.type === 'user' || (call.cost === 0 && call.rule === undefined)) return;
  const seen = call.api === undefined ? { ...call, api: defaultApi } : call;
  reaches.saw(source, organization.id, seen, principal.permissions, at);
}

function tellUse(
  ports: TellingPorts,
  found: Found | Unfound,
  { source, organization, trace }: CredentialRecord,
  call: Call,
  verdict: Inspection | Verdict,
  at: number,
): void {
  // The client is to try again: it is no refusal that anybody would look into.
  if (!verdict.allowed && verdict.reason === 'nonce_required') return;
  const use: Use = {
    source,
    organizationId: organization.id,
    verdict: verdict.allowed ? 'allowed' : verdict.reason,
    at,
    rule: call.rule ?? '',
    address: call.address ?? null,
    userAgent: call.userAgent ?? null,
  };
  if (trace !== undefined) use.trace = trace;
  if ('secret' in found && found.secret !== undefined) use.presented = { secret: found.secret, inUseUntil: 0 };
  ports.usage.saw(use);
}
