// Leases for verifiers in other people's processes: parts of organizations' budgets that they spend by themselves. How much
// is lent, and how that counts, is the ledger's to say (rules/ledger.ts); here is whose budget it is.

import { hasIdForm, isNamedBy } from '@keyward/rules/organization-handle';
import { type Caller, demand } from '../caller/caller.ts';
import { invalid, KeywardError } from '../errors.ts';
import type { Organization } from '../identity/records.ts';
import type { JournalProgress } from '../journal/ports.ts';
import { whenReached } from '../journal/when-reached.ts';
import { newId } from '../secret.ts';
import { lendableOf } from './charges.ts';
import type { LeaseRegistry, Lent } from './lease-registry.ts';
import type { WhenUnavailable } from './limit.ts';
import type { PlanCache } from './plan-cache.ts';
import type { LimitStore, Reading } from './ports.ts';
import type { Plan } from './records.ts';

export type LeasingPorts = Reading<'organizations'> & {
  plans: Pick<PlanCache, 'find'>;
  limits: Pick<LimitStore, 'lease'>;
  leases: LeaseRegistry;
  subscribers: JournalProgress;
};

export interface LeasesRequest {
  /** The verifier's name: one per process. */
  verifier: string;
  /** The last entry of the journal that the verifier knows: it is not lent anything by a plan from before. */
  cursor?: number;
  leases: readonly WantedLease[];
}

export interface WantedLease {
  /** Id or name; the caller's own unless said otherwise. */
  organization?: string;
  /** The id of another plan than the organization's. */
  plan?: string;
  /** Whose limit it is, of one that counts tokens or addresses. */
  subject?: string;
  /** Calls; 0 only gives back. */
  wanted: number;
  /** Unspent calls of the lease before; with this request that lease is over, whenever it would have ended. */
  returned?: number;
  /** Those of them that go over into the new lease, whatever is granted: they may be spent until the end of the one before. */
  kept?: number;
}

/** `plan` is null where nothing is limited; then, and with an error, all else is 0. */
export interface Lease {
  organization: string;
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
  /** Why nothing is known of this budget; each call is then to be asked about. */
  error?: LeaseError;
}

export interface LeaseError {
  code: 'not_found' | 'invalid_request' | 'unavailable';
  detail: string;
}

/**
 * Lends parts of budgets, perhaps none, in the order in which they are wanted: of any organization to a caller of the
 * operator's, to any other of its own. What is lent counts as spent until its end and a window more, unless what is left of
 * it comes back. Needs `follow:feed`. What is wrong with one changes nothing for the others, and grants nothing. Throws
 * `unavailable` if the limits cannot be asked at all, `invalid_request` where one budget is asked for twice.
 */
export async function lease(ports: LeasingPorts, caller: Caller, request: LeasesRequest): Promise<Lease[]> {
  demand(caller, 'follow:feed');
  if (request.cursor !== undefined) await whenReached(ports, request.cursor);
  const organizationOf = await findOrganizations(ports, caller, request.leases);
  const wanted = request.leases.map((one) => ({ ...one, to: organizationOf(one.organization) }));
  demandEachOnce(wanted);
  // Verifiers with one credential have different names; those with different ones may not know of each other.
  const holder = `${caller.id}/${request.verifier}`;
  const outcomes = await Promise.all(wanted.map((one) => leaseOne(ports, holder, one).catch(errorOf)));
  const down = outcomes.find((outcome) => outcome instanceof KeywardError);
  if (down !== undefined && outcomes.every((outcome) => outcome instanceof KeywardError)) throw down;
  return outcomes.map((outcome, at): Lease => {
    const organization = wanted[at]?.organization ?? caller.organization.id;
    if (!(outcome instanceof KeywardError)) return { organization, ...outcome };
    const error = { code: 'unavailable', detail: outcome.message } as const;
    return { organization, ...noLimit, retryAfterMs: downMs, error };
  });
}

interface Addressed extends WantedLease {
  /** Null where there is none of that id or name, or none that the caller may know of. */
  to: Organization | null;
}

type Terms = Omit<Lease, 'organization'>;

const noLimit: Terms = {
  plan: null,
  limit: 0,
  windowMs: 0,
  granted: 0,
  expiresInMs: 0,
  retryAfterMs: 0,
  whenUnavailable: 'local',
};

