// `npm run check`: the fast inner loop. Types, lint and the architecture test, side by side; no build, no database.

import { main, run, tool } from './node.js';
import { setUp } from './set-up.js';

/** Runs the checks at the same time; resolves with 0 if all pass. */
export async function check(node, { architecture = true } = {}) {
  const checks = [
    types('tsconfig.json', 'types'),
    types('portal/tsconfig.json', 'portal-types'),
    [tool('@biomejs/biome', 'biome'), 'check', '--error-on-warnings', '.'],
  ];
  if (architecture) checks.push([tool('vitest', 'vitest'), 'run', 'test/architecture.test.ts']);
  const codes = await Promise.all(checks.map((args) => run(node, args)));
  return codes.find((code) => code !== 0) ?? 0;
}

/** What TypeScript learnt of unchanged files it keeps in .setup/, so that a second check takes less. */
function types(project, kept) {
  return [tool('typescript', 'tsc'), '-p', project, '--incremental', '--tsBuildInfoFile', `.setup/${kept}.tsbuildinfo`];
}

await main(import.meta.url, async () => check(await setUp()));
