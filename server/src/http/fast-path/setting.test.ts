// The setting itself: whoever switches the fast path off has switched it off. That all is answered as before is shown by
// the tests that run both ways (the project without-fast-path in vitest.config.ts).

import { afterEach, expect, test, vi } from 'vitest';
import { native } from '../../dialects/native.ts';
import { type Running, sendOne, start, statusOf } from '../app.test-support.ts';

const answered: string[] = [];
vi.mock(import('./endpoints.ts'), async (original) => {
  const { mountFastPath } = await original();
  return {
    mountFastPath: (...of) => {
      const answerFast = mountFastPath(...of);
      return (request) => {
        const isAnswered = answerFast(request);
        if (isAnswered) answered.push(`${request.method} ${request.url}`);
        return isAnswered;
      };
    },
  };
});

let running: Running;
afterEach(() => running.close());

test.each([
  { fastPath: true, reached: ['GET /v1/check', 'HEAD /v1/check'] },
  { fastPath: false, reached: [] },
])('with fastPath $fastPath the fast path answers $reached', async ({ fastPath, reached }) => {
  answered.length = 0;
  running = await start({ dialects: [native], fastPath });
  for (const method of ['GET', 'HEAD']) {
    const request = `${method} /v1/check HTTP/1.1\r\nHost: keyward\r\nAuthorization: Bearer good\r\n\r\n`;
    expect(statusOf(await sendOne(running.port, request, method === 'HEAD'))).toBe(200);
  }
  expect(answered).toEqual(reached);
});
