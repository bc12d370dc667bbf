// Runs the conformance suite of all languages for each of them, and what must hold between them.

import { describe, expect, test } from 'vitest';
import { allDialects } from './all.ts';
import { describeDialect } from './conformance.ts';
import { dialectNames } from './dialect.ts';

for (const dialect of allDialects) describeDialect(dialect);

describe('all dialects together', () => {
  test('have one name each', () => {
    const names = allDialects.map(({ name }) => name);
    expect(names.toSorted(), 'each says the name under which all.ts lists it').toEqual([...dialectNames].sort());
  });

  test('share no path prefix, so that every path has one language', () => {
    const owned = allDialects.flatMap(({ name, paths }) => paths.map((path) => ({ name, path })));
    const shared = owned.filter(({ path }) => owned.filter((one) => one.path === path).length > 1);
    expect(shared).toEqual([]);
  });

  test('have at most one that brings the apiToken scheme', () => {
    const bringing = allDialects.filter(({ apiTokenScheme }) => apiTokenScheme).map(({ name }) => name);
    expect(bringing.length, bringing.join(', ')).toBeLessThanOrEqual(1);
  });
});
