// Tells of limits of which four fifths, or all, are spent: an organization's, by its plan, and those of API tokens that were used
// lately. It looks at counters from time to time; nothing of it is part of a check.

import type { CachedCredentialLookup } from '../../caller/ports.ts';
import { chargesOf, organizationCharges } from '../../checking/charges.ts';
import { type Charge, limitKey } from '../../checking/limit.ts';
import type { PlanCache } from '../../checking/plan-cache.ts';
import type { LimitStore, Reading } from '../../checking/ports.ts';
import type { Plan } from '../../checking/records.ts';
import { hourOf } from '../../checking/usage.ts';
import type { OrganizationReads } from '../../identity/ports.ts';
import type { WebhookInterest } from '../webhooks/records.ts';
import { give, isWanted, type Notice, type NoticePorts } from './notice.ts';

type Ports = NoticePorts &
  Reading<'usage'> & {
    store: { organizations: Pick<OrganizationReads, 'find'> };
    plans: Pick<PlanCache, 'find'>;
    limits: Pick<LimitStore, 'look'>;
    credentials: Pick<CachedCredentialLookup, 'bySource'>;
  };

/** What is left of a limit that is nearly reached. */
const nearly = 0.2;
/** However short a limit's window is, no more often. */
const shortestMs = 3_600_000;
const mostTokens = 100;

/** `interests`: of one organization. */
export async function noticeLimits(
  ports: Ports,
  organizationId: string,
  interests: readonly WebhookInterest[],
): Promise<void> {
  const wants = (type: string) =>
    ['limit_nearly_reached', 'limit_reached'].some((one) => isWanted(interests, `${type}.${one}`));
  const ofTokens = wants('api_token');
  if (!ofTokens && !wants('organization')) return;
  const organization = await ports.store.organizations.find(organizationId);
  if (organization === null) return;
  const plan = organization.planId === null ? null : (ports.plans.find(organization.planId) ?? null);
  const subject = { type: 'organization', id: organizationId };
  const charges = plan === null ? [] : organizationCharges(organization, plan).map((charge) => ({ charge, subject }));
  const own = ofTokens ? await tokenCharges(ports, organizationId, plan) : [];
  const notices: Notice[] = [];
  for (const { charge, subject } of [...charges, ...own]) {
    const notice = await noticeOf(ports, organizationId, charge, subject);
    if (notice !== null && isWanted(interests, notice.action)) notices.push(notice);
  }
  await give(ports, notices);
}

/** What counts single tokens, of those that called in this hour: the busiest. */
async function tokenCharges(ports: Ports, organizationId: string, plan: Plan | null) {
  const now = ports.clock();
  const query = { from: hourOf(now), until: now + 1, group: 'total', by: 'source' } as const;
  const sums = await ports.store.usage.sums(organizationId, query, mostTokens);
  const found: { charge: Charge; subject: { type: string; id: string } }[] = [];
  for (const { source } of sums) {
    if (source?.type !== 'api_token') continue;
    const record = await ports.credentials.bySource(source);
    if (record === null) continue;
    const spender = { organization: record.organization, source, token: record.token };
    const begins = (['token', 'credential'] as const).map((kind) => limitKey(kind, organizationId));
    const charges = chargesOf(spender, plan, '').filter(({ key }) => begins.some((one) => key.startsWith(one)));
    found.push(...charges.map((charge) => ({ charge, subject: { type: 'api_token', id: source.id } })));
  }
  return found;
}

async function noticeOf(
  { limits, clock }: Ports,
  organizationId: string,
  { key, quota, name }: Charge,
  subject: { type: string; id: string },
): Promise<Notice | null> {
  const { remaining, unavailable } = await limits.look(key, quota, 1);
  if (unavailable !== undefined || remaining > quota.limit * nearly) return null;
  const isReached = remaining < 1;
  const { limit, windowMs } = quota;
  return {
    organizationId,
    action: `${subject.type}.${isReached ? 'limit_reached' : 'limit_nearly_reached'}`,
    subject,
    detail: { limit: name, calls: limit, windowMs, remaining: Math.max(0, remaining) },
    once: name,
    until: clock() + Math.max(windowMs, shortestMs),
  };
}
