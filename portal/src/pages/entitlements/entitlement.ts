// What an organization may hold at most of the APIs' permissions, as the wire says it and as it is chosen.

import type { Organization, Permission, Plan } from '@keyward/sdk/wire';
import { holds } from '../../session.ts';

const everything = ['*:*'] as const;

export interface EntitlementValues {
  /** `plan`: of an organization alone, which goes by what its plan says. */
  kind: 'plan' | 'all' | 'chosen';
  /** Kept while something else is chosen, for whoever comes back. */
  chosen: string[];
}

export function isEverything(entitlement: readonly string[]): boolean {
  return holds(entitlement, '*:*');
}

export function entitlementValuesOf(entitlement: readonly string[] | null): EntitlementValues {
  if (entitlement === null) return { kind: 'plan', chosen: [] };
  return isEverything(entitlement) ? { kind: 'all', chosen: [] } : { kind: 'chosen', chosen: [...entitlement] };
}

/** As it is sent; null for what the plan says. */
export function entitlementIn({ kind, chosen }: EntitlementValues): string[] | null {
  if (kind === 'plan') return null;
  return kind === 'all' ? [...everything] : chosen;
}

/** Its own list, or its plan's; everything without a plan. */
export function entitlementOf(
  { entitlement, planId }: Pick<Organization, 'entitlement' | 'planId'>,
  plans: readonly Plan[],
): readonly string[] {
  return entitlement ?? entitlementOfPlan(planId, plans);
}

/** Everything without a plan. */
export function entitlementOfPlan(planId: string | null, plans: readonly Plan[]): readonly string[] {
  return plans.find(({ id }) => id === planId)?.entitlement ?? everything;
}

/** The permissions of APIs that `before` has and `after` has not. */
export function lostBetween(
  before: readonly string[],
  after: readonly string[],
  catalogue: readonly Permission[],
): string[] {
  const isLost = (name: string) => holds(before, name) && !holds(after, name);
  return catalogue.filter(({ name, builtIn }) => !builtIn && isLost(name)).map(({ name }) => name);
}
