// No file under examples/ is there without a test that starts or parses it.

import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../end-to-end/run.ts';

/** Folders of which one test reads every file. */
const readWhole: Readonly<Record<string, string>> = {
  'examples/deploy/kubernetes/': 'test/deploy/kubernetes.test.ts',
};

test('every file in examples/ is named by a test', () => {
  const files = globSync('examples/**/*', { cwd: root, exclude: (path) => path.endsWith('node_modules') }).filter(
    (path) => /\.[\w-]+$|file$/.test(basename(path)),
  );
  expect(files.length).toBeGreaterThan(20);
  // A part of an example is named by the rest of it.
  const parts = globSync('examples/**/*.ts', { cwd: root })
    .flatMap((path) => [...readFileSync(join(root, path), 'utf8').matchAll(/from '\.\/([\w-]+\.ts)'/g)])
    .map(([, name]) => name);
  const tests = globSync('{test,sdk,server}/**/*.ts', { cwd: root, exclude: (path) => /node_modules|dist/.test(path) })
    .filter((path) => join(root, path) !== import.meta.filename)
    .map((path) => readFileSync(join(root, path), 'utf8'));
  const whole = Object.entries(readWhole).filter(([folder, by]) =>
    readFileSync(join(root, by), 'utf8').includes(`'${basename(folder)}'`),
  );
  const isTested = (path: string) =>
    parts.includes(basename(path)) ||
    whole.some(([folder]) => path.startsWith(folder)) ||
    tests.some((text) => text.includes(basename(path)));
  expect(files.filter((path) => !isTested(path))).toEqual([]);
});
