// An organization's budget given back before its time, by an operator. What is leased at that moment goes on counting.

import { type Caller, demandOperator } from '../caller/caller.ts';
import { writeAs } from '../caller/write-as.ts';
import { notFound } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import { keysOfOrganization } from './limit.ts';
import type { Changing, LimitStore, Reading } from './ports.ts';

/** What the journal calls it: nodes that read it forget what they remember of refusals. */
export const budgetReset = 'organization.budget_reset';

/**
 * Forgets what was counted for an organization, for its credentials and for addresses in it. Operators only, with
 * `update:plan`. Throws `unavailable` if the limits cannot be asked.
 */
export async function resetBudget(
  ports: Reading<'organizations'> & Changing<'organizations'> & { limits: Pick<LimitStore, 'reset'> },
  caller: Caller,
  id: string,
): Promise<void> {
  demandOperator(caller, 'update:plan');
  const organization = await ports.store.organizations.find(id);
  if (organization === null || organization.lifecycle.deletedAt !== null) throw notFound('organization');
  // First, so that nodes which hear of it find nothing counted.
  await ports.limits.reset(keysOfOrganization(id));
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    changes.journal(entryOf(caller, at, budgetReset, { type: 'organization', id }, {}, id));
  });
}
