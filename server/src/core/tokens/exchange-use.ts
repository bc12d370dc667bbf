// An exchange as a use of the credential that was exchanged, and how long what is made from it may last.

import type { CredentialRecord } from '../caller/records.ts';
import { exchangeRule, type UseRecorder, type UseVerdict } from '../caller/use.ts';
import type { Clock } from '../clock.ts';
import { whichSecret } from '../credentials/presented-secret.ts';
import { digestOf } from '../secret.ts';

/** How the credential was used. */
export interface ExchangeUse {
  /** The API token's secret, where that was shown. */
  secret: string | null;
  address: string | undefined;
  userAgent: string | undefined;
}

/** Counted beside calls, as what is in use because of it: about how many access tokens there are is known from it. */
export function tellUse(
  ports: { usage: UseRecorder; clock: Clock },
  { source, organization, token }: CredentialRecord,
  { secret, address, userAgent }: ExchangeUse,
  verdict: UseVerdict,
  inUseUntil = 0,
): void {
  const digest = secret !== null && token?.previous != null ? digestOf(secret) : null;
  const which = digest === null || token === null ? null : whichSecret(token, digest, ports.clock());
  ports.usage.saw({
    source,
    organizationId: organization.id,
    verdict,
    rule: exchangeRule,
    address: address ?? null,
    userAgent: userAgent ?? null,
    ...((which === 'current' || which === 'previous') && { presented: { secret: which, inUseUntil } }),
  });
}

/** An access token never outlives what it was made from; it lasts a second at least, in which it is refused with that. */
export function lifetimeWithin(lifetimeMs: number, expiresAt: number | null, now: number): number {
  const issuedAt = Math.floor(now / 1000) * 1000;
  return expiresAt === null ? lifetimeMs : Math.min(lifetimeMs, Math.max(1000, expiresAt - issuedAt));
}
