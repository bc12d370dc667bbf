// The journal over HTTP: the organization's own entries, the newest first, as pages or as one file; and how the chain
// stands that they are part of.

import { Readable } from 'node:stream';
import { ChainStatus, type JournalEntry, JournalExportQuery, JournalList, JournalQuery } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import { invalid } from '../../core/errors.ts';
import type { NamedEntry } from '../../core/journal/named.ts';
import type { JournalFilter } from '../../core/journal/ports.ts';
import { csvRow } from '../csv.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { limitOf, wholeNumber } from './paging.ts';
import { timeInQuery, toTime, toTimeOrNull } from './time.ts';

export function mountJournal(scope: Scope, core: Core): void {
  const list = { querystring: JournalQuery, response: { 200: JournalList } };
  scope.get('/v1/journal', { schema: list }, async (request) => {
    const { limit, before, ...filter } = request.query;
    const { items, next } = await core.listJournal(callerOf(request), {
      limit: limitOf(limit),
      ...(before !== undefined && { before: wholeNumber('before', before, Number.MAX_SAFE_INTEGER) }),
      ...filterIn(filter),
    });
    return { items: items.map(toWire), next: next === null ? null : String(next) };
  });

  scope.get('/v1/journal/export', { schema: { querystring: JournalExportQuery } }, (request, reply) => {
    const { format = 'csv', ...filter } = request.query;
    const entries = core.exportJournal(callerOf(request), filterIn(filter));
    const file = Readable.from(format === 'csv' ? csvOf(entries) : jsonOf(entries), { objectMode: false });
    return reply
      .headers({
        'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
        'content-disposition': `attachment; filename="journal.${format}"`,
      })
      .send(file);
  });
}

/** The chain is the whole server's. */
export function mountChain(scope: Scope, core: Core): void {
  const schema = { querystring: NoQuery, response: { 200: ChainStatus } };
  scope.get('/v1/journal/chain', { schema }, async (request) => {
    const { checkedAt, ...state } = await core.readChain(callerOf(request));
    return { ...state, checkedAt: toTimeOrNull(checkedAt) };
  });
}

function filterIn({ action, actor, subject, from, until, search }: Omit<JournalExportQuery, 'format'>): JournalFilter {
  return {
    ...(action !== undefined && action !== '' && { action }),
    ...(actor !== undefined && actor !== '' && { actorId: actor }),
    ...(subject !== undefined && subject !== '' && { subject: subjectIn(subject) }),
    ...(from !== undefined && { from: timeInQuery('from', from) }),
    ...(until !== undefined && { until: timeInQuery('until', until) }),
    ...(search !== undefined && search !== '' && { search }),
  };
}

function subjectIn(text: string): { type: string; id: string } {
  const colon = text.indexOf(':');
  if (colon > 0) return { type: text.slice(0, colon), id: text.slice(colon + 1) };
  throw invalid(['query', 'subject'], 'Use a kind of thing and its id, such as api_token:384dc16a-….');
}

const header = ['seq', 'at', 'actor type', 'actor id', 'actor name', 'action', 'subject type', 'subject id'];

async function* csvOf(entries: AsyncIterable<NamedEntry[]>): AsyncGenerator<string, void> {
  yield csvRow([...header, 'subject name', 'detail', 'hash', 'actor organization', 'organization']);
  for await (const some of entries) {
    const rows = some.map(({ seq, at, actor, actorName, action, subject, subjectName, detail, hash, ...where }) => {
      const who = [actor.type, actor.id, actorName ?? ''];
      const what = [action, subject.type, subject.id, subjectName ?? ''];
      const places = [where.actorOrganization, where.organization].map((one) => one?.name ?? one?.id ?? '');
      return csvRow([String(seq), toTime(at), ...who, ...what, JSON.stringify(detail), hash, ...places]);
    });
    yield rows.join('');
  }
}

async function* jsonOf(entries: AsyncIterable<NamedEntry[]>): AsyncGenerator<string, void> {
  let before = '[\n';
  for await (const some of entries) {
    yield before + some.map((entry) => JSON.stringify(toWire(entry))).join(',\n');
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

function toWire({
  seq,
  at,
  actor,
  actorName,
  action,
  subject,
  subjectName,
  detail,
  hash,
  ...where
}: NamedEntry): JournalEntry {
  return {
    seq,
    at: toTime(at),
    organization: where.organization,
    actor: { type: actor.type, id: actor.id, name: actorName, organization: where.actorOrganization },
    action,
    subject: { ...subject, name: subjectName },
    detail: { ...detail },
    hash,
  };
}
