// What people, things and actions of the journal are called on the page.

import type { JournalEntry } from '@keyward/sdk/wire';
import { journalWords } from '../../words/journal.ts';

/** In words; an action that the words do not know as it is. */
export function actionName(action: string): string {
  return journalWords.actions[action] ?? action;
}

/** What it is called now; its kind and id where that is not known. */
export function nameOf({ type, id, name }: JournalEntry['actor']): string {
  if (name !== null) return name;
  return journalWords.actors[type] ?? `${journalWords.types[type] ?? type} ${id}`;
}
