// The arithmetic that `npm run timing` judges by, on samples whose answer is known.

import { expect, it } from 'vitest';
import { welch } from './welch.ts';

/** Times around a mean, always the same ones. */
const times = (mean: number, from: number) =>
  Array.from({ length: 20_000 }, (_, at) => mean + ((at * 7919 + from) % 1000) / 1000);

it('finds two samples of the same thing alike, and a shift of a twentieth of their spread by its size', () => {
  expect(Math.abs(welch(times(1, 0), times(1, 13)))).toBeLessThan(4.5);
  expect(Math.abs(welch(times(1, 0), times(1.05, 13)))).toBeGreaterThan(4.5);
});

it('is not misled by a pause of the machine in one of them', () => {
  const disturbed = times(1, 0).map((time, at) => (at % 1000 === 0 ? 500 : time));
  expect(Math.abs(welch(disturbed, times(1, 13)))).toBeLessThan(4.5);
});
