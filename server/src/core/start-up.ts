// What a server needs in its database before it can answer: plans and signing keys. Repeating it changes nothing.

import { systemIn } from './caller/caller.ts';
import { startingPlans } from './checking/plan.ts';
import { entryOf } from './journal/entry.ts';
import type { Ports } from './ports.ts';
import { demandSealingKeys } from './tokens/sealing-key-check.ts';
import { ensureSigningKeys } from './tokens/signing-keys.ts';

/** Throws `conflict` if the sealing keys are not those of the database, before anything is changed. */
export async function prepare(ports: Ports): Promise<void> {
  await demandSealingKeys(ports);
  if ((await ports.store.plans.list()).length === 0) {
    const at = ports.clock();
    await ports.store.write(async (changes) => {
      for (const plan of startingPlans) {
        await changes.plans.put(plan);
        changes.journal(entryOf(systemIn(), at, 'plan.changed', { type: 'plan', id: plan.id }, { ...plan }));
      }
    });
  }
  await ports.plans.reload();
  await ensureSigningKeys(ports, systemIn());
}
