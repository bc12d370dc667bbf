// What somebody sees and may type in a terminal: the built program on a pseudo-terminal, against a demo of its own.

import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProgram } from '../../server/src/cli/program.ts';
import { realTerminal } from '../../server/src/cli/terminal/terminal.ts';
import { type Demo, startDemo } from '../end-to-end/program.ts';
import { bash } from '../end-to-end/run.ts';
import { ctrlC, expectUsable, leaving, onScreen, sequence } from './screen.ts';

let demo: Demo;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  demo = await startDemo();
  const answer = await fetch(`${demo.url}/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(demo.demo.owner),
  });
  const { accessToken } = (await answer.json()) as { accessToken: string };
  environment = { KEYWARD_URL: demo.url, KEYWARD_TOKEN: accessToken };
});
afterAll(() => demo?.kill());

async function names(): Promise<string[]> {
  const { output } = await bash(demo.place, 'keyward tokens list --all --json', { environment });
  return (JSON.parse(output) as { items: { name: string }[] }).items.map(({ name }) => name);
}

describe('every command', () => {
  const words = ['', ...wordsBelow(createProgram(realTerminal()), '')];
  const several = Array.from({ length: 4 }, (_, first) => words.filter((_, at) => at % 4 === first));

  test('starts on a terminal and shows its help, in no more than its width', async () => {
    const shown = await Promise.all(several.map(helpOf));
    const all = new Map(shown.flat());
    expect(words.filter((word) => !all.has(word))).toEqual([]);
    for (const [word, { code, text }] of all) {
      expect([word, code, text]).toEqual([word, '0', expect.stringContaining(`Usage: keyward ${word}`.trim())]);
      // An example is one line, so that it can be copied.
      const [, rest = text] = /\r?\nUsage: ([\s\S]*)$/.exec(`\n${text}`) ?? [];
      const wide = rest
        .split(/\r?\n/)
        .filter((line) => line.length > 100 && !/^ {2}KEYWARD_|^ {2}\w+ {10,}/.test(line));
      expect([word, wide]).toEqual([word, []]);
    }
  });

  /** One terminal after the other would take four times as long. */
  async function helpOf(some: readonly string[]): Promise<[string, { code: string; text: string }][]> {
    const script = some.map((word) => `echo "[${word}]"; keyward ${word} --help; echo "[code $?]"`).join('\n');
    const { output } = await onScreen(demo.place, script);
    const pieces = output.matchAll(/\[([a-z -]*)\]\r?\n([\s\S]*?)\[code (\d+)\]/g);
    return [...pieces].map(([, word = '', text = '', code = '']) => [word, { code, text }]);
  }
});

describe('colours', () => {
  test.each([
    ['on a terminal', '', {}, true],
    ['with NO_COLOR', '', { NO_COLOR: '1' }, false],
    ['on a dumb terminal', '', { TERM: 'dumb' }, false],
    ['in a pipe', ' | cat', {}, false],
  ])('%s', async (_, pipe, extra, isColoured) => {
    const ran = await onScreen(demo.place, `keyward tokens list${pipe}`, [], {
      environment: { ...environment, ...extra },
    });
    expect([ran.code, ran.output.includes(sequence)]).toEqual([0, isColoured]);
  });
});

describe('a table', () => {
  const commands = [
    'tokens list',
    'calls --organization "*"',
    'journal tail',
    'orgs list',
    'permissions list',
    'users list',
  ];

  test.each([60, 200])('is no wider than %i columns', async (columns) => {
    const options = { columns, environment: { ...environment, NO_COLOR: '1' } };
    const { output } = await onScreen(demo.place, commands.map((one) => `keyward ${one}`).join('\n'), [], options);
    expect(output).toContain('NAME');
    expect(output.split(/\r?\n/).filter((line) => line.length > columns)).toEqual([]);
  });

  test('has whole ids where there is room, and no half of one', async () => {
    const shown = async (columns: number) => {
      const options = { columns, environment: { ...environment, NO_COLOR: '1' } };
      return (await onScreen(demo.place, 'keyward tokens list', [], options)).output;
    };
    expect(await shown(200)).toMatch(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/);
    expect(await shown(60)).not.toMatch(/ ID\b/);
  });

  test('in a pipe has every cell whole, and a tab between two', async () => {
    const { output } = await bash(demo.place, 'keyward tokens list', { environment });
    const rows = output
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(new Set(rows.map(({ length }) => length)).size).toBe(1);
    expect(output).not.toContain('…');
  });
});

describe('what destroys', () => {
  test('asks first: n changes nothing, and y does it', async () => {
    const create = 'keyward tokens create --name doomed --permissions read:funds --json';
    expect((await bash(demo.place, create, { environment })).code).toBe(0);
    const answering = (key: string) =>
      onScreen(demo.place, leaving('keyward tokens delete doomed'), [[/doomed/, key]], { environment });
    const no = await answering('n');
    expect(no.output).toMatch(/nothing was changed[\s\S]*code=1\b/);
    expectUsable(no.output);
    expect(await names()).toContain('doomed');
    expect((await answering('y')).output).toMatch(/code=0\b/);
    expect(await names()).not.toContain('doomed');
  });

  test('is not done where Ctrl-C answers, and the terminal is as it was', async () => {
    const before = await names();
    const [some = ''] = before;
    const asked = await onScreen(demo.place, leaving(`keyward tokens delete ${some}`), [[/Go on\?/, ctrlC]], {
      environment,
    });
    expect(asked.output).toMatch(/code=130\b/);
    expectUsable(asked.output);
    expect(await names()).toEqual(before);
  });
});

test('a password that is typed is not shown, and Ctrl-C ends the question with 130 [S128]', async () => {
  const login = leaving(`keyward login --url ${demo.url} --email ann@example.com --with-password`);
  const wrong = await onScreen(demo.place, login, [[/Password/, 'hunter2-typed\r']]);
  expect(wrong.output).toMatch(/password is wrong[\s\S]*code=1\b/);
  expect(wrong.output).not.toContain('hunter2');
  const stopped = await onScreen(demo.place, login, [[/Password/, ctrlC]]);
  expect(stopped.output).toMatch(/nothing was changed[\s\S]*code=130\b/);
  expectUsable(stopped.output);
});

test('a command that waits for a secret on a terminal asks for it, and shows none of it [S128]', async () => {
  const secret = demo.demo.parsers.apiKey;
  const asked = await onScreen(demo.place, 'keyward verify', [[/Paste the credential/, `${secret}\r`]], {
    environment,
  });
  expect([asked.code, asked.output]).toEqual([0, expect.stringContaining('is let in')]);
  expect(asked.output).not.toContain(secret);
});

test('what a server sends cannot move the cursor', async () => {
  const name = `evil ${sequence}2J`;
  const made = await fetch(`${demo.url}/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${environment.KEYWARD_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'described', description: 'd', permissions: ['read:funds'], metadata: { name } }),
  });
  expect(made.status).toBe(201);
  const options = { environment: { ...environment, NO_COLOR: '1' } };
  for (const command of ['tokens show described', 'api /v1/tokens?search=described']) {
    const { output } = await onScreen(demo.place, `keyward ${command}`, [], options);
    expect(output).toContain('evil');
    expect(output).not.toContain(sequence);
  }
});

function wordsBelow(command: Command, before: string): string[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help')
    .flatMap((one) => {
      const words = `${before} ${one.name()}`.trim();
      return [words, ...wordsBelow(one, words)];
    });
}
