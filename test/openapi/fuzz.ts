// The program behind `npm run fuzz -- openapi`: as many random requests as it is told to try. It prints its seed first.

import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { describedRequests } from './requests.ts';
import { startTrial } from './trial.ts';

const { values } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } } });
const [numRuns, seed] = [Number(values.runs ?? 5000), Number(values.seed ?? Date.now() % 1_000_000)];
if (!Number.isSafeInteger(numRuns) || numRuns < 1 || !Number.isSafeInteger(seed)) {
  console.error('--runs and --seed are whole numbers.');
  process.exit(2);
}
console.log(`${numRuns} requests, --seed ${seed}`);
const trial = await startTrial();
const outcome = await fc.check(
  fc.asyncProperty(describedRequests(trial.document, trial.pool), async (one) => void (await trial.send(one))),
  { numRuns, seed, endOnFailure: true },
);
await trial.stop();
if (outcome.failed) console.error(fc.defaultReportMessage(outcome));
else console.log('All were answered as described.');
process.exitCode = outcome.failed ? 1 : 0;
