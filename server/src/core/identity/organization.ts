// Organizations: the tenants. Each operation is the operating organization's, but for looking at one's own.

import {
  type Caller,
  demand,
  demandConfirmed,
  demandGrantable,
  demandOperator,
  isOperating,
} from '../caller/caller.ts';
import { demandEntitlement } from '../caller/catalogue.ts';
import { demandReleased } from '../caller/credential-lifecycle.ts';
import { newLifecycle } from '../caller/lifecycle.ts';
import { checkedObservation, nothingToObserve, type WantedObservation } from '../caller/observation.ts';
import { writeAs } from '../caller/write-as.ts';
import { invalid, KeywardError, notFound } from '../errors.ts';
import {
  checkedExternal,
  type ExternalRecord,
  externalIdTaken,
  journalled,
  journalledNew,
  newExternal,
} from '../external-record.ts';
import { entryOf } from '../journal/entry.ts';
import { checkedOrganizationName } from '../name.ts';
import type { Page, PageRequest } from '../page.ts';
import { generatePassword, newId } from '../secret.ts';
import type { Setting } from '../settings.ts';
import { checkedLeakPolicy, type LeakPolicy, usualLeakPolicy } from './leak-policy.ts';
import type { Changes, Changing, ChoosingPassword, ExternalFilter, OrganizationReads, Reading } from './ports.ts';
import type { Organization, User } from './records.ts';
import { checkedPatterns } from './role.ts';
import { createUser, keepUser, newUser } from './user.ts';

export interface NewOrganization extends Partial<ExternalRecord> {
  name: string;
  /** The setting `defaultPlan` if left out; null for no limit. */
  planId?: string | null;
  contributors?: number;
  longestTokenLifetimeMs?: number | null;
  /** What it may hold at most, in place of what its plan says. */
  entitlement?: readonly string[] | null;
  leakPolicy?: LeakPolicy;
  isOperator?: boolean;
}

/** Operators only. Throws `conflict` if the name or external id is taken, `invalid_request` for an unknown plan. */
export async function createOrganization(
  ports: Setting<'defaultPlan'> & Changing<'organizations' | 'plans' | 'permissions'>,
  caller: Caller,
  wanted: NewOrganization,
): Promise<Organization> {
  demandOperator(caller, 'create:organization');
  const at = ports.clock();
  const organization: Organization = {
    id: newId(),
    name: checkedOrganizationName('name', wanted.name),
    isOperator: wanted.isOperator === true && caller.type === 'system',
    planId: wanted.planId === undefined ? ports.settings.defaultPlan : wanted.planId,
    contributors: checkedContributors(wanted.contributors ?? 1),
    longestTokenLifetimeMs: checkedLifetime(wanted.longestTokenLifetimeMs ?? null),
    entitlement: checkedEntitlement(wanted.entitlement ?? null),
    leakPolicy: checkedLeakPolicy(wanted.leakPolicy ?? usualLeakPolicy),
    observed: null,
    ...newExternal(wanted),
    createdAt: at,
    lifecycle: newLifecycle,
  };
  return writeAs(ports, caller, async (changes) => {
    await demandEntitlement(changes.permissions, organization.entitlement ?? []);
    await demandPlan(changes, organization.planId);
    if (!(await changes.organizations.insert(organization))) throw await taken(changes, organization);
    const { name, planId, contributors, longestTokenLifetimeMs, entitlement } = organization;
    const lifetime = longestTokenLifetimeMs === null ? {} : { longestTokenLifetimeMs };
    const bound = entitlement === null ? {} : { entitlement };
    const leaks = wanted.leakPolicy === undefined ? {} : { leakPolicy: organization.leakPolicy };
    const detail = { name, planId, contributors, ...lifetime, ...bound, ...leaks, ...journalledNew(organization) };
    changes.journal(entryOf(caller, at, 'organization.created', subjectOf(organization.id), detail, organization.id));
    return organization;
  });
}

/**
 * An owner for an organization that has nobody to ask yet, or nobody left: an owner may do everything, so that this needs
 * `*:*` beside `create:organization`, and a confirmed session. Operators only; of the caller's own organization only an
 * owner makes one, as `createUser` says. The generated password is answered this once.
 */
