// apply on a screen: it shows what it will do in colours, asks, and shows new secrets once; who says no, or presses Ctrl-C at
// the question, has changed nothing.

import { join } from 'node:path';
import { type IPty, spawn } from '@lydell/node-pty';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServerBench, startBench } from './commands.ts';

let bench: ServerBench;
beforeAll(async () => {
  bench = await startBench({ permissions: ['read:orders'] });
}, 180_000);
afterAll(() => bench?.server.stop());

const files = 'organizations:\n  - name: screen\n    apiUsers:\n      - { name: Robot, role: member }\n';

/** The command in a terminal of its own, `columns` wide. */
function typed(args: readonly string[], columns = 100) {
  const main = join(import.meta.dirname, '../../server/src/main.ts');
  const pty: IPty = spawn(process.execPath, ['--conditions=keyward-source', main, ...args], {
    cols: columns,
    cwd: bench.folder,
    env: {
      PATH: process.env.PATH,
      HOME: bench.folder,
      TERM: 'xterm',
      KEYWARD_URL: bench.server.url,
      KEYWARD_TOKEN: bench.bearer,
    },
  });
  let text = '';
  let heard: () => unknown = () => undefined;
  pty.onData((data) => {
    text += data;
    heard();
  });
  const ended = new Promise<number>((done) => pty.onExit(({ exitCode }) => done(exitCode)));
  return {
    pty,
    text: () => text,
    ended,
    /** Resolves once the screen has said this. */
    says: (said: string) =>
      new Promise<void>((done, fail) => {
        heard = () => {
          if (text.includes(said)) done();
        };
        heard();
        void ended.then(() =>
          text.includes(said) ? done() : fail(new Error(`It ended and never said ${said}:\n${text}`)),
        );
      }),
  };
}

test('Ctrl-C at the question, and no, change nothing', async () => {
  bench.write('screen.yaml', files);
  const stopped = typed(['apply', '-f', 'screen.yaml']);
  await stopped.says('Do this at');
  expect(stopped.text()).toContain('\u001b[32m+ organization screen');
  stopped.pty.write('\u0003');
  expect(await stopped.ended).toBe(130);
  expect(stopped.text()).toContain('nothing was changed');

  const refused = typed(['apply', '-f', 'screen.yaml'], 40);
  await refused.says('Do this at');
  refused.pty.resize(120, 30);
  refused.pty.write('n');
  expect(await refused.ended).toBe(1);
  expect((await bench.diff(files)).code).toBe(1);
}, 180_000);

test('yes does it, and a new secret is on the screen once', async () => {
  const applied = typed(['apply', '-f', 'screen.yaml'], 200);
  await applied.says('Do this at');
  applied.pty.write('y');
  expect(await applied.ended).toBe(0);
  expect(applied.text()).toContain('New secrets, which are shown this once:');
  expect(applied.text().match(/"secret":"[0-9A-Za-z]{48}"/g)).toHaveLength(1);
  expect(applied.text()).toContain('Made 2, changed 0, removed 0.');
  expect((await bench.diff(files)).code).toBe(0);
}, 180_000);
