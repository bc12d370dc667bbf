// `npm run screenshots`: takes the pictures of the portal in docs/images anew, with a server full of made-up data and a
// real browser. `-- --all <folder>` takes every page in every way, for looking them over.

import { join } from 'node:path';
import { build } from './build.js';
import { fromSources, main, root, run } from './node.js';
import { setUp } from './set-up.js';

await main(import.meta.url, async (args) => {
  const node = await setUp();
  await build(node, { sdk: false });
  return run(node, [...fromSources, join(root, 'test', 'portal', 'screenshots.ts'), ...args]);
});
