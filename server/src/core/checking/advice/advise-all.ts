// What of an organization's API tokens is more than it need be, the riskiest first, each with what mends it. It changes nothing.

import { isHalfOpen } from '@keyward/rules/permission';
import { type Caller, demand } from '../../caller/caller.ts';
import type { CredentialLookup } from '../../caller/ports.ts';
import type { CredentialState } from '../../caller/state.ts';
import type { ApiToken } from '../../credentials/records.ts';
import { statesOfApiTokens } from '../../credentials/states.ts';
import type { Page, Position } from '../../page.ts';
import type { Reading } from '../ports.ts';
import { type Advice, type AdvisingPorts, adviceOn, type Watch, watchFrom } from './advise.ts';
import { dayMs } from './recorder.ts';

export type FindingKind = 'owner_left' | 'wider_than_used' | 'never_used' | 'unused' | 'no_expiry';
export type Risk = 'high' | 'medium' | 'low';

export interface Finding {
  finding: FindingKind;
  risk: Risk;
  token: Pick<ApiToken, 'id' | 'name' | 'owner'>;
  why: string;
  /** What mends it, as a request and as a command. */
  mend: { method: 'PATCH' | 'POST'; path: string; body?: Readonly<Record<string, unknown>>; command: string };
}

const unusedDays = 90;
const newDays = 30;
/** Only so many are looked at, the newest first. */
const mostTokens = 10_000;
const perRead = 200;

/** Needs `read:organization_api_key`. A token may be found for several reasons. */
export async function adviseAll(
  ports: AdvisingPorts & Reading<'usage'> & { store: { credentials: Pick<CredentialLookup, 'bySource'> } },
  caller: Caller,
  { limit, after }: { limit: number; after?: Position },
): Promise<Page<Finding>> {
  demand(caller, 'read:organization_api_key');
  const watch = await watchFrom(ports);
  const { id: organizationId } = caller.organization;
  const found: Finding[] = [];
  let next: Position | null | undefined;
  for (let seen = 0; next !== null && seen < mostTokens; seen += perRead) {
    const request = { limit: perRead, sort: 'createdAt', descending: true, ...(next && { after: next }) } as const;
    const page = await ports.store.apiTokens.list(organizationId, request);
    const ids = page.items.map(({ id }) => id);
    const [uses, lastUses, states] = await Promise.all([
      ports.store.uses.of(organizationId, ids, watch.firstDay),
      ports.store.usage.lastUses(organizationId, 'api_token', ids),
      statesOfApiTokens(ports, page.items),
    ]);
    for (const token of page.items) {
      const own = uses.filter(({ source }) => source.id === token.id);
      // Verifiers elsewhere tell of days, and of no single use.
      const days = own.map(({ lastDay }) => lastDay * dayMs);
      const told = lastUses.get(token.id)?.at;
      const lastUsedAt = latest(told === undefined ? days : [...days, told]);
      const about = { advice: adviceOn(token, own, watch), lastUsedAt };
      found.push(...findingsOn(token, { ...about, state: states.get(token.id), watch, acting: actingFlag(caller) }));
    }
    next = page.next;
  }
  found.sort((one, other) => compare(placeOf(one), placeOf(other)));
  const rest = after === undefined ? found : found.filter((one) => compare(placeOf(one), after) > 0);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, next: last !== undefined && rest.length > limit ? placeOf(last) : null };
}

function latest(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.max(...times);
}

interface About {
  advice: Advice;
  lastUsedAt: number | null;
  state: CredentialState | undefined;
  watch: Watch;
  /** What a command needs beside it; empty for one's own organization. */
  acting: string;
}

function actingFlag({ actingFrom, organization }: Caller): string {
  return actingFrom === undefined ? '' : ` --organization ${organization.id}`;
}

function findingsOn(token: ApiToken, { advice, lastUsedAt, state, watch, acting }: About): Finding[] {
  const { id, name, owner } = token;
  const shared = { token: { id, name, owner } };
  const path = `/v1/tokens/${id}`;
  if (state?.reason === 'owner_deactivated' || state?.reason === 'owner_deleted') {
    const command = `keyward tokens deactivate ${id}${acting}`;
    const mend = { method: 'POST', path: `${path}/deactivate`, command } as const;
    const why = `Whoever owns it is ${state.reason === 'owner_deleted' ? 'gone' : 'deactivated'}: it would work again with them.`;
    return [{ ...shared, finding: 'owner_left', risk: 'high', why, mend }];
  }
  if (state?.state !== 'active') return [];
  const found: Finding[] = [];
  const { proposal } = advice;
  if (proposal !== null) {
    const until = new Date(watch.now + 14 * dayMs).toISOString();
    const body = { ...proposal, observe: { until } };
    const command = `keyward advise --token ${id} --apply --observe 14d${acting}`;
    const mend = { method: 'PATCH', path, body, command } as const;
    found.push({ ...shared, finding: 'wider_than_used', risk: riskOf(token, proposal), why: advice.why, mend });
  }
  const deactivate = {
    method: 'POST',
    path: `${path}/deactivate`,
    command: `keyward tokens deactivate ${id}${acting}`,
  } as const;
  const silentDays = Math.floor((watch.now - (lastUsedAt ?? token.createdAt)) / dayMs);
  if (lastUsedAt === null && silentDays >= newDays) {
    const why = `It was made ${silentDays} days ago and never used.`;
    found.push({ ...shared, finding: 'never_used', risk: 'medium', why, mend: deactivate });
  } else if (lastUsedAt !== null && silentDays >= unusedDays) {
    const why = `It was last used ${silentDays} days ago.`;
    found.push({ ...shared, finding: 'unused', risk: 'medium', why, mend: deactivate });
  }
  if (token.expiresAt === null) {
    const body = { expiresAt: new Date(watch.now + 90 * dayMs).toISOString() };
    const command = `keyward tokens narrow ${id} --expires 90d${acting}`;
    const mend = { method: 'PATCH', path, body, command } as const;
    found.push({ ...shared, finding: 'no_expiry', risk: 'low', why: 'It never ends by itself.', mend });
  }
  return found;
}

function riskOf({ permissions }: ApiToken, { permissions: next }: NonNullable<Advice['proposal']>): Risk {
  if (next === undefined) return 'low';
  if (permissions.includes('*:*')) return 'high';
  return permissions.some(isHalfOpen) ? 'medium' : 'low';
}

const order: readonly Risk[] = ['high', 'medium', 'low'];

function placeOf({ risk, finding, token }: Finding): Position {
  return { key: `${order.indexOf(risk)} ${finding}`, id: token.id };
}

function compare(one: Position, other: Position): number {
  if (one.key !== other.key) return one.key < other.key ? -1 : 1;
  return one.id === other.id ? 0 : one.id < other.id ? -1 : 1;
}
