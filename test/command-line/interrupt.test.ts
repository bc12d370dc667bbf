// Ctrl-C in the middle of what takes long, and readers that go away: the command ends at once and says how, the terminal is as it
// was, and nothing is lost or half done.

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Demo, startDemo } from '../end-to-end/program.ts';
import { bash } from '../end-to-end/run.ts';
import { startEndless } from './endless.ts';
import { ctrlC, expectUsable, leaving, openScreen, sequence } from './screen.ts';

let demo: Demo;
let endless: Awaited<ReturnType<typeof startEndless>>;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  [demo, endless] = await Promise.all([startDemo(), startEndless()]);
  const answer = await fetch(`${demo.url}/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(demo.demo.owner),
  });
  const { accessToken } = (await answer.json()) as { accessToken: string };
  environment = { KEYWARD_URL: demo.url, KEYWARD_TOKEN: accessToken };
});
afterAll(async () => {
  endless?.stop();
  await demo?.kill();
});

describe('Ctrl-C', () => {
  test.each(['', ' --json'])('in the middle of a long list%s ends it with 130', async (flag) => {
    const script = leaving(`keyward orgs list --all${flag}`);
    const screen = openScreen(demo.place, script, { environment: endless.environment });
    await screen.until(/name \d|"name":/);
    screen.type(ctrlC);
    const { output } = await screen.ended;
    expect(output).toMatch(/Stopped\.[\s\S]*code=130\b/);
    expectUsable(output);
  });

  test('ends what follows the journal', async () => {
    const screen = openScreen(demo.place, leaving('keyward journal tail --follow'), { environment });
    await screen.until(/SEQ/);
    screen.type(ctrlC);
    const { output } = await screen.ended;
    expect(output).toMatch(/code=130\b/);
    expectUsable(output);
  });

  test('takes the progress away and says that it was stopped, on a line of its own', async () => {
    const screen = openScreen(demo.place, leaving('keyward scan - --offline < /dev/zero'), { environment });
    await screen.until(/Scanning {2}\d/);
    screen.type(ctrlC);
    const { output } = await screen.ended;
    expect(output).toMatch(new RegExp(`\\r${sequence.replace('[', '\\[')}K(\\^C)?Stopped\\.\\r?\\n`));
    expect(output).toMatch(/code=130\b/);
    expectUsable(output);
  });

  test('in the middle of an import loses nothing: run again it takes what was left, once', async () => {
    const rows = 5000;
    const hashOf = (at: number) => createHash('sha256').update(`sk_stop_${at}`).digest('hex');
    const lines = Array.from({ length: rows }, (_, at) => `k${at},${hashOf(at)},read:funds`);
    writeFileSync(join(demo.place.folder, 'keys.csv'), `name,hash,permissions\n${lines.join('\n')}\n`);
    const recipe = 'name: stopped\nalgorithm: sha256\nshape: {prefix: sk_stop_, alphabet: base62}\n';
    writeFileSync(join(demo.place.folder, 'recipe.yaml'), recipe);
    const command = 'keyward import tokens keys.csv --recipe recipe.yaml';
    const screen = openScreen(demo.place, leaving(command), { environment });
    await screen.until(/Importing[^\r\n]* \d{3}/);
    screen.type(ctrlC);
    const { output } = await screen.ended;
    expect(output).toMatch(/Stopped\. Everything up to about line \d+ is imported\.[\s\S]*code=130\b/);
    expectUsable(output);
    const again = await bash(demo.place, `${command} --json`, { environment });
    const { added, present } = JSON.parse(again.output) as { added: number; present: number };
    expect([again.code, added + present]).toEqual([0, rows]);
    expect([added > 0, present > 0]).toEqual([true, true]);
  }, 120_000);
});

test('progress goes by the width that the terminal has at that moment', async () => {
  const screen = openScreen(demo.place, leaving('keyward scan - --offline < /dev/zero'), { environment, columns: 100 });
  await screen.until(/Scanning {2}\d[^\r]*a second/);
  screen.resize(16);
  const from = screen.output().length;
  await expect.poll(() => screen.output().slice(from).split('\r').length, { timeout: 30_000 }).toBeGreaterThan(5);
  const at = screen.output().length;
  screen.type(ctrlC);
  await screen.ended;
  // The first may have been on its way.
  const lines = screen
    .output()
    .slice(from, at)
    .split('\r')
    .slice(2)
    .map((line) => line.replaceAll(`${sequence}K`, ''));
  expect(lines.filter((line) => line.length > 15)).toEqual([]);
});

describe('in a pipe', () => {
  test('there is no progress, and no colour', async () => {
    const ran = await bash(demo.place, 'head -c 100000000 /dev/zero | keyward scan - --offline', { environment });
    expect(ran).toMatchObject({ code: 0, output: '' });
    expect(ran.errors).not.toMatch(/\r|Scanning/);
    expect(ran.errors).not.toContain(sequence);
  });

  test.each([
    'tokens list --all',
    'tokens list --all --json',
    'journal search --all',
    'permissions list',
    'export',
    'openapi',
    '--help',
  ])('a reader of keyward %s that goes early is no error', async (command) => {
    const ran = await bash(demo.place, `set -o pipefail; keyward ${command} | head -1`, { environment });
    expect(ran).toMatchObject({ code: 0, errors: '' });
  });

  test.each(['', ' --json'])('a list without an end%s ends with its reader', async (flag) => {
    const script = `set -o pipefail; keyward orgs list --all${flag} | head -c 10`;
    expect(await bash(demo.place, script, { environment: endless.environment })).toMatchObject({ code: 0, errors: '' });
    const raw = 'set -o pipefail; keyward api /v1/organizations --paginate | head -c 10';
    expect(await bash(demo.place, raw, { environment: endless.environment })).toMatchObject({ code: 0, errors: '' });
  });
});
