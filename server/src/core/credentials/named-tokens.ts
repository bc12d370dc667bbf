// Which API tokens an entry of the journal is about: the one that it names, or where many were changed by one act, those in its
// detail.

import type { JournalEntry } from '../journal/entry.ts';

/** The subject of entries about many tokens at once. */
export const importSubject = 'import';

/** Ids. */
export function tokensNamedBy({ subject, detail }: Pick<JournalEntry, 'subject' | 'detail'>): readonly string[] {
  if (subject.type === 'api_token') return [subject.id];
  if (subject.type !== importSubject || !Array.isArray(detail.tokens)) return [];
  return detail.tokens.filter((id): id is string => typeof id === 'string');
}
