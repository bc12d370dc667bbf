// Has webhooks told what is no change: limits that are spent, refusals that are unusual, tokens that expire. What is told of is decided
// in core.

import { noticeExpiry } from '../core/feed/notices/expiry.ts';
import { noticeLimits } from '../core/feed/notices/limits.ts';
import { noticeRefusals } from '../core/feed/notices/refusals.ts';
import type { Ports } from '../core/ports.ts';

export const noticesMs = 2_000;
const refusalsMs = 60_000;
const expiryMs = 600_000;

/** To be called every `noticesMs`: it looks at limits each time, and at the others from time to time by the server's clock. */
export function createNoticeChore(ports: Ports): () => Promise<void> {
  let refusalsAt = Number.NEGATIVE_INFINITY;
  let expiryAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const interests = await ports.store.webhooks.interests(null);
    if (interests.length === 0) return;
    const now = ports.clock();
    const [looksAtRefusals, looksAtExpiry] = [now >= refusalsAt + refusalsMs, now >= expiryAt + expiryMs];
    for (const [organizationId, its] of Map.groupBy(interests, (one) => one.organizationId)) {
      await noticeLimits(ports, organizationId, its);
      if (looksAtRefusals) await noticeRefusals(ports, organizationId, its);
      if (looksAtExpiry) await noticeExpiry(ports, organizationId, its);
    }
    if (looksAtRefusals) refusalsAt = now;
    if (looksAtExpiry) expiryAt = now;
  };
}
