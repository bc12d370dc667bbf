// What a credential made, as it travels.

import type { Descendants } from '@keyward/sdk/wire';
import type { Caller } from '../../core/caller/caller.ts';
import type { Core } from '../../core/core.ts';
import type { Descendant } from '../../core/credentials/records.ts';

/** The `descendants` of something that is shown. */
export async function descendantsShown(
  core: Core,
  caller: Caller,
  root: Pick<Descendant, 'type' | 'id'>,
): Promise<Descendants> {
  const { items, total } = await core.descendantsOf(caller, root);
  const shown = items.map(({ type, id, organization, name, state, createdBy }) => {
    const elsewhere = organization.id === caller.organization.id ? {} : { organization };
    return { type, id, ...elsewhere, name, state, createdBy };
  });
  return { items: shown, total };
}
