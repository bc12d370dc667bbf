// What the program says without any server: its version, its help, and what was asked in a way that cannot work.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type StandIn, startStandIn } from './session/stand-in.test-support.ts';

let at: StandIn;
beforeEach(async () => {
  at = await startStandIn();
});
afterEach(() => at.stop());

describe('the program', () => {
  test('tells its version, and helps, without any server', async () => {
    expect(await at.keyward(['--version'])).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    const help = await at.keyward(['--help']);
    for (const command of ['serve', 'init', 'login', 'whoami', 'logout', 'migrate', 'journal']) {
      expect(help.output).toContain(`  ${command}`);
    }
    expect((await at.keyward(['serve', '--help'])).output).toMatch(/--port <number>[\s\S]*KEYWARD_DATABASE/);
  });

  test.each([[['sreve']], [['serve', '--prot', '1']], [['login', '--url']], [['journal', 'verfy']]])(
    'answers %j with exit code 2 and a suggestion',
    async (args) => {
      const { code, output, errors } = await at.keyward(args);
      expect([code, output]).toEqual([2, '']);
      expect(errors).toMatch(/^error: /);
      const json = await at.keyward([...args, '--json']);
      expect(json.code).toBe(2);
      expect(JSON.parse(json.errors)).toMatchObject({ error: expect.any(String), hint: expect.any(String) });
    },
  );

  test('answers a wrong setting with exit code 2, and names it', async () => {
    const { code, errors } = await at.keyward(['serve', '--port', '99999']);
    expect(code).toBe(2);
    expect(errors).toContain('port must be a whole number from 0 to 65535; it is "99999" (--port)');
  });
});