/** After so long what was away may be there again. */
const downMs = 1000;

/** An id wins over a name. */
async function findOrganizations(
  { store }: Reading<'organizations'>,
  { organization: own }: Caller,
  leases: readonly WantedLease[],
): Promise<(handle?: string) => Organization | null> {
  const asked = new Set(leases.map(({ organization = own.id }) => organization));
  const mayKnow = (handle: string) => own.isOperator || isNamedBy(handle, own.id, own.name);
  const found = await store.organizations.findAll([...asked].filter(mayKnow));
  const byId = new Map(found.map((one) => [one.id, one]));
  const byName = new Map(found.filter(({ name }) => !hasIdForm(name)).map((one) => [one.name, one]));
  return (handle = own.id) => (mayKnow(handle) ? (byId.get(handle) ?? byName.get(handle) ?? null) : null);
}

/** What came before of one that is asked for twice could be settled by either. */
function demandEachOnce(wanted: readonly Addressed[]): void {
  const budgets = new Set<string>();
  for (const [at, { to, plan, subject = '' }] of wanted.entries()) {
    if (to === null) continue;
    const budget = `${budgetOf(to, plan)} ${subject}`;
    if (budgets.has(budget)) throw invalid(['body', 'leases', at], 'This budget is asked for twice: ask for it once.');
    budgets.add(budget);
  }
}

/** What a holder asks for a budget by. */
function budgetOf({ id }: Organization, plan = ''): string {
  return `${id} ${plan}`;
}

async function leaseOne(ports: LeasingPorts, holder: string, one: Addressed): Promise<Terms> {
  const { to, organization = '', plan: planId = to?.planId ?? null, returned = 0 } = one;
  if (to === null) return none('not_found', `There is no organization ${JSON.stringify(organization)}.`);
  if (one.subject !== undefined) {
    return none('invalid_request', 'Of limits that count tokens or addresses nothing is lent: ask about each call.');
  }
  if (planId === null) return noLimit;
  const plan = ports.plans.find(planId);
  if (plan === undefined) return none('not_found', `There is no plan ${JSON.stringify(planId)}.`);
  if (plan.limits.length === 0 && plan.observed?.limits === undefined) return noLimit;
  const lendable = lendableOf(to, plan);
  if (lendable === null) return notLent(plan);
  const { key, quota } = lendable;
  const { whenUnavailable = 'local', ...rule } = quota;
  const name = `${holder}/${newId()}`;
  const budget = budgetOf(to, one.plan);
  const before = ports.leases.take(holder, budget);
  const settles = before?.key === key ? before : null;
  const kept = Math.min(one.kept ?? 0, Math.max(0, (settles?.amount ?? 0) - returned));
  const granted = await ports.limits.lease(key, rule, {
    holder,
    lease: name,
    needed: 0,
    atLeast: 0,
    wanted: one.wanted,
    settled: settles === null ? [] : [settled(settles, returned + kept)],
    kept,
  });
  const amount = granted.granted + kept;
  if (amount > 0) ports.leases.put(holder, budget, { key, name, amount }, granted.forMs + rule.windowMs);
  return {
    plan: plan.id,
    ...rule,
    granted: granted.granted,
    expiresInMs: granted.granted > 0 ? granted.forMs : 0,
    retryAfterMs: granted.granted > 0 ? 0 : granted.retryAfterMs,
    whenUnavailable,
  };
}

function none(code: LeaseError['code'], detail: string): Terms {
  return { ...noLimit, error: { code, detail } };
}

/** Where several limits count a call, or not all calls are counted alike, only Keyward can: each is asked about. */
function notLent({ id, whenUnavailable }: Plan): Terms {
  return { ...noLimit, plan: id, windowMs: askedForMs, retryAfterMs: askedForMs, whenUnavailable };
}

/** How long a verifier asks about each call before it asks for a lease again; a change of the plan it hears of at once. */
const askedForMs = 3_600_000;

/** When calls were spent is not said, so all of them count as of now: never too early. */
function settled({ name, amount }: Lent, unspent: number) {
  const spent = amount - Math.min(amount, unspent);
  return { lease: name, spent: spent === 0 ? [] : [[0, spent] as const] };
}

function errorOf(error: unknown): KeywardError {
  if (error instanceof KeywardError && error.code === 'unavailable') return error;
  throw error;
}
