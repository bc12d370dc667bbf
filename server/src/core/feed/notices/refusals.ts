// Tells of credentials, and organizations, whose calls are refused more than let in, unlike in the week before: from the counts that
// are written down anyway.

import type { Reading, UsageSums } from '../../checking/ports.ts';
import { hourOf } from '../../checking/usage.ts';
import type { WebhookInterest } from '../webhooks/records.ts';
import { give, isWanted, type Notice, type NoticePorts } from './notice.ts';

type Ports = NoticePorts & Reading<'usage'>;

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** What is looked at: the last half hour and what its first hour holds besides, as counts are by the hour. */
const lookedAtMs = 30 * minuteMs;
const comparedMs = 7 * dayMs;
/** Fewer say nothing. */
const fewestRefused = 20;
/** Refused more than let in. */
const unusual = 0.5;
/** A share that was as usual before is not news. */
const usualBefore = 0.25;
const mostSources = 1000;

interface Calls {
  all: number;
  refused: number;
}

/** `interests`: of one organization. */
export async function noticeRefusals(
  ports: Ports,
  organizationId: string,
  interests: readonly WebhookInterest[],
): Promise<void> {
  const types = ['api_token', 'api_user', 'organization'];
  const wanted = types.filter((type) => isWanted(interests, `${type}.refused_unusually`));
  if (wanted.length === 0) return;
  const now = ports.clock();
  const from = hourOf(now - lookedAtMs);
  const lately = await callsBetween(ports, organizationId, from, now + 1);
  const suspects = [...lately].filter(([, calls]) => isUnusual(calls));
  if (suspects.length === 0) return;
  const before = await callsBetween(ports, organizationId, from - comparedMs, from);
  const notices = suspects.flatMap(([key, calls]): Notice[] => {
    const [type = '', id = ''] = key.split(' ');
    const usual = before.get(key);
    if (!wanted.includes(type) || (usual !== undefined && share(usual) >= usualBefore)) return [];
    const detail = { since: new Date(from).toISOString(), calls: calls.all, refused: calls.refused };
    const subject = { type, id };
    return [{ organizationId, action: `${type}.refused_unusually`, subject, detail, once: '', until: now + dayMs }];
  });
  await give(ports, notices);
}

/** By type and id, of the organization as a whole too. */
async function callsBetween(
  { store }: Ports,
  organizationId: string,
  from: number,
  until: number,
): Promise<Map<string, Calls>> {
  const query: UsageSums = { from, until, group: 'total', by: 'source' };
  const all = await store.usage.sums(organizationId, query, mostSources);
  const allowed = await store.usage.sums(organizationId, { ...query, verdict: 'allowed' }, mostSources);
  const letIn = new Map(allowed.map(({ source, calls }) => [source?.id, calls]));
  const found = new Map<string, Calls>();
  const whole: Calls = { all: 0, refused: 0 };
  for (const { source, calls } of all) {
    if (source === undefined) continue;
    const refused = calls - (letIn.get(source.id) ?? 0);
    found.set(`${source.type} ${source.id}`, { all: calls, refused });
    whole.all += calls;
    whole.refused += refused;
  }
  if (whole.all > 0) found.set(`organization ${organizationId}`, whole);
  return found;
}

function isUnusual(calls: Calls): boolean {
  return calls.refused >= fewestRefused && share(calls) > unusual;
}

function share({ all, refused }: Calls): number {
  return all === 0 ? 0 : refused / all;
}
