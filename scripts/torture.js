// `npm run torture`: the test bed in full. Four nodes, four verifiers, a million calls and sixty faults; an hour or so.
// KEYWARD_SEED draws the same faults again; KEYWARD_TORTURE_CALLS and KEYWARD_TORTURE_FAULTS say how many.

import { build } from './build.js';
import { main, root, run, tool } from './node.js';
import { setUp } from './set-up.js';

await main(import.meta.url, async (args) => {
  const node = await setUp();
  await build(node);
  const env = { KEYWARD_TORTURE_CALLS: '1000000', KEYWARD_TORTURE_FAULTS: '60', ...process.env };
  const command = [tool('vitest', 'vitest'), 'run', '--disableConsoleIntercept', 'test/torture', ...args];
  return run(node, command, { cwd: root, env, passSignals: true });
});
