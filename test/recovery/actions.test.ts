// Each action of the journal is one that a restore can do again, or one that takes no access away: an action that nobody thought of
// would suspend what it touched. For a new one say which it is, in core/recovery/.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { journalWords } from '../../portal/src/words/journal.ts';
import { isHarmless } from '../../server/src/core/recovery/harmless.ts';

const root = join(import.meta.dirname, '../..');
const text = globSync('server/src/core/recovery/*.ts', { cwd: root })
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');
const ofAny =
  /^(?:organization|user|api_user|api_token|application)\.(?:deactivated|activated|deleted|restored|rotated)$/;
const ofPasswords = /^user\.password_(?:changed|reset|chosen)$/;

test('a restore knows every action that the portal has words for [S117]', () => {
  const actions = Object.keys(journalWords.actions);
  expect(actions.length).toBeGreaterThan(60);
  const isKnown = (action: string) =>
    isHarmless(action) || ofAny.test(action) || ofPasswords.test(action) || text.includes(`'${action}'`);
  expect(actions.filter((action) => !isKnown(action))).toEqual([]);
});
