// What has been observed long enough counts by itself, everywhere at once. Here it is then written down as what it is, so
// that the journal, and whoever follows it, has it too. For the machine itself.

import { systemIn } from '../../caller/caller.ts';
import type { Clock } from '../../clock.ts';
import { entryOf } from '../../journal/entry.ts';
import type { Writer } from '../../writer.ts';
import type { Changes, ObservedThing, Reading } from '../ports.ts';

type Settling = Changes<'apiTokens' | 'organizations' | 'plans' | 'observations'>;

/** Answers how many came to count. */
export async function settleObserved(
  ports: Reading<'observations'> & { store: Writer<Settling>; clock: Clock },
): Promise<number> {
  const at = ports.clock();
  const due = await ports.store.observations.due(at, mostAtOnce);
  for (const thing of due) await ports.store.write((changes) => settle(changes, thing, at));
  return due.length;
}

/** Nobody's where it was changed meanwhile. What is read is as it is now, with nothing observed any more. */
async function settle(changes: Settling, thing: ObservedThing, at: number): Promise<void> {
  if (!(await changes.observations.take(thing))) return;
  const { subject, organizationId } = thing;
  const { id } = subject;
  const system = systemIn({ id: organizationId ?? '', name: '' });
  const because = 'observed';
  if (subject.type === 'api_token' && organizationId !== null) {
    const token = await changes.apiTokens.find(organizationId, id);
    if (token === null || token.narrowing !== null) return;
    const { permissions, addresses, apis } = token;
    const reach = { permissions, addresses, apis, narrowing: null };
    if (!(await changes.apiTokens.update(organizationId, id, { ...reach, updatedAt: at }))) return;
    changes.journal(entryOf(system, at, 'api_token.changed', subject, { ...reach, because }));
  } else if (subject.type === 'organization') {
    const organization = await changes.organizations.claim(id);
    if (organization === null || organization.observed !== null) return;
    const { entitlement } = organization;
    if (!(await changes.organizations.update(id, { entitlement, observed: null }))) return;
    changes.journal(entryOf(system, at, 'organization.changed', subject, { entitlement, observed: null, because }, id));
  } else if (subject.type === 'plan') {
    const plan = await changes.plans.claim(id);
    if (plan === null || plan.observed !== null) return;
    await changes.plans.put(plan);
    changes.journal(entryOf(system, at, 'plan.changed', subject, { ...plan, because }));
  }
}

const mostAtOnce = 200;
