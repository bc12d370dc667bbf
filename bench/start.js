// `npm run bench -- P5 P7`: sets up and builds if need be, then measures with the Node that runs Keyward. Plain
// JavaScript, as it must run on whatever Node started npm; it measures nothing itself.

import { join } from 'node:path';
import { build } from '../scripts/build.js';
import { main, root, run } from '../scripts/node.js';
import { setUp } from '../scripts/set-up.js';

await main(import.meta.url, async (args) => {
  const node = await setUp();
  if (!args.some((one) => one.startsWith('--keyward'))) await build(node);
  return run(node, [join(root, 'bench', 'main.ts'), ...args]);
});
