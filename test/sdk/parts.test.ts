// The parts of the SDK: which may import which, types included, so that a reader can begin anywhere and go one way.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importsOf } from '../architecture/import.ts';

const root = join(import.meta.dirname, '..', '..');

/** The parts in their order: each may import those before it, and files of its own. What stands in no folder is at an end. */
const order = ['wire', 'errors', 'client', 'verifier', 'middleware', 'entry'] as const;
type Part = (typeof order)[number];

function partOf(path: string): Part {
  const name = path.slice('sdk/src/'.length);
  if (name === 'errors.ts' || name === 'wire.ts') return name === 'wire.ts' ? 'entry' : 'errors';
  const folder = order.find((part) => name.startsWith(`${part}/`));
  return folder ?? 'entry';
}

const files = globSync('sdk/src/**/*.ts', { cwd: root })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => !path.endsWith('.test.ts'));
const imports = new Map(
  files.map((path) => [
    path,
    importsOf(path, readFileSync(join(root, path), 'utf8')).flatMap(({ file }) =>
      file?.startsWith('sdk/src/') === true ? [file] : [],
    ),
  ]),
);

test('a part imports only what stands below it', () => {
  const wrong = [...imports].flatMap(([path, targets]) =>
    targets
      .filter((target) => order.indexOf(partOf(target)) > order.indexOf(partOf(path)))
      .map((to) => `${path} → ${to}`),
  );
  expect(wrong).toEqual([]);
  expect(new Set(files.map(partOf))).toEqual(new Set(order));
});

test('no files import one another in a circle, not for types either', () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) circles.push([...trail.slice(start), path].join(' → '));
    if (start >= 0 || done.has(path)) return;
    for (const target of imports.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of files) visit(path, []);
  expect(circles).toEqual([]);
});
