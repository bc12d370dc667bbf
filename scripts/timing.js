// `npm run timing -- names [--count 50000]`: whether times tell which API users exist. Takes some minutes on a machine
// that has nothing else to do; ends with 1 where they tell.

import { join } from 'node:path';
import { fromSources, main, root, run } from './node.js';
import { setUp } from './set-up.js';

await main(import.meta.url, async (args) => {
  const [what, ...rest] = args;
  if (what !== 'names') {
    console.error('What is to be timed? npm run timing -- names [--count 50000]');
    return 2;
  }
  return run(await setUp(), [...fromSources, join(root, 'test', 'timing', 'names.ts'), ...rest], { passSignals: true });
});
