// Values as people read them in a difference: short, in one line, harmless for a terminal.

import { plain } from '../../terminal/terminal.ts';

export function shownValue(value: unknown): string {
  if (value === undefined) return 'unsaid';
  if (value === null) return 'none';
  if (typeof value === 'string') return plain(value === '' ? '""' : value);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.map(shownItem).join(', ')}]`;
  if (typeof value === 'object') {
    const fields = Object.entries(value).map(([key, one]) => `${plain(key)}: ${shownItem(one)}`);
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  return String(value);
}

function shownItem(value: unknown): string {
  return value === null ? 'null' : shownValue(value);
}

/** Of two lists what came and what went; null where they are no lists of text. */
export function listChange(before: unknown, after: unknown): { added: string[]; removed: string[] } | null {
  if (!isTexts(before) || !isTexts(after)) return null;
  return {
    added: after.filter((one) => !before.includes(one)),
    removed: before.filter((one) => !after.includes(one)),
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
