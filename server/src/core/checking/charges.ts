// Which limits a call is counted by: those of its plan and of its token. What can be worked out once for an organization or
// a credential is kept with its record, so that a warm check makes nothing. It counts nothing.

import { addressKey } from '@keyward/rules/address';
import { effectiveLimit } from '@keyward/rules/limit';
import type { CredentialRecord } from '../caller/records.ts';
import type { AccessTokenSource } from '../caller/source.ts';
import { type Charge, limitKey, observedKey, type Quota } from './limit.ts';
import { anonymousPlan } from './plan.ts';
import type { Plan, PlanLimit } from './records.ts';

/** Whose a call is, as far as it is counted. Told apart by identity: a changed one is another. */
export interface Spender {
  organization: Pick<CredentialRecord['organization'], 'id' | 'planId' | 'contributors'>;
  source: Pick<AccessTokenSource, 'id'>;
  token: Pick<NonNullable<CredentialRecord['token']>, 'limits' | 'limitedWith'> | null;
}

const nothing: readonly Charge[] = [];

/** `plan`: the one that the call spends; null for none. `address`: the client's, if it is known. */
export function chargesOf(spender: Spender, plan: Plan | null, address: string): readonly Charge[] {
  const { organization, token } = spender;
  const shared = plan === null ? null : sharedBy(organization, plan);
  const isBound = token !== null && token.limits.length > 0;
  if (!isBound && (shared === null || shared.isAll)) return shared?.charges ?? nothing;
  const own = ownOf(spender, plan, shared);
  if (plan === null || shared === null || !shared.hasAddresses) return own;
  return [...own, ...addressCharges(plan, organization, address)];
}

/** Those that count all calls of an organization by its plan. */
export function organizationCharges(organization: Spender['organization'], plan: Plan): readonly Charge[] {
  return sharedBy(organization, plan).charges;
}

/** What a plan's observed limits would count a call by: under keys of their own. */
export function shadowCharges(spender: Spender, plan: Plan, address: string): readonly Charge[] {
  const { observed } = plan;
  if (observed?.limits === undefined) return nothing;
  const shadow = shadowPlans.get(plan) ?? { ...plan, limits: observed.limits, observed: null };
  shadowPlans.set(plan, shadow);
  const { organization, source } = spender;
  const shared = { ...organization };
  const charges = chargesOf({ organization: shared, source, token: null }, shadow, address);
  return charges.map((charge) => ({ ...charge, key: observedKey(charge.key, observed.until) }));
}

const shadowPlans = new WeakMap<Plan, Plan>();

/** Of a call without a credential: every limit counts by its address. */
export function anonymousCharges(plan: Plan, address: string): readonly Charge[] {
  const scope = plan.id === anonymousPlan ? ownPlan : plan.id;
  const subject = addressKey(address);
  return plan.limits.map((limit) =>
    chargeOf(plan, limit, 1, limitKey('address', '', scope, String(limit.windowMs), subject)),
  );
}

/** The only limit of a plan, if all of its calls are counted by the organization; a part of such a limit can be lent. */
export function lendableOf(organization: Spender['organization'], plan: Plan): Charge | null {
  // What is only observed is counted by Keyward alone.
  if (plan.observed?.limits !== undefined) return null;
  const { charges, isAll } = sharedBy(organization, plan);
  return isAll && charges.length === 1 ? (charges[0] ?? null) : null;
}

interface Shared {
  plan: Plan;
  /** Those that count all calls of the organization. */
  charges: readonly Charge[];
  /** False if the plan has others too. */
  isAll: boolean;
  hasAddresses: boolean;
}

const sharedByOrganization = new WeakMap<object, Shared>();

function sharedBy(organization: Spender['organization'], plan: Plan): Shared {
  const known = sharedByOrganization.get(organization);
  if (known?.plan === plan) return known;
  const scope = scopeOf(organization, plan);
  const limits = plan.limits.filter(({ per }) => per === 'organization' || per === 'contributor');
  const charges = limits.map((limit) => {
    const key = limitKey('organization', organization.id, scope, String(limit.windowMs));
    return chargeOf(plan, limit, organization.contributors, key);
  });
  const hasAddresses = plan.limits.some(({ per }) => per === 'address');
  const shared = { plan, charges, isAll: limits.length === plan.limits.length, hasAddresses };
  sharedByOrganization.set(organization, shared);
  return shared;
}

const ownBySpender = new WeakMap<Spender, { shared: Shared | null; charges: readonly Charge[] }>();

/** All but those by address. */
function ownOf(spender: Spender, plan: Plan | null, shared: Shared | null): readonly Charge[] {
  const known = ownBySpender.get(spender);
  if (known !== undefined && known.shared === shared) return known.charges;
  const ofPlan = plan === null ? nothing : credentialCharges(spender, plan);
  const charges = [...(shared?.charges ?? nothing), ...ofPlan, ...tokenCharges(spender, plan)];
  ownBySpender.set(spender, { shared, charges });
  return charges;
}

function credentialCharges({ organization, source }: Spender, plan: Plan): readonly Charge[] {
  const limits = plan.limits.filter(({ per }) => per === 'api_token');
  return limits.map((limit) => {
    const window = String(limit.windowMs);
    const key = limitKey('credential', organization.id, scopeOf(organization, plan), window, source.id);
    return chargeOf(plan, limit, 1, key);
  });
}

/** A token's own limits are its own under every plan, and those that it has inherited it spends together with their giver. */
function tokenCharges({ organization, source, token }: Spender, plan: Plan | null): readonly Charge[] {
  if (token === null) return nothing;
  const subject = token.limitedWith ?? source.id;
  return token.limits.map(({ limit, windowMs }) => ({
    key: limitKey('token', organization.id, String(windowMs), subject),
    quota: { limit, windowMs, ...(plan !== null && { whenUnavailable: plan.whenUnavailable }) },
    plan: 'token',
    name: `token:${windowText(windowMs)}`,
  }));
}

function addressCharges(plan: Plan, organization: Spender['organization'], address: string): readonly Charge[] {
  const limits = plan.limits.filter(({ per }) => per === 'address');
  return limits.map((limit) => {
    const window = String(limit.windowMs);
    const key = limitKey('address', organization.id, scopeOf(organization, plan), window, addressKey(address));
    return chargeOf(plan, limit, 1, key);
  });
}

/**
 * What an organization's own plan counts goes on being counted when it gets another one, so that a change gives nothing back
 * and takes nothing twice; another plan that a route names has a count of its own.
 */
function scopeOf({ planId }: Spender['organization'], plan: Plan): string {
  return planId === plan.id ? ownPlan : plan.id;
}

/** No plan's id is empty. */
const ownPlan = '';

function chargeOf(plan: Plan, limit: PlanLimit, contributors: number, key: string): Charge {
  const { windowMs } = limit;
  const quota: Quota = {
    limit: effectiveLimit(limit, contributors),
    windowMs,
    whenUnavailable: plan.whenUnavailable,
  };
  const name = plan.limits.length === 1 ? plan.id : `${plan.id}:${limit.per}:${windowText(windowMs)}`;
  return { key, quota, plan: plan.id, name };
}

/** In whole seconds where that says all. */
function windowText(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
