// Leases for verifiers in other people's processes: parts of their organization's budget that they spend by themselves.
// How much is lent, and how that counts, is the ledger's to say (rules/ledger.ts); here is whose budget it is.

import { type Caller, demand } from '../caller/caller.ts';
import { notFound } from '../errors.ts';
import type { JournalProgress } from '../journal/ports.ts';
import { whenReached } from '../journal/when-reached.ts';
import { newId } from '../secret.ts';
import { budgetKey, planOf, quotaOf } from './budget.ts';
import type { LeaseRegistry, Lent } from './lease-registry.ts';
import type { WhenUnavailable } from './limit.ts';
import type { PlanCache } from './plan-cache.ts';
import type { LimitStore, Reading } from './ports.ts';

export type LeasingPorts = Reading<'organizations'> & {
  plans: Pick<PlanCache, 'find'>;
  limits: Pick<LimitStore, 'lease'>;
  leases: LeaseRegistry;
  subscribers: JournalProgress;
};

export interface WantedLease {
  /** The verifier's name: one per process. */
  verifier: string;
  /** Calls; 0 only gives back. */
  wanted: number;
  /** Unspent calls of the lease before; with this request that lease is over, whenever it would have ended. */
  returned: number;
  /** The last entry of the journal that the verifier knows: it is not lent anything by a plan from before. */
  cursor?: number;
}

/** `plan` is null where nothing is limited; then all else is 0. */
export interface Lease {
  plan: string | null;
  limit: number;
  windowMs: number;
  granted: number;
  /** Counted from when the request was sent. */
  expiresInMs: number;
  /** With nothing granted: when to ask again. */
  retryAfterMs: number;
  /** What the holder does while no lease can be had (S100). */
  whenUnavailable: WhenUnavailable;
}

/**
 * Lends a part of the budget of the caller's organization, perhaps none. It counts as spent until its end and a window
 * more, unless what is left of it comes back. Needs `follow:feed`. Throws `unavailable` if the limits cannot be asked, and
 * if there is no such plan.
 */
export async function lease(ports: LeasingPorts, caller: Caller, request: WantedLease): Promise<Lease> {
  demand(caller, 'follow:feed');
  if (request.cursor !== undefined) await whenReached(ports, request.cursor);
  const organization = await ports.store.organizations.find(caller.organization.id);
  if (organization === null) throw notFound('organization');
  if (organization.planId === null) return noLimit;
  const plan = planOf(ports, organization.planId);
  const { whenUnavailable = 'local', ...rule } = quotaOf(plan, organization.contributors);
  const key = budgetKey(plan.id, organization);
  // Verifiers with one credential have different names; those with different ones may not know of each other.
  const holder = `${caller.id}/${request.verifier}`;
  const name = `${holder}/${newId()}`;
  const before = ports.leases.take(holder);
  const granted = await ports.limits.lease(key, rule, {
    holder,
    lease: name,
    needed: 0,
    atLeast: 0,
    wanted: request.wanted,
    settled: before?.key === key ? [settled(before, request.returned)] : [],
  });
  if (granted.granted > 0) {
    ports.leases.put(holder, { key, name, amount: granted.granted }, granted.forMs + rule.windowMs);
  }
  return {
    plan: plan.id,
    ...rule,
    granted: granted.granted,
    expiresInMs: granted.granted > 0 ? granted.forMs : 0,
    retryAfterMs: granted.granted > 0 ? 0 : granted.retryAfterMs,
    whenUnavailable,
  };
}

const noLimit: Lease = {
  plan: null,
  limit: 0,
  windowMs: 0,
  granted: 0,
  expiresInMs: 0,
  retryAfterMs: 0,
  whenUnavailable: 'local',
};

/** When calls were spent is not said, so all of them count as of now: never too early. */
function settled({ name, amount }: Lent, returned: number) {
  const spent = amount - Math.min(amount, returned);
  return { lease: name, spent: spent === 0 ? [] : [[0, spent] as const] };
}
