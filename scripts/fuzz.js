// `npm run fuzz -- http [--runs 2000] [--seed 1]`: random requests, cut into random pieces, sent to a server with the fast
// path and to one without, whose answers must be the same. Ends with 1, and with what was sent, where they are not.

import { join } from 'node:path';
import { main, root, run } from './node.js';
import { setUp } from './set-up.js';

await main(import.meta.url, async (args) => {
  const [what, ...rest] = args;
  if (what !== 'http') {
    console.error('What is to be tried? npm run fuzz -- http [--runs 2000] [--seed 1]');
    return 2;
  }
  return run(await setUp(), [join(root, 'test', 'fuzz', 'http.ts'), ...rest], { passSignals: true });
});
