// What can be given to a token or a role here: the catalogue without what the organization is not entitled to, and, of that,
// why some of it is not this person's to give. The server decides all the same.

import type { Permission } from '@keyward/sdk/wire';
import { holds, useSession } from '../../session.ts';
import { partWords } from '../../words/parts.ts';
import { useCatalogue } from './catalogue.ts';

/**
 * What would be of use to anybody in the organization. A customer's catalogue leaves out the rest itself; the operator's shows
 * all, and there what the session holds and may not do is what the organization is not entitled to.
 */
export function useOffered(): readonly Permission[] {
  const catalogue = useCatalogue();
  const { held, permissions } = useSession();
  return catalogue.filter(({ name }) => holds(permissions, name) || !holds(held, name));
}

/** Why the signed in may not give a permission, in words; `kept` is held already by what is changed, and may stay. */
export function useWhyNot(kept: readonly string[] = []): (name: string) => string | undefined {
  const { held } = useSession();
  return (name) => (holds(kept, name) || holds(held, name) ? undefined : partWords.permissions.notHeld);
}
