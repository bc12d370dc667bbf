// Tokens that may stand where they do, such as those of tests: named by their public ids in a file, so that the file itself gives
// nothing away.

import { readFileSync } from 'node:fs';
import { isDividedAsApiToken } from '@keyward/rules/api-token-form';
import { misuse } from '../terminal/command-error.ts';

/** The public ids in a file: one a line, with or without a prefix before them; `#` begins a comment. */
export function readAllowed(file: string): ReadonlySet<string> {
  const allowed = new Set<string>();
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    const text = line.replace(/#.*/, '').trim();
    if (text === '') continue;
    const where = `${file}, line ${index + 1}`;
    if (isDividedAsApiToken(text)) {
      throw misuse(`${where} holds a whole token.`, 'Write what stands before its second underscore alone.');
    }
    const [, id] = /^(?:[a-z][a-z0-9]{1,9}_)?([0-9A-Za-z]{22})(?:_…?)?$/.exec(text) ?? [];
    if (id === undefined)
      throw misuse(`${where} is no public id.`, 'Write it as a scan shows it, as kw_ and 22 characters.');
    allowed.add(id);
  }
  return allowed;
}
