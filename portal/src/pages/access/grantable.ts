// What can be given to a token or a role here: the catalogue without what the organization is not entitled to, and, of that,
// why some of it is not this person's to give. The server decides all the same.

import type { Permission } from '@keyward/sdk/wire';
import { holds, useSession } from '../../session.ts';
import { partWords } from '../../words/parts.ts';
import { useCatalogue, useRoles } from './catalogue.ts';

/**
 * What would be of use to anybody in the organization. A customer's catalogue leaves out the rest itself; the operator's shows
 * all, and there what the session holds and may not do is what the organization is not entitled to.
 */
export function useOffered(): readonly Permission[] {
  const catalogue = useCatalogue();
  const { held, permissions } = useSession();
  return catalogue.filter(({ name }) => holds(permissions, name) || !holds(held, name));
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
