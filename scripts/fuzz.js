// `npm run fuzz -- http [--runs 2000] [--seed 1]`: random requests, cut into random pieces, sent to a server with the fast
// path and to one without, whose answers must be the same. `npm run fuzz -- openapi`: random requests that the description
// of the API tells of, which must be answered as it says. Ends with 1, and with what was sent, where they are not.

import { join } from 'node:path';
import { main, root, run } from './node.js';
import { setUp } from './set-up.js';

const programs = { http: 'test/fuzz/http.ts', openapi: 'test/openapi/fuzz.ts' };

await main(import.meta.url, async (args) => {
  const [what, ...rest] = args;
  if (!Object.hasOwn(programs, what ?? '')) {
    console.error('What is to be tried? npm run fuzz -- http or openapi [--runs 2000] [--seed 1]');
    return 2;
  }
  return run(await setUp(), [join(root, programs[what]), ...rest], { passSignals: true });
});
