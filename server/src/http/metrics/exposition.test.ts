// What tallies write down, byte for byte, as Prometheus' format wants it.

import { describe, expect, it } from 'vitest';
import { counter, histogram, reading } from './exposition.ts';

describe('a counter', () => {
  it('without labels begins with 0, and adds up', () => {
    const calls = counter('calls_total', 'Calls.', []);
    const head = '# HELP calls_total Calls.\n# TYPE calls_total counter\n';
    expect(calls.text()).toBe(`${head}calls_total 0\n`);
    calls.series().add();
    calls.series().add(2);
    expect(calls.text()).toBe(`${head}calls_total 3\n`);
  });

  it('keeps a number for each combination of labels, whatever is in them', () => {
    const calls = counter('calls_total', 'Calls.', ['a', 'b']);
    calls.series('x', 'y').add();
    calls.series('x', 'y').add();
    calls.series('x,y', '').add();
    calls.series('"\\\n', 'z').add();
    expect(calls.text().split('\n').slice(2)).toEqual([
      'calls_total{a="x",b="y"} 2',
      'calls_total{a="x,y",b=""} 1',
      'calls_total{a="\\"\\\\\\n",b="z"} 1',
      '',
    ]);
  });
});

describe('a histogram', () => {
  it('counts each value in its bucket and in all larger ones, and those beyond the last bound too', () => {
    const sizes = histogram('size', 'Sizes.', ['of'], [1, 10]);
    for (const size of [0.5, 1, 1.5, 10, 11]) sizes.series('all').add(size);
    expect(sizes.text().split('\n')).toEqual([
      '# HELP size Sizes.',
      '# TYPE size histogram',
      'size_bucket{of="all",le="1"} 2',
      'size_bucket{of="all",le="10"} 4',
      'size_bucket{of="all",le="+Inf"} 5',
      'size_sum{of="all"} 24',
      'size_count{of="all"} 5',
      '',
    ]);
  });
});

it('reads what is read when it is written down', () => {
  let now = 1;
  const one = reading('gauge', 'one', 'One.', () => now);
  const several = reading('counter', 'several', 'Several.', () => ({ label: 'which', values: { a: now, b: 0 } }));
  now = 7;
  expect(one.text()).toBe('# HELP one One.\n# TYPE one gauge\none 7\n');
  expect(several.text()).toContain('several{which="a"} 7\nseveral{which="b"} 0\n');
});
