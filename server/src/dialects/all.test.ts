// Runs the conformance suite of all languages for each of them, and what must hold between them.

import { describe, expect, test } from 'vitest';
import { allDialects } from './all.ts';
import { describeDialect } from './conformance.ts';

for (const dialect of allDialects) describeDialect(dialect);

describe('all dialects together', () => {
  test('have one name each', () => {
    expect(new Set(allDialects.map(({ name }) => name)).size).toBe(allDialects.length);
  });

  test('share no path prefix, so that every path has one language', () => {
    const paths = allDialects.flatMap(({ paths }) => paths);
    expect(new Set(paths).size).toBe(paths.length);
  });

  test('have at most one that brings the apiToken scheme', () => {
    expect(allDialects.filter(({ apiTokenScheme }) => apiTokenScheme).length).toBeLessThanOrEqual(1);
  });
});
