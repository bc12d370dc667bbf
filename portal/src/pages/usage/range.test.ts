// The period that the usage page shows for an address.

import { expect, test } from 'vitest';
import { rangeOf, timesOf } from './range.ts';

const now = Date.parse('2026-03-10T12:30:00.000Z');

test('shows the last 24 hours by hours unless the address says otherwise', () => {
  const range = rangeOf({}, now);
  expect(range).toMatchObject({ name: '24h', group: 'hour', from: '2026-03-09T12:30:00.000Z' });
  const times = timesOf(range);
  expect([times.length, times[0], times.at(-1)]).toEqual([25, '2026-03-09T12:00:00.000Z', '2026-03-10T12:00:00.000Z']);
});

test('shows a month by days even where the address asks for hours: they would be more than the server answers', () => {
  const range = rangeOf({ range: '30d', group: 'hour' }, now);
  expect(range).toMatchObject({ group: 'day', mayChooseHours: false });
  expect(timesOf(range)).toHaveLength(31);
});

test('takes days of the viewer for a range of their own, the last one whole, and none that are senseless', () => {
  const range = rangeOf({ range: 'custom', from: '2026-03-01', until: '2026-03-02' }, now);
  expect(Date.parse(range.until) - Date.parse(range.from)).toBe(48 * 3_600_000);
  expect(rangeOf({ range: 'custom', from: 'x', until: '2031-01-01' }, now).until).toBe('2026-03-10T12:30:00.000Z');
  const backwards = rangeOf({ range: 'custom', from: '2026-03-09', until: '2026-03-01' }, now);
  expect(backwards.from < backwards.until).toBe(true);
});
