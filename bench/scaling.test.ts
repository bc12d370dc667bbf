// The tables of docs/scaling.md are those that scaling.ts makes of RESULTS.md.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pagePath, tables, withTables } from './scaling.ts';

test('docs/scaling.md says what RESULTS.md does; if not, run node bench/scaling.ts --write', () => {
  const page = readFileSync(pagePath, 'utf8');
  expect(page).toContain(tables().measured);
  expect(page).toContain(tables().calculated);
  expect(withTables(page)).toBe(page);
});
