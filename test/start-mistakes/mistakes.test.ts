// Every way to start wrongly that we know of: each is answered in words that name what is wrong and what to do, at once,
// and is never called a bug. Who adds a setting adds its mistakes to the tables beside this file.

import { describe, expect, test } from 'vitest';
import { certificateRights, certificates } from './certificates.ts';
import { databases } from './databases.ts';
import { folders, ports } from './folders.ts';
import { journalHeads } from './journal-heads.ts';
import { type Mistake, make } from './mistake.ts';
import { environment, files, flags } from './settings.ts';

const tables: Readonly<Record<string, readonly Mistake[]>> = {
  flags,
  'keyward.yaml': files,
  'the environment': environment,
  'certificate and key': [...certificates, ...certificateRights],
  'the data folder': folders,
  "the journal's head": journalHeads,
  PostgreSQL: databases,
  'the port': ports,
};
/** No start may hang for longer. */
const longestMs = 10_000;
/** What is done before a start may take its own time. */
const preparationMs = 20_000;

test('at least a hundred mistakes are known, and each once', () => {
  const all = Object.entries(tables).flatMap(([table, mistakes]) => mistakes.map(({ name }) => `${table}: ${name}`));
  expect(all.length).toBeGreaterThanOrEqual(100);
  expect(new Set(all).size).toBe(all.length);
});

describe.each(Object.entries(tables))('a start with a mistake in %s', (_, mistakes) => {
  test.each([...mistakes])(
    '$name says what is wrong and what to do',
    async (mistake) => {
      const { code, output, errors, tookMs } = await make(mistake);
      expect(errors).toMatch(mistake.says);
      expect(errors).toMatch(mistake.mend);
      expect([code === 1 || code === 2, output]).toEqual([true, '']);
      expect(errors).not.toMatch(/^\s+at |should not have happened|[iI]nternal error|\bError:|\[object|undefined/m);
      expect(errors).not.toContain('hunter2');
      expect(errors.trimEnd().split('\n').length).toBeLessThanOrEqual(mistake.name.startsWith('many') ? 9 : 4);
      expect(tookMs).toBeLessThan(longestMs);
    },
    longestMs + preparationMs,
  );
});
