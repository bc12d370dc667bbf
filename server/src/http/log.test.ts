// What may and may not be found in a log.

import { describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';

function logging(): { lines: string[]; logger: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  return { lines, logger: createLogger('debug', { write: (line: string) => lines.push(line) }) };
}

describe('the log', () => {
  it('keeps what a client sent inside its own line: no CR, LF, ANSI or C1 control gets out [S124]', () => {
    const { lines, logger } = logging();
    const nasty = 'a\r\n{"level":"fatal"}\u001b[31m\u009b31m\u2028\u2029\u007f';
    logger.info({ name: nasty, err: new Error(nasty) }, nasty);
    expect(lines).toHaveLength(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(lines[0]?.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', name: nasty, msg: nasty });
  });

  it('drops secrets by their names, and what a driver hangs on its errors [S124]', () => {
    const { lines, logger } = logging();
    const driver = Object.assign(new Error('duplicate'), {
      code: '23505',
      detail: 'Key (x)=(canary)',
      parameters: ['canary'],
    });
    logger.error({
      err: new Error('outer', { cause: driver }),
      authorization: 'Bearer canary',
      headers: { authorization: 'canary' },
      input: { password: 'canary', token: 'canary', apiToken: 'canary', cookie: 'canary' },
      url: '/?token=canary',
    });
    expect(lines[0]).toContain('23505');
    expect(lines[0]).toContain('duplicate');
    expect(lines[0]).not.toContain('canary');
  });
});