export async function addOwner(
  ports: Reading<'organizations'> & Changing<'organizations' | 'users' | 'apiUsers' | 'roles'> & ChoosingPassword,
  caller: Caller,
  id: string,
  wanted: { email: string; name: string },
): Promise<{ user: User; password: string }> {
  demandOperator(caller, 'create:organization');
  if (id === caller.organization.id) return createUser(ports, caller, { ...wanted, role: 'owner' });
  await readOrganization(ports, caller, id);
  demandGrantable(caller, ['*:*']);
  const user = newUser(ports, caller, id, { ...wanted, role: 'owner' });
  demandConfirmed(caller, user.createdAt);
  const password = generatePassword();
  const passwordHash = await ports.passwords.hash(password);
  return writeAs(ports, caller, async (changes) => {
    existing(await changes.organizations.find(id));
    return { user: await keepUser(changes, caller, user, passwordHash), password };
  });
}

/** One's own with `read:organization`, any other with one of the operator's own permissions too. */
export async function readOrganization(
  ports: Reading<'organizations'>,
  caller: Caller,
  id: string,
): Promise<Organization> {
  demand(caller, 'read:organization');
  if (!isWithin(caller, id)) throw notFound('organization');
  return existing(await ports.store.organizations.find(id));
}

/**
 * All of them for callers of the operator's organization that hold one of the operator's own permissions beside
 * `read:organization`: being a member there shows nobody who the customers are. Everyone else is shown their own.
 */
export async function listOrganizations(
  ports: Reading<'organizations'>,
  caller: Caller,
  page: PageRequest,
  filter: ExternalFilter = {},
): Promise<Page<Organization>> {
  demand(caller, 'read:organization');
  const own = isOperating(caller) ? {} : { id: caller.organization.id };
  return ports.store.organizations.list(page, { ...filter, ...own });
}

export type OrganizationChange = Partial<
  Pick<
    Organization,
    'name' | 'planId' | 'contributors' | 'longestTokenLifetimeMs' | 'entitlement' | 'leakPolicy' | keyof ExternalRecord
  >
> & {
  /** The entitlement is only observed until then; null ends an observation. */
  observe?: WantedObservation;
};

/**
 * The name of one's own, how long its tokens may live and what becomes of those that leaked, with `update:organization`; of any as an operator, what it may
 * spend and hold with `update:plan`. An external id and metadata are the provider's own record of a customer: only operators change them.
 */
export async function updateOrganization(
  ports: Changing<'organizations' | 'plans' | 'permissions'>,
  caller: Caller,
  id: string,
  change: OrganizationChange,
): Promise<Organization> {
  demand(caller, 'update:organization');
  if (!isWithin(caller, id)) throw notFound('organization');
  const { planId, contributors, entitlement, observe } = change;
  if ([planId, contributors, entitlement, observe].some((one) => one !== undefined))
    demandOperator(caller, 'update:plan');
  if (change.externalId !== undefined || change.metadata !== undefined) demandOperator(caller, 'update:organization');
  if (change.name !== undefined) checkedOrganizationName('name', change.name);
  if (change.contributors !== undefined) checkedContributors(change.contributors);
  if (change.longestTokenLifetimeMs !== undefined) checkedLifetime(change.longestTokenLifetimeMs);
  if (change.leakPolicy !== undefined) checkedLeakPolicy(change.leakPolicy);
  const { externalId: _, metadata: __, observe: ___, entitlement: ____, ...named } = change;
  const external = checkedExternal(change);
  const at = ports.clock();
  const bound = entitlementIn(change, at);
  const next = { ...named, ...bound, ...external };
  return writeAs(ports, caller, async (changes) => {
    const organization = existing(await changes.organizations.claim(id));
    await demandEntitlement(changes.permissions, entitlement ?? [], organization.entitlement ?? []);
    if (planId !== undefined) await demandPlan(changes, planId);
    if (!(await changes.organizations.update(id, next))) throw await taken(changes, { ...organization, ...next });
    const { observed, ...held } = bound;
    const isTold = observed != null || (observed === null && organization.observed !== null);
    const detail = { ...named, ...held, ...(isTold && { observed }), ...journalled(external) };
    changes.journal(entryOf(caller, at, 'organization.changed', subjectOf(id), detail, id));
    return { ...organization, ...next };
  });
}

