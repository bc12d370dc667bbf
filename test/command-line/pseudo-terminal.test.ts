// What somebody sees and may type in a terminal: the built program on a pseudo-terminal, against a demo of its own.

import { spawn } from '@lydell/node-pty';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Demo, startDemo } from '../end-to-end/program.ts';
import { bash } from '../end-to-end/run.ts';

const colour = '\u001b[';
let demo: Demo;
let environment: Record<string, string>;

beforeAll(async () => {
  demo = await startDemo();
  const answer = await fetch(`${demo.url}/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(demo.demo.owner),
  });
  const { accessToken } = (await answer.json()) as { accessToken: string };
  environment = {
    ...(demo.place.environment as Record<string, string>),
    TERM: 'xterm-256color',
    KEYWARD_URL: demo.url,
    KEYWARD_TOKEN: accessToken,
  };
});
afterAll(() => demo.kill());

/** Runs a command on a terminal; `typed` answers what it shows, each once. */
function onTerminal(args: string[], typed: [RegExp, string][] = [], { columns = 100, extra = {} } = {}) {
  const waiting = [...typed];
  const terminal = spawn('keyward', args, {
    cols: columns,
    rows: 40,
    cwd: demo.place.folder,
    env: { ...environment, ...extra },
  });
  let output = '';
  return new Promise<{ code: number; output: string }>((resolve) => {
    terminal.onData((data) => {
      output += data;
      const [next] = waiting;
      if (next?.[0].test(output)) {
        waiting.shift();
        terminal.write(next[1]);
      }
    });
    terminal.onExit(({ exitCode }) => resolve({ code: exitCode, output }));
  });
}

async function names(): Promise<string[]> {
  const { output } = await bash(demo.place, 'keyward tokens list --all --json', { environment });
  return (JSON.parse(output) as { items: { name: string }[] }).items.map(({ name }) => name);
}

test('a terminal gets colours, and with NO_COLOR none', async () => {
  const coloured = await onTerminal(['tokens', 'list']);
  expect(coloured).toMatchObject({ code: 0, output: expect.stringContaining(colour) });
  const plain = await onTerminal(['tokens', 'list'], [], { extra: { NO_COLOR: '1' } });
  expect(plain).toMatchObject({ code: 0, output: expect.not.stringContaining(colour) });
});

test('no line of a table is wider than the terminal', async () => {
  const { output } = await onTerminal(['tokens', 'list'], [], { columns: 70, extra: { NO_COLOR: '1' } });
  expect(output.split(/\r?\n/).filter((line) => line.length > 70)).toEqual([]);
});

test('what destroys asks first: n changes nothing, and y does it', async () => {
  const made = await bash(demo.place, 'keyward tokens create --name doomed --permissions read:funds --json', {
    environment,
  });
  expect(made.code).toBe(0);
  const { code, output } = await onTerminal(['tokens', 'delete', 'doomed'], [[/doomed/, 'n']]);
  expect(output).toContain('doomed');
  expect(code).not.toBe(0);
  expect(await names()).toContain('doomed');
  expect((await onTerminal(['tokens', 'delete', 'doomed'], [[/doomed/, 'y']])).code).toBe(0);
  expect(await names()).not.toContain('doomed');
});

test('a password that is typed is not shown, and Ctrl-C ends the question with 130 [S128]', async () => {
  const login = ['login', '--url', demo.url, '--email', 'ann@example.com', '--with-password'];
  const wrong = await onTerminal(login, [[/Password/, 'hunter2-typed\r']]);
  expect(wrong.code).toBe(1);
  expect(wrong.output).toContain('password is wrong');
  expect(wrong.output).not.toContain('hunter2');
  expect((await onTerminal(login, [[/Password/, '\u0003']])).code).toBe(130);
});

test('a reader that goes early is no error', async () => {
  const script = 'set -o pipefail; keyward tokens list --all | true';
  expect(await bash(demo.place, script, { environment })).toMatchObject({ code: 0, errors: '' });
});
