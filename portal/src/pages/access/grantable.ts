// What can be given to a token or a role here: the catalogue without what the organization is not entitled to, and, of that,
// why some of it is not this person's to give. The server decides all the same.

import type { Permission, PlanList } from '@keyward/sdk/wire';
import { useQuery } from '@tanstack/react-query';
import { actingFor } from '../../acting.ts';
import { api } from '../../api.ts';
import { holds, useCustomer, useSession } from '../../session.ts';
import { partWords } from '../../words/parts.ts';
import { entitlementOf } from '../entitlements/entitlement.ts';
import { useCatalogue, useRoles } from './catalogue.ts';

/**
 * What would be of use to anybody in the organization. A customer's catalogue leaves out the rest itself; the operator's shows
 * all, and there what the session holds and may not do is what the organization is not entitled to. Whoever works for a customer
 * sees the operator's catalogue, as far as that customer is entitled to it.
 */
export function useOffered(): readonly Permission[] {
  const catalogue = useCatalogue();
  const { held, permissions } = useSession();
  const entitlement = useCustomersEntitlement();
  if (actingFor !== null) return catalogue.filter(({ name, builtIn }) => builtIn || holds(entitlement, name));
  return catalogue.filter(({ name }) => holds(permissions, name) || !holds(held, name));
}

/** Nothing until it is known. */
function useCustomersEntitlement(): readonly string[] {
  const customer = useCustomer();
  const { data } = useQuery({
    queryKey: ['/v1/plans'],
    queryFn: ({ signal }) => api.get<PlanList>('/v1/plans', {}, signal),
    enabled: actingFor !== null,
  });
  return customer === undefined || data === undefined ? [] : entitlementOf(customer, data.items);
}

/**
 * Why the signed in may not give a permission, in words. `kept` is held already by what is changed, and may stay; `role` is that of
 * somebody else who is to own it, and bounds it too.
 */
export function useWhyNot({
  kept = [],
  role,
}: {
  kept?: readonly string[];
  role?: string | undefined;
} = {}): (name: string) => string | undefined {
  const { held } = useSession();
  const owner = useRoles().find(({ name }) => name === role);
  return (name) => {
    if (holds(kept, name)) return undefined;
    if (!holds(held, name)) return partWords.permissions.notHeld;
    return owner === undefined || holds(owner.permissions, name)
      ? undefined
      : partWords.permissions.notOwners(owner.name);
  };
}
