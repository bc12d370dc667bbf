// An exchange as a use of the credential that was exchanged, and how long what is made from it may last.

import { exchangeRule, type UseRecorder, type UseVerdict } from '../caller/use.ts';
import type { Proved } from './proof.ts';

/** Counted beside calls, as what is in use because of it: about how many access tokens there are is known from it. */
export function tellUse(
  ports: { usage: UseRecorder },
  { source, organization, secret }: Proved,
  { address, userAgent }: { address?: string | undefined; userAgent?: string | undefined },
  verdict: UseVerdict,
  inUseUntil = 0,
): void {
  ports.usage.saw({
    source,
    organizationId: organization.id,
    verdict,
    rule: exchangeRule,
    address: address ?? null,
    userAgent: userAgent ?? null,
    ...(secret !== undefined && { presented: { secret, inUseUntil } }),
  });
}

/** An access token never outlives what it was made from; it lasts a second at least, in which it is refused with that. */
export function lifetimeWithin(lifetimeMs: number, expiresAt: number | null, now: number): number {
  const issuedAt = Math.floor(now / 1000) * 1000;
  return expiresAt === null ? lifetimeMs : Math.min(lifetimeMs, Math.max(1000, expiresAt - issuedAt));
}
