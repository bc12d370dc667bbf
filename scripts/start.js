// `npm start`: sets up and builds if need be, then runs the built server as a demo. What follows `--` goes to
// `keyward serve`, signals go to it, and its exit code comes back.

import { join } from 'node:path';
import { build } from './build.js';
import { main, root, run } from './node.js';
import { setUp } from './set-up.js';

await main(import.meta.url, async (args) => {
  const node = await setUp();
  await build(node, { sdk: false });
  return run(node, [join(root, 'server', 'bin', 'keyward.js'), 'serve', '--demo', ...args], { passSignals: true });
});
