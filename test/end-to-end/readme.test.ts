// The README: every command in it is run as it stands, in the order in which a reader meets them.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import { blocksIn, readPage, sectionOf } from './docs-page.ts';
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
  afterAll(() => server?.kill());

  test('runs as it is pasted, and every answer is the promised one', async () => {
    const promised = [
      [],
      [200, 401],
      [200, 200],
      [200, 200, 403],
      [200, 200],
      [200, 200, 200, 401],
      [200, 200, 200],
      [200, 200],
      [200, 200],
      [],
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
    const [, , , , , , machine = '', oauth = '', customers = '', session = '', commands = '', journal = ''] = outputs;
    expect(machine).toContain('"type":"api_user"');
    expect(oauth).toContain('"permissions":["run:inference"]');
    expect(customers).toMatch(/"allowed":true.*"externalId":"cus_1001"/);
    expect(customers).toContain('"lacking":[{"permission":"read:funds","in":"entitlement"}]');
    expect(session).toMatch(/Signed in to .*\nowner@demo\.example of demo at /);
    expect(commands).toMatch(/is let in[\s\S]*The API token nightly is deactivated\.[\s\S]*api_token\.deactivated/);
    expect(journal).toMatch(/^The journal is intact: \d+ entries/);
  });
});

describe('npm start', () => {
  // Without this, npm would install packages in the middle of a test.
  const isSetUp = async () => {
    const stamps = (await import(join(root, 'scripts', 'stamp.js'))) as {
      isStamped(name: string, fingerprint: string): boolean;
      fingerprint(paths: readonly string[]): string;
    };
    return stamps.isStamped('installed', stamps.fingerprint(['package-lock.json', 'scripts/set-up.js']));
  };
  const notSetUp = 'The packages are not those of package-lock.json: npm run set-up.';

  test('starts the demo and passes options on', async ({ skip }) => {
    skip(!(await isSetUp()), notSetUp);
    const [command = ''] = blocksIn(sectionOf(readme, '## Start it')).map(({ text }) => text.trim());
    await build();
    const place = freshPlace();
    const served = await serve(
      { ...place, folder: root },
      `${command} -- --port 0 --data ${join(place.folder, 'data')}`,
    );
    try {
      expect((await fetch(`${served.url}/public/status`)).status).toBe(200);
    } finally {
      await served.stop();
      place.remove();
    }
  });

  test('takes the server with it when it is ended', async ({ skip }) => {
    skip(!(await isSetUp()), notSetUp);
    await build();
    const place = freshPlace();
    const data = join(place.folder, 'data');
    const child = spawn('npm', ['start', '--', '--port', '0', '--data', data], { cwd: root, env: place.environment });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const url = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.once('close', () => reject(new Error(`npm start ended.\n${text}`)));
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk;
        const [, found] = /^Keyward listens on (\S+)$/m.exec(text) ?? [];
        if (found !== undefined) resolve(found);
      });
    });
    child.kill('SIGTERM');
    await ended;
    await expect
      .poll(() =>
        fetch(url).then(
          () => 'up',
          () => 'down',
        ),
      )
      .toBe('down');
    await expect.poll(async () => (await keyward(place, ['migrate', '--data', data])).code).toBe(0);
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
