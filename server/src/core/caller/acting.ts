// Acting for a customer: whoever provides the APIs works on what is a customer's own, as far as they hold what that takes
// and the customer is entitled to it. They are no operator there and no owner, and the journal says who they are. Which
// requests may say so is the dialect's.

import { entitledTo } from '@keyward/rules/entitlement';
import { hasIdForm } from '@keyward/rules/organization-handle';
import { invalid, KeywardError } from '../errors.ts';
import { actingPermission, type Caller, demandOperator } from './caller.ts';
import type { Customer, CustomerReads, PlanEntitlements } from './ports.ts';

/**
 * The caller as one of the organization that `handle` names, by its id or else by its name. Needs `act:organization`, and
 * to be of the operator's organization: nobody else is told whether there is such an organization. Throws `not_found`
 * where there is none; one that was deactivated can be acted for. Who names their own acts as themselves.
 */
export async function actFor<C extends Caller>(
  ports: { store: { organizations: CustomerReads; plans: PlanEntitlements } },
  caller: C,
  handle: string,
): Promise<C> {
  demandOperator(caller, actingPermission);
  if (!handlePattern.test(handle)) {
    throw invalid(['query', 'organization'], "Use an organization's id or its name.");
  }
  const { organizations, plans } = ports.store;
  const customer = await organizationNamed(organizations, handle);
  demandThere(customer, handle);
  const { id, name, externalId } = customer;
  if (id === caller.organization.id) return caller;
  const entitlement = await entitlementOf(plans, customer);
  return {
    ...caller,
    organization: { id, name, externalId, isOperator: false, entitlement },
    owner: { ...caller.owner, ...nobody },
    permissions: entitledTo(caller.permissions, entitlement),
    actingFrom: caller.organization,
  };
}

/** The one with this id or else with this name, whose form may be no id's; it may have been deleted. */
export async function organizationNamed(organizations: CustomerReads, handle: string): Promise<Customer | null> {
  return (await organizations.find(handle)) ?? (hasIdForm(handle) ? null : organizations.findByName(handle));
}

/** Throws `not_found` for an organization that does not exist, or that was deleted. */
export function demandThere(customer: Customer | null, handle: string): asserts customer is Customer {
  if (customer !== null && customer.lifecycle.deletedAt === null) return;
  throw new KeywardError('not_found', `There is no organization ${JSON.stringify(handle)}.`);
}

/** As for the customer's own credentials: without a plan there is no bound, and a plan that is not there gives nothing. */
async function entitlementOf(plans: PlanEntitlements, customer: Customer): Promise<readonly string[] | null> {
  const { entitlement, planId } = customer;
  if (entitlement !== null || planId === null) return entitlement;
  return (await plans.find(planId))?.entitlement ?? [];
}

/** Nothing there is its own: no user has this id, and no role this name. */
const nobody = { id: '', role: '' };
const handlePattern = /^[a-z0-9_-]{1,64}$/;
