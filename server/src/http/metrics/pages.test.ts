// The pages of several workers as one.

import { expect, test } from 'vitest';
import { counter, histogram, reading } from './exposition.ts';
import { joinPages } from './pages.ts';

function page(calls: number): string {
  const verdicts = counter('verdicts_total', 'Verdicts.', ['way']);
  verdicts.series('check "of" {one}').add(calls);
  const seconds = histogram('seconds', 'How long.', [], [1]);
  seconds.series().add(0.5);
  return [verdicts, seconds, reading('gauge', 'head', 'The newest entry.', () => 7)].map((one) => one.text()).join('');
}

test('the pages of several workers become one, each number with the worker that counted it', () => {
  expect(joinPages([1, 2].map((worker) => ({ worker, text: page(worker) })))).toBe(`# HELP verdicts_total Verdicts.
# TYPE verdicts_total counter
verdicts_total{worker="1",way="check \\"of\\" {one}"} 1
verdicts_total{worker="2",way="check \\"of\\" {one}"} 2
# HELP seconds How long.
# TYPE seconds histogram
seconds_bucket{worker="1",le="1"} 1
seconds_bucket{worker="1",le="+Inf"} 1
seconds_sum{worker="1"} 0.5
seconds_count{worker="1"} 1
seconds_bucket{worker="2",le="1"} 1
seconds_bucket{worker="2",le="+Inf"} 1
seconds_sum{worker="2"} 0.5
seconds_count{worker="2"} 1
# HELP head The newest entry.
# TYPE head gauge
head{worker="1"} 7
head{worker="2"} 7
`);
});
