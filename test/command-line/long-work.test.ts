// Long work on a pseudo-terminal: an import and a scan show how far they are, fit themselves to a terminal that changes, and Ctrl-C in
// their midst loses nothing. The built program, against a demo of its own.

import { createHash } from 'node:crypto';
import { ftruncateSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type IPty, spawn } from '@lydell/node-pty';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Demo, startDemo } from '../end-to-end/program.ts';
import { bash } from '../end-to-end/run.ts';

const interrupt = '\u0003';
const clearLine = '\u001b[K';
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
afterAll(() => demo?.kill());

/** Runs a command on a terminal of 100 columns; each step is done once, when what came since the one before has its text. */
function onTerminal(args: string[], steps: [RegExp, (terminal: IPty) => void][] = [], extra = {}) {
  const env = { ...environment, ...extra };
  const terminal = spawn('keyward', args, { cols: 100, rows: 40, cwd: demo.place.folder, env });
  const waiting = [...steps];
  let [output, from] = ['', 0];
  return new Promise<{ code: number; output: string }>((resolve) => {
    terminal.onData((data) => {
      output += data;
      const [next] = waiting;
      if (next?.[0].test(output.slice(from))) {
        waiting.shift();
        from = output.length;
        next[1](terminal);
      }
    });
    terminal.onExit(({ exitCode }) => resolve({ code: exitCode, output }));
  });
}

const type = (text: string) => (terminal: IPty) => terminal.write(text);
const write = (name: string, text: string) => writeFileSync(join(demo.place.folder, name), text);

/** What is left on the screen: a line that was written over is gone. */
const left = (output: string) =>
  output.split(/\r?\n/).map((line) => line.split(`\r`).at(-1)?.split(clearLine).at(-1) ?? '');

describe('an import', () => {
  const rows = 12_000;
  const bad = 100;
  const command = ['import', 'tokens', 'keys.csv', '--recipe', 'old.yaml'];
  beforeAll(() => {
    write('old.yaml', 'name: old\nalgorithm: sha256\nshape: { prefix: old_ }\ndefaults: { permissions: [] }\n');
    const lines = Array.from({ length: rows }, (_, row) => {
      const hash = createHash('sha256').update(`old_a long enough key ${row}`).digest('hex');
      return `key ${row},${row + 2 === bad ? 'nonsense' : hash}`;
    });
    write('keys.csv', `name,hash\n${lines.join('\n')}\n`);
  });
  const imported = () => {
    const database = new Sqlite(join(demo.folder, 'keyward.db'), { readonly: true });
    const sql = "select count(*) as 'all', count(distinct name) as names from api_tokens where name like 'key %'";
    const found = database.prepare(sql).get() as { all: number; names: number };
    database.close();
    return found;
  };

  test('shows how far it is, narrower when the terminal becomes so; Ctrl-C ends it in order, and the same command goes on [S110]', async () => {
    const stopped = await onTerminal(command, [
      [/Importing tokens {2}[1-9][\d,]* rows/, (terminal) => terminal.resize(24, 20)],
      [/\rImporting tokens {2}[\d,]+…/, type(interrupt)],
    ]);
    expect(stopped.code, stopped.output).toBe(130);
    expect(stopped.output).toContain(`line ${bad}: hash: This is no sha256 digest in hex.`);
    const [, told = ''] = /up to about line (\d+) is imported/.exec(stopped.output.replace(/\r?\n/g, '')) ?? [];
    expect(stopped.output).toContain('Run the same command again');
    const { all, names } = imported();
    // What was under way when it was stopped is done, and what the command says of it is true.
    expect(names).toBe(all);
    expect(all).toBeGreaterThan(0);
    expect(all).toBeLessThan(rows - 1);
    expect(Number(told)).toBe(all + 2);
    const ended = await onTerminal(command);
    expect(ended.code, ended.output).toBe(1);
    const count = (number: number) => number.toLocaleString('en');
    expect(left(ended.output)).toContain(
      `${count(rows - 1 - all)} tokens added, ${count(all)} there already, 1 not taken.`,
    );
    expect(imported()).toEqual({ all: rows - 1, names: rows - 1 });
    // No half of a line of progress is left on the screen.
    for (const line of left(ended.output)) expect(line).not.toContain('Importing');
  }, 120_000);

  test('in a pipe says nothing of how far it is', async () => {
    const { code, output, errors } = await bash(demo.place, `keyward ${command.join(' ')}`, { environment });
    expect([code, output]).toEqual([
      1,
      `0 tokens added, ${(rows - 1).toLocaleString('en')} there already, 1 not taken.\n`,
    ]);
    expect(errors).toBe(`line ${bad}: hash: This is no sha256 digest in hex.\n`);
  }, 60_000);
});

describe('a scan', () => {
  const created = async (name: string): Promise<string> => {
    const line = `keyward tokens create --name ${name} --permissions read:funds --json`;
    return (JSON.parse((await bash(demo.place, line, { environment })).output) as { secret: string }).secret;
  };
  const isLetIn = async (secret: string) =>
    (await fetch(`${demo.url}/v1/self`, { headers: { authorization: `Bearer ${secret}` } })).status === 200;

  test('shows how far it is, and Ctrl-C ends it at once', async () => {
    const file = openSync(join(demo.place.folder, 'sparse'), 'w');
    ftruncateSync(file, 2 ** 40);
    const { code, output } = await onTerminal(
      ['scan', 'sparse', '--offline'],
      [[/Scanning {2}[1-9][\d,]* MB/, type(interrupt)]],
    );
    expect([code, left(output).join('')], output).toEqual([130, expect.stringContaining('Stopped.')]);
    ftruncateSync(file, 0);
  });

  test('finds in colours, and in none with NO_COLOR; asks before it ends anything, and n changes nothing', async () => {
    const secret = await created('leaked');
    mkdirSync(join(demo.place.folder, 'found'));
    write('found/a.env', `TOKEN=${secret}\n`);
    const shown = `${secret.slice(0, secret.lastIndexOf('_'))}_…`;
    const scan = ['scan', 'found', '--revoke'];
    const kept = await onTerminal(scan, [[/so that they end/, type('n')]]);
    expect([kept.code, await isLetIn(secret)]).toEqual([1, true]);
    expect((await onTerminal(scan, [[/so that they end/, type(interrupt)]])).code).toBe(130);
    expect(await isLetIn(secret)).toBe(true);
    const plain = await onTerminal(['scan', 'found'], [], { NO_COLOR: '1' });
    expect([plain.code, left(plain.output)[0]]).toEqual([
      1,
      expect.stringContaining(`found/a.env:1:7: ${shown} “leaked”`),
    ]);
    const ended = await onTerminal(scan, [[/so that they end/, type('y')]]);
    expect(ended.code, ended.output).toBe(1);
    expect(ended.output).toContain(`\u001b[31m${shown}\u001b[39m`);
    expect(ended.output).toContain('ended now');
    expect(await isLetIn(secret)).toBe(false);
    for (const { output } of [kept, plain, ended]) expect(output).not.toContain(secret.slice(-36));
  });
});
