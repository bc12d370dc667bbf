// The README: every command in it is run as it stands, in the order in which a reader meets them.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import { blocksIn, readPage, sectionOf } from './page.ts';
import { build, type Demo, startDemo } from './program.ts';
import { freshPlace, keyward, root, run, statusesIn, whyNot } from './run.ts';
import { openShell, serve } from './shell.ts';

const readme = readPage('README.md');
const noCurl = await whyNot('curl', ['--version']);
const noTerminal = await whyNot('script', ['-qec', 'true', '/dev/null']);

describe.skipIf(noCurl)(`the tour of five minutes${noCurl === null ? '' : `: ${noCurl}`}`, () => {
  let server: Demo;
  beforeAll(async () => {
    server = await startDemo();
  });
  afterAll(() => server.kill());

  test('runs as it is pasted, and every answer is the promised one', { timeout: 60_000 }, async () => {
    const promised = [
      [],
      [200, 401],
      [200, 200],
      [200, 200, 403],
      [200, 200],
      [200, 200, 200, 401],
      [200, 200, 200],
      [],
      [],
    ];
    const blocks = blocksIn(sectionOf(readme, '## A tour of five minutes'));
    expect(blocks.map(({ language }) => language)).toEqual(promised.map(() => 'sh'));
    const shell = openShell(server.place);
    const outputs: string[] = [];
    for (const [index, { text }] of blocks.entries()) {
      const ran = await shell.run(text);
      expect([text, ran.code, statusesIn(ran)], ran.errors).toEqual([text, 0, promised[index]]);
      outputs.push(ran.output);
    }
    shell.close();
    const [, , , , , , machine = '', session = '', journal = ''] = outputs;
    expect(machine).toContain('"type":"api_user"');
    expect(session).toMatch(/Signed in to .*\nowner@demo\.example of demo at /);
    expect(journal).toMatch(/^The journal is intact: \d+ entries/);
  });
});

describe('the two commands', () => {
  test('npm start starts the demo, passes options on, and a second start does no set-up again', {
    timeout: 60_000,
  }, async () => {
    expect(blocksIn(sectionOf(readme, '## Start it')).map(({ text }) => text)).toEqual(['npm start\n']);
    await build();
    const place = freshPlace();
    const started = { ...place, folder: root };
    const served = await serve(started, `npm start -- --port 0 --data ${join(place.folder, 'data')}`);
    try {
      expect((await fetch(`${served.url}/public/status`)).status).toBe(200);
    } finally {
      await served.stop();
      place.remove();
    }
  });

  test('npm start ends with code 0 when a supervisor ends it', async () => {
    const place = freshPlace();
    const args = ['start', '--silent', '--', '--port', '0', '--data', join(place.folder, 'data')];
    const child = spawn('npm', args, { cwd: root, env: place.environment });
    const ended = new Promise<string>((resolve) =>
      child.once('close', (code, signal) => resolve(String(code ?? signal))),
    );
    await new Promise<void>((resolve) => {
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk;
        if (text.includes('Stop it with Ctrl-C')) resolve();
      });
    });
    child.kill('SIGTERM');
    expect(await ended).toMatch(/^(0|143|SIGTERM)$/);
    // The folder is free again once the server behind npm has ended as well.
    const verify = () => keyward(place, ['migrate', '--data', join(place.folder, 'data')]);
    await expect.poll(async () => (await verify()).code, { timeout: 10_000, interval: 300 }).toBe(0);
    place.remove();
  });
});

describe('use it for real', () => {
  const block = blocksIn(sectionOf(readme, '## Use it for real'))
    .map(({ text }) => text)
    .join('');
  const [init = '', serveLine = ''] = block.trim().split('\n');

  test.skipIf(noTerminal)(
    `keyward init asks, and keyward serve answers over HTTPS${noTerminal === null ? '' : `: ${noTerminal}`}`,
    async () => {
      await build();
      const place = freshPlace();
      const { cert, key } = selfSigned();
      writeFileSync(join(place.folder, 'cert.pem'), cert);
      writeFileSync(join(place.folder, 'key.pem'), key);
      expect(await answered(place.folder, place.environment, init)).toMatch(
        /The organization acme and its owner .* are ready/,
      );
      const served = await serve({ ...place, environment: { ...place.environment, KEYWARD_PORT: '0' } }, serveLine);
      try {
        expect(served.url).toMatch(/^https:/);
        const ran = await run(place, 'curl', ['--cacert', 'cert.pem', `${served.url}/readyz`]);
        expect([ran.output, statusesIn(ran)]).toEqual(['{"status":"ready"}', [200]]);
      } finally {
        await served.stop();
        place.remove();
      }
    },
  );
});

/** What the command shows on a terminal to somebody who types the answers. */
function answered(cwd: string, env: NodeJS.ProcessEnv, command: string): Promise<string> {
  const sized = `stty cols 120 rows 40; ${command}`;
  const child = spawn('script', ['-qefc', sized, '/dev/null'], { cwd, env: { ...env, TERM: 'xterm' } });
  const answers: [RegExp, string][] = [
    [/Name of the organization/, 'acme'],
    [/E-mail address of its owner/, 'ada@example.com'],
    [/Password/, 'correct horse battery'],
    [/The same password again/, 'correct horse battery'],
  ];
  let text = '';
  let seen = 0;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const [question, answer] = answers[0] ?? [];
    if (question === undefined || !question.test(text.slice(seen))) return;
    seen = text.length;
    answers.shift();
    setTimeout(() => child.stdin.write(`${answer}\r`), 50);
  });
  return new Promise((resolve) => child.once('close', () => resolve(text)));
}