/** Ends everything that the organization's credentials can do, at once. Operators only. */
export async function deactivateOrganization(
  ports: Changing<'organizations'>,
  caller: Caller,
  id: string,
): Promise<void> {
  await changeLifecycle(ports, caller, id, 'update', 'deactivated', (changes, at) =>
    changes.organizations.deactivate(id, at),
  );
}

/** Lets its credentials work again; access tokens from before stay dead. Operators only. */
export async function activateOrganization(
  ports: Changing<'organizations'>,
  caller: Caller,
  id: string,
): Promise<void> {
  await changeLifecycle(ports, caller, id, 'update', 'activated', (changes, _at, { lifecycle }) => {
    demandReleased(lifecycle);
    return changes.organizations.activate(id);
  });
}

/** Operators only. A new organization of the same name inherits nothing. Harmless when repeated. */
export async function deleteOrganization(ports: Changing<'organizations'>, caller: Caller, id: string): Promise<void> {
  await changeLifecycle(ports, caller, id, 'delete', 'deleted', (changes, at) => changes.organizations.delete(id, at));
}

async function changeLifecycle(
  ports: Changing<'organizations'>,
  caller: Caller,
  id: string,
  verb: 'update' | 'delete',
  done: string,
  apply: (changes: Changes<'organizations'>, at: number, organization: Organization) => Promise<boolean>,
): Promise<void> {
  demandOperator(caller, `${verb}:organization`);
  if (id === caller.organization.id) throw new KeywardError('conflict', 'You cannot do this to your own organization.');
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    const organization = await changes.organizations.find(id);
    const mayBeDeleted = verb === 'delete';
    if (organization === null || (organization.lifecycle.deletedAt !== null && !mayBeDeleted)) {
      throw notFound('organization');
    }
    if (await apply(changes, at, organization)) {
      changes.journal(entryOf(caller, at, `organization.${done}`, subjectOf(id), {}, id));
    }
  });
}

function isWithin(caller: Caller, id: string): boolean {
  return id === caller.organization.id || isOperating(caller);
}

function existing(organization: Organization | null): Organization {
  if (organization === null || organization.lifecycle.deletedAt !== null) throw notFound('organization');
  return organization;
}

function checkedContributors(contributors: number): number {
  if (Number.isSafeInteger(contributors) && contributors >= 1 && contributors <= 1_000_000) return contributors;
  throw invalid('contributors', 'The number of contributors is a whole number from 1 to 1,000,000.');
}

function checkedLifetime(ms: number | null): number | null {
  if (ms === null || (Number.isSafeInteger(ms) && ms >= 60_000 && ms <= 3650 * 86_400_000)) return ms;
  throw invalid('longestTokenLifetimeMs', 'Use a whole number of milliseconds from 60000 to 315360000000, or null.');
}

function checkedEntitlement(patterns: readonly string[] | null): readonly string[] | null {
  return patterns === null ? null : checkedPatterns('entitlement', patterns);
}

/** What it may hold, from now on or from a later time on. What is said anew ends an observation of what was said before. */
function entitlementIn(
  { entitlement, observe }: OrganizationChange,
  now: number,
): Partial<Pick<Organization, 'entitlement' | 'observed'>> {
  if (observe == null) {
    const isOver = observe === null || entitlement !== undefined;
    const bound = entitlement === undefined ? {} : { entitlement: checkedEntitlement(entitlement) };
    return isOver ? { ...bound, observed: null } : bound;
  }
  if (entitlement == null) throw nothingToObserve('entitlement, as a list');
  return {
    observed: { ...checkedObservation(observe, now), entitlement: checkedPatterns('entitlement', entitlement) },
  };
}

async function demandPlan(changes: Changes<'plans'>, id: string | null): Promise<void> {
  if (id === null || (await changes.plans.find(id)) !== null) return;
  throw invalid('planId', `There is no plan ${id}. Create it first, name another, or say null for no limit.`);
}

/** Which of the two that are unique is another's. */
async function taken(
  { organizations }: { organizations: Pick<OrganizationReads, 'findByExternalId'> },
  { id, name, externalId }: Organization,
): Promise<KeywardError> {
  const other = externalId === null ? null : await organizations.findByExternalId(externalId);
  if (externalId !== null && other !== null && other.id !== id) return externalIdTaken('an organization', externalId);
  return new KeywardError('conflict', `There is an organization named ${name} already.`);
}

function subjectOf(id: string) {
  return { type: 'organization', id };
}
