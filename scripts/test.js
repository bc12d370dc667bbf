// `npm test`: everything. Set-up, types and lint, the build, then all tests under the pinned Node, the fast ones first;
// the test runner's own summary comes last. `npm test -- fast` leaves it at the fast ones; with other arguments
// (`npm test -- core/exchange`) it goes straight to the tests that they name.

import { build } from './build.js';
import { check } from './check.js';
import { main, run, tool } from './node.js';
import { setUp } from './set-up.js';

await main(import.meta.url, async (args) => {
  const node = await setUp();
  const isFast = args[0] === 'fast';
  if (args.length === 0 || isFast) {
    console.log('Checking types and lint …');
    const code = await check(node, { architecture: false });
    if (code !== 0) return code;
  }
  await build(node);
  console.log('Running the tests …');
  const which = isFast ? ['--project', 'fast', ...args.slice(1)] : args;
  return run(node, [tool('vitest', 'vitest'), 'run', ...which], { passSignals: true });
});
