// The page that Prometheus reads, in OTLP's form.

import { expect, test } from 'vitest';
import { counter, histogram, reading } from '../http/metrics/exposition.ts';
import { metricsOf } from './metrics.ts';

const times = { startTimeUnixNano: '1000000', timeUnixNano: '2000000' };
const text = (value: string) => ({ stringValue: value });

test('a counter is a sum since the start, a gauge is a gauge, labels are attributes, whatever they hold', () => {
  const counts = counter('a_total', 'Counts.', ['way', 'reason']);
  counts.series('a "b"\\\n', '').add(3);
  const page = counts.text() + reading('gauge', 'b_bytes', 'Bytes.', () => 4).text();
  expect(metricsOf(page, 1, 2)).toEqual([
    {
      name: 'a_total',
      description: 'Counts.',
      sum: {
        dataPoints: [{ attributes: [{ key: 'way', value: text('a "b"\\\n') }], asDouble: 3, ...times }],
        aggregationTemporality: 2,
        isMonotonic: true,
      },
    },
    {
      name: 'b_bytes',
      description: 'Bytes.',
      unit: 'By',
      gauge: { dataPoints: [{ attributes: [], asDouble: 4, ...times }] },
    },
  ]);
});

test('a histogram says how many are between two bounds, not below one', () => {
  const took = histogram('took_seconds', 'Took.', ['way'], [0.1, 1]);
  for (const value of [0.05, 0.5, 0.6, 7]) took.series('x').add(value);
  expect(metricsOf(took.text(), 1, 2)).toEqual([
    {
      name: 'took_seconds',
      description: 'Took.',
      unit: 's',
      histogram: {
        dataPoints: [
          {
            attributes: [{ key: 'way', value: text('x') }],
            count: '4',
            sum: 8.15,
            bucketCounts: ['1', '2', '1'],
            explicitBounds: [0.1, 1],
            ...times,
          },
        ],
        aggregationTemporality: 2,
      },
    },
  ]);
});

test('what is no number, and a metric without any, is left out', () => {
  expect(metricsOf('# HELP a A.\n# TYPE a gauge\na NaN\n# HELP b B.\n# TYPE b counter\n', 1, 2)).toEqual([]);
});
