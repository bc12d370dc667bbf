// What the log is told of calls that cannot be answered: enough to know what is away, and no more for a thousand than for two.

import { expect, test, vi } from 'vitest';
import { KeywardError } from '../core/errors.ts';
import { noAnswer } from './error-mapping.ts';
import { createUnavailableLog } from './unavailable-log.ts';

const call = { id: 'r1', method: 'GET', routeOptions: { url: '/orders' } };
const refused = (port: number) =>
  noAnswer(
    Object.assign(new Error(`connect ECONNREFUSED 127.0.0.1:${port}`), { code: 'ECONNREFUSED' }),
    `http://127.0.0.1:${port}`,
  );

function opened() {
  const lines: Record<string, unknown>[] = [];
  const away: unknown[] = [];
  const log = { warn: (fields: object, message?: string) => void lines.push({ ...fields, message }) };
  const outages = { failed: (error: unknown) => void away.push(error) };
  return { lines, away, unavailable: createUnavailableLog({ log, outages, everyMs: 1000 }) };
}

test('names an upstream that is down once, then how many calls it failed in each while, and starts over once it is quiet', () => {
  vi.useFakeTimers();
  try {
    const { lines, unavailable } = opened();
    for (let calls = 0; calls < 1000; calls += 1) unavailable.failed(refused(1), call);
    unavailable.failed(refused(2), call);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ reqId: 'r1', route: '/orders', upstream: 'http://127.0.0.1:1' });
    expect(lines[0]?.cause).toContain('connect ECONNREFUSED 127.0.0.1:1');
    expect(JSON.stringify(lines)).not.toContain(' at ');
    vi.advanceTimersByTime(1000);
    expect(lines.slice(2)).toEqual([expect.objectContaining({ upstream: 'http://127.0.0.1:1', calls: 999, ms: 1000 })]);
    vi.advanceTimersByTime(5000);
    expect(lines).toHaveLength(3);
    unavailable.failed(refused(1), call);
    expect(lines[3]).toMatchObject({ reqId: 'r1', upstream: 'http://127.0.0.1:1' });
  } finally {
    vi.useRealTimers();
  }
});

test('tells apart what is away by its cause, leaves the database to its own log, and tells the rest at the end', () => {
  const { lines, away, unavailable } = opened();
  const busy = () => new KeywardError('unavailable', 'Too many people are signing in. Try again shortly.');
  const database = new KeywardError('unavailable', 'The database cannot be used right now.', { isDatabaseAway: true });
  for (const failure of [busy(), busy(), busy(), database, database]) unavailable.failed(failure, call);
  expect([lines.length, away.length]).toEqual([1, 2]);
  unavailable.close();
  expect(lines[1]).toMatchObject({ route: '/orders', calls: 2, cause: expect.stringContaining('Too many people') });
});
