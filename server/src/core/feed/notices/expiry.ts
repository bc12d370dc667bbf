// Tells of API tokens that expire soon: so many days ahead as webhooks say, once for each end and number of days.

import type { ApiTokenReads } from '../../credentials/ports.ts';
import type { ApiToken } from '../../credentials/records.ts';
import type { WebhookInterest } from '../webhooks/records.ts';
import { give, isWanted, type Notice, type NoticePorts } from './notice.ts';

const action = 'api_token.expiring';
const dayMs = 86_400_000;
const atOnce = 200;

type Ports = NoticePorts & { store: { apiTokens: Pick<ApiTokenReads, 'list'> } };

/** `interests`: of one organization. */
export async function noticeExpiry(
  ports: Ports,
  organizationId: string,
  interests: readonly WebhookInterest[],
): Promise<void> {
  const wanting = interests.filter((one) => isWanted([one], action));
  for (const days of new Set(wanting.map(({ expiringDays }) => expiringDays))) {
    for await (const tokens of expiring(ports, organizationId, days)) {
      await give(
        ports,
        tokens.map((token) => noticeOf(token, days)),
      );
    }
  }
}

async function* expiring({ store, clock }: Ports, organizationId: string, days: number): AsyncGenerator<ApiToken[]> {
  const now = clock();
  const filter = { state: { is: 'active', now }, expiring: { from: now, until: now + days * dayMs } } as const;
  const page = { limit: atOnce, sort: 'expiresAt', descending: false } as const;
  let { items, next } = await store.apiTokens.list(organizationId, page, filter);
  for (;;) {
    if (items.length > 0) yield items;
    if (next === null) return;
    ({ items, next } = await store.apiTokens.list(organizationId, { ...page, after: next }, filter));
  }
}

function noticeOf({ id, organizationId, name, owner, expiresAt }: ApiToken, days: number): Notice {
  const at = expiresAt ?? 0;
  return {
    organizationId,
    action,
    subject: { type: 'api_token', id },
    detail: { name, owner, expiresAt: new Date(at).toISOString(), days },
    once: `${at} ${days}`,
    until: at + dayMs,
  };
}
