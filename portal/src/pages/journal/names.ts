// What people, things and actions of the journal are called on the page.

import type { JournalEntry } from '@keyward/sdk/wire';
import { journalWords } from '../../words/journal.ts';

/** In words; an action that the words do not know as it is. */
export function actionName(action: string): string {
  return journalWords.actions[action] ?? action;
}

type Named = JournalEntry['subject'] & Partial<Pick<JournalEntry['actor'], 'organization'>>;

/** What it is called now; its kind and id where that is not known. Of another organization, with that. */
export function nameOf({ type, id, name, organization }: Named): string {
  const known = name ?? journalWords.actors[type] ?? `${journalWords.types[type] ?? type} ${id}`;
  return organization == null ? known : `${known} (${organization.name ?? organization.id})`;
}
