// The program behind `npm run fuzz -- http`: as many random conversations as it is told to try. It prints its seed first.

import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { startPair } from './http-difference.ts';
import { conversations } from './http-requests.ts';

const { values } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } } });
const [numRuns, seed] = [Number(values.runs ?? 2000), Number(values.seed ?? Date.now() % 1_000_000)];
if (!Number.isSafeInteger(numRuns) || numRuns < 1 || !Number.isSafeInteger(seed)) {
  console.error('--runs and --seed are whole numbers.');
  process.exit(2);
}
console.log(`${numRuns} conversations, --seed ${seed}`);
const pair = await startPair();
const outcome = await fc.check(
  fc.asyncProperty(conversations, async (one) => void (await pair.compare(one))),
  { numRuns, seed },
);
await pair.close();
if (outcome.failed) console.error(fc.defaultReportMessage(outcome));
else console.log('All were answered alike.');
process.exitCode = outcome.failed ? 1 : 0;
