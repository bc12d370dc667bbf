// Leaked API tokens whose shortened life is over: they are deactivated, so that they say why, and what they made with them. That
// they are refused from their end on does not wait for this. Whoever has moved the end meanwhile has kept them.

import { systemIn } from '../../caller/caller.ts';
import type { Clocked } from '../../clock.ts';
import { usualLeakPolicy } from '../../identity/leak-policy.ts';
import type { Writer } from '../../writer.ts';
import type { Changes, Reading } from '../ports.ts';
import { deactivateLeaked, endDescendants, type Nouns } from './apply-policy.ts';

const mostAtOnce = 100;

/** Ends what is due, a hundred at most; answers how many. For the machine itself. */
export async function endDueLeaks(
  ports: Reading<'apiTokens'> & Clocked & { store: Writer<Changes<Nouns>> },
): Promise<number> {
  const at = ports.clock();
  const due = await ports.store.apiTokens.leakedAndDue(at, mostAtOnce);
  for (const { organizationId, id } of due) {
    const actor = systemIn({ id: organizationId, name: '' });
    let hasMore = true;
    while (hasMore) {
      hasMore = await ports.store.write(async (changes) => {
        const token = await changes.apiTokens.find(organizationId, id);
        if (token === null || token.leakEndsAt === null || (token.expiresAt ?? at + 1) > at) return false;
        const policy = (await changes.organizations.find(organizationId))?.leakPolicy ?? usualLeakPolicy;
        const isMore = policy.descendants && (await endDescendants(changes, actor, token, at));
        // Last, so that whatever is left undone is found again.
        if (!isMore) await deactivateLeaked(changes, actor, token, at);
        return isMore;
      });
    }
  }
  return due.length;
}
