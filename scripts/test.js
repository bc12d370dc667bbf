// `npm test`: everything. Set-up, types and lint, the build, then all tests under the pinned Node; the test runner's own
// summary comes last. With arguments (`npm test -- core/exchange`) it goes straight to the tests that they name.

import { build } from './build.js';
import { check } from './check.js';
import { main, run, tool } from './node.js';
import { setUp } from './set-up.js';

await main(import.meta.url, async (args) => {
  const node = await setUp();
  if (args.length === 0) {
    console.log('Checking types and lint …');
    const code = await check(node, { architecture: false });
    if (code !== 0) return code;
  }
  await build(node);
  console.log('Running the tests …');
  return run(node, [tool('vitest', 'vitest'), 'run', ...args], { passSignals: true });
});
