// An organization's budget given back before its time, by an operator. What is leased at that moment goes on counting.

import { type Caller, demandOperator } from '../caller/caller.ts';
import { writeAs } from '../caller/write-as.ts';
import { notFound } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import { keysOfOrganization } from './limit.ts';
import type { Changing, LimitStore } from './ports.ts';

/** What the journal calls it, once it is done: nodes that read it forget what they remember of refusals. */
export const budgetReset = 'organization.budget_reset';
/** And before: none is given back of which the journal says nothing. */
const budgetResetBegun = 'organization.budget_reset_begun';

/**
 * Forgets what was counted for an organization, for its credentials and for addresses in it. Operators only, with
 * `update:plan`. Throws `unavailable` if the limits or the journal cannot be reached.
 */
export async function resetBudget(
  ports: Changing<'organizations'> & { limits: Pick<LimitStore, 'reset'> },
  caller: Caller,
  id: string,
): Promise<void> {
  demandOperator(caller, 'update:plan');
  const at = ports.clock();
  const entry = (action: string) => entryOf(caller, at, action, { type: 'organization', id }, {}, id);
  await writeAs(ports, caller, async (changes) => {
    const organization = await changes.organizations.find(id);
    if (organization === null || organization.lifecycle.deletedAt !== null) throw notFound('organization');
    changes.journal(entry(budgetResetBegun));
  });
  await ports.limits.reset(keysOfOrganization(id));
  // Told afterwards, so that nodes which hear of it find nothing counted.
  await ports.store.write(async (changes) => changes.journal(entry(budgetReset)));
}
