// How many lines requests leave in the log: the share that is asked for, every failure, and no more than so many in a second.

import { expect, test } from 'vitest';
import { createLogger } from '../log.ts';
import { createRequestLog, type RequestLogOptions } from './request-log.ts';

const request = { id: 'r', method: 'GET', route: '/v1/check', ms: 0.12345, address: '10.0.0.1' } as const;

function logOf(options: Partial<RequestLogOptions>, level: 'info' | 'debug' | 'warn' = 'info') {
  const lines: { status: number; msg: string; untold?: number }[] = [];
  const logger = createLogger(level, { write: (line: string) => lines.push(JSON.parse(line)) });
  const log = createRequestLog({ logger, isOn: true, ...options });
  const tell = (status: number, more: { refusalId?: string; traceId?: string } = {}) =>
    log.tell({ ...request, status, refusalId: null, traceId: undefined, ...more });
  return { log, lines, tell };
}

test('nothing is measured where no line would be written', () => {
  expect(logOf({ isOn: false }).log.isOn()).toBe(false);
  expect(logOf({ isOn: true }, 'warn').log.isOn()).toBe(false);
  expect(logOf({ isOn: false }, 'debug').log.isOn()).toBe(true);
});

test('a line names the request by its pattern, and the trace and the refusal where they are known', () => {
  const { lines, tell } = logOf({}, 'debug');
  tell(403, { refusalId: 'ref', traceId: 'abc' });
  const { time: _, ...line } = lines[0] as unknown as Record<string, unknown>;
  expect(line).toEqual({
    level: 'info',
    reqId: 'r',
    method: 'GET',
    route: '/v1/check',
    status: 403,
    ms: 0.123,
    address: '10.0.0.1',
    refusal: 'ref',
    traceId: 'abc',
    msg: 'answered',
  });
});

test('a share of the requests leaves a line, and each that failed', () => {
  const { lines, tell } = logOf({ share: 0.1 });
  for (let n = 0; n < 10_000; n += 1) tell(200);
  // Of 10,000 with a chance of a tenth, fewer than 800 or more than 1,200 come once in many lifetimes.
  expect(lines.length).toBeGreaterThan(800);
  expect(lines.length).toBeLessThan(1200);
  const none = logOf({ share: 0 });
  for (const status of [200, 401, 503, 500]) none.tell(status);
  expect(none.lines.map(({ status }) => status)).toEqual([503, 500]);
});

test('a flood writes so many lines in a second and no more; the next line says how many there were not [S125]', async () => {
  const { lines, tell } = logOf({ perSecond: 5 });
  const began = performance.now();
  for (let n = 0; n < 1000; n += 1) tell(500);
  const seconds = Math.ceil((performance.now() - began) / 1000);
  expect(lines.length).toBeLessThanOrEqual(5 * (seconds + 1));
  const before = lines.length;
  await expect
    .poll(() => {
      tell(200);
      return lines.length;
    })
    .toBeGreaterThan(before);
  expect(lines.reduce((sum, { untold = 0 }) => sum + untold + 1, 0)).toBeGreaterThanOrEqual(1000);
});
