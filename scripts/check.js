// `npm run check`: the fast inner loop. Types, lint and the architecture test, side by side; no build, no database.

import { main, run, tool } from './node.js';
import { setUp } from './set-up.js';

/** Runs the checks at the same time; resolves with 0 if all pass. */
export async function check(node, { architecture = true } = {}) {
  const checks = [
    [tool('typescript', 'tsc'), '-p', 'tsconfig.json'],
    [tool('typescript', 'tsc'), '-p', 'portal/tsconfig.json'],
    [tool('@biomejs/biome', 'biome'), 'check', '--error-on-warnings', '.'],
  ];
  if (architecture) checks.push([tool('vitest', 'vitest'), 'run', 'test/architecture.test.ts']);
  const codes = await Promise.all(checks.map((args) => run(node, args)));
  return codes.find((code) => code !== 0) ?? 0;
}

await main(import.meta.url, async () => check(await setUp()));
