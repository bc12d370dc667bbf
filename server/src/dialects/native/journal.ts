// The journal over HTTP: the organization's own entries, the newest first.

import { type JournalEntry, JournalList, JournalQuery } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import type { JournalEntry as Kept } from '../../core/journal.ts';
import { callerOf, type Scope } from './caller.ts';
import { limitOf, wholeNumber } from './paging.ts';
import { toTime } from './time.ts';

export function mountJournal(scope: Scope, core: Core): void {
  scope.get(
    '/v1/journal',
    { schema: { querystring: JournalQuery, response: { 200: JournalList } } },
    async (request) => {
      const limit = limitOf(request.query.limit);
      const { before } = request.query;
      const entries = await core.listJournal(callerOf(request), {
        limit,
        ...(before !== undefined && { before: wholeNumber('before', before, Number.MAX_SAFE_INTEGER) }),
      });
      const last = entries.length === limit ? entries.at(-1) : undefined;
      return { items: entries.map(toWire), next: last === undefined ? null : String(last.seq) };
    },
  );
}

function toWire({ seq, at, actor, action, subject, detail, hash }: Kept): JournalEntry {
  return { seq, at: toTime(at), actor, action, subject, detail: { ...detail }, hash };
}
