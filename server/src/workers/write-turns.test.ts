// Turns of writing: one worker at a time, held against a plain queue.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWriteTurns } from './write-turns.ts';

type Step = { act: 'ask' | 'over' | 'left'; worker: number };
const steps = fc.array(
  fc.record({
    act: fc.constantFrom<Step['act']>('ask', 'ask', 'over', 'left'),
    worker: fc.integer({ min: 1, max: 4 }),
  }),
  { maxLength: 60 },
);

/** Runs the steps; answers who began a turn, in order, and who still waits. */
async function play(given: readonly Step[]) {
  const turns = createWriteTurns(() => 0);
  const began: number[] = [];
  for (const { act, worker } of given) {
    if (act === 'ask') {
      turns.ask(worker).then(() => {
        began.push(worker);
      });
    } else if (act === 'over') turns.over(worker);
    else turns.left(worker);
    await Promise.resolve();
  }
  await Promise.resolve();
  return { turns, began };
}

test('one worker at a time has the turn, in the order in which they asked, whoever ends or dies meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const { turns, began } = await play(given);
      expect(began).toEqual(model(given).began);
      expect(turns.current()?.worker ?? null).toBe(model(given).current);
    }),
  );
});

test('nobody waits for ever for one that died with the turn', async () => {
  const turns = createWriteTurns(() => 0);
  await turns.ask(1);
  const second = turns.ask(2);
  turns.left(1);
  await second;
  expect(turns.current()?.worker).toBe(2);
});

test('who has not the turn cannot end it', async () => {
  const turns = createWriteTurns(() => 7);
  await turns.ask(1);
  turns.over(2);
  expect(turns.current()).toEqual({ worker: 1, since: 7 });
});

/** The same by a plain queue. */
function model(given: readonly Step[]) {
  const began: number[] = [];
  let queue: number[] = [];
  let current: number | null = null;
  const next = () => {
    current = queue.shift() ?? null;
    if (current !== null) began.push(current);
  };
  for (const { act, worker } of given) {
    if (act === 'ask') queue.push(worker);
    if (act === 'left') queue = queue.filter((one) => one !== worker);
    if (act !== 'ask' && current === worker) next();
    else if (current === null) next();
  }
  return { began, current };
}
