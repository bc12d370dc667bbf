// A small run of `npm run fuzz -- http`, always the same one.

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Pair, startPair } from './http-difference.ts';
import { conversations } from './http-requests.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair.close());

test('the fast path answers as Node and the router do, whatever is sent and however it is cut [S62, S63, S64]', async () => {
  const statuses = new Set<string>();
  const property = fc.asyncProperty(conversations, async (one) => {
    for (const [, status = ''] of (await pair.compare(one)).matchAll(/HTTP\/1\.1 (\d{3})/g)) statuses.add(status);
  });
  await fc.assert(property, { numRuns: 300, seed: 1 });
  // A generator that only ever met one wall would prove nothing.
  expect([...statuses]).toEqual(expect.arrayContaining(['200', '400', '401', '403', '404']));
});
