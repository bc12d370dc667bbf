// A small run of `npm run fuzz -- openapi`, always the same one.

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describedRequests } from './requests.ts';
import { startTrial, type Trial } from './trial.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial.stop());

test('whatever is asked as the description says is answered as it says: declared statuses and bodies, never a 5xx [S77] [S84]', async () => {
  const seen = new Set<number>();
  const asked = new Set<string>();
  const property = fc.asyncProperty(describedRequests(trial.document, trial.pool), async (request) => {
    seen.add(await trial.send(request));
    asked.add(request.operation.operationId);
  });
  await fc.assert(property, { numRuns: 1000, seed: 1, endOnFailure: true });
  // A generator that only ever met one wall would prove nothing.
  expect([...seen]).toEqual(expect.arrayContaining([200, 201, 204, 400, 401, 403, 404]));
  expect(asked.size).toBeGreaterThan(100);
});
