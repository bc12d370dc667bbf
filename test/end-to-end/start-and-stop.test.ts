// Starting where it cannot work, and stopping: what somebody at a terminal sees, and the exit code a supervisor sees.

import { existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { within } from '../machine-time.ts';
import { type Demo, start, startDemo } from './program.ts';
import { freePort, freshPlace, keyward, type Place, type Ran } from './run.ts';

let server: Demo;
let place: Place;
beforeAll(async () => {
  server = await startDemo();
  place = freshPlace();
});
afterAll(async () => {
  await server?.kill();
  place?.remove();
});

/** A few lines in plain words, and nothing of a stack. */
function expectPlainWords({ code, output, errors }: Ran, words: RegExp): void {
  expect([code, output]).toEqual([1, '']);
  expect(errors).toMatch(words);
  expect(errors.trimEnd().split('\n').length).toBeLessThanOrEqual(4);
  expect(errors).not.toMatch(/^\s+at |Error:|node:|\{/m);
}

describe('a start that cannot work says why in plain words', () => {
  test.each([[['--demo']], [[]]])('on a port that is taken, with %j', async (flags) => {
    const { port } = new URL(server.url);
    // A folder of its own: the demo's is never served as real.
    const folder = join(place.folder, flags.length > 0 ? 'demo-data' : 'real-data');
    const ran = await keyward(place, ['serve', ...flags, '--data', folder, '--port', port, '--log-level', 'error']);
    expectPlainWords(
      ran,
      new RegExp(`cannot listen on 127\\.0\\.0\\.1, port ${port}: the port is taken[\\s\\S]*--port`),
    );
    expect((await fetch(server.url + server.demo.publicPath)).status).toBe(200);
  });

  test.each([[['serve', '--demo', '--port', '0']], [['migrate']]])(
    'on a folder that another Keyward has open: %j',
    async ([command = '', ...flags]) => {
      const ran = await keyward(place, [command, ...flags, '--data', server.folder]);
      expectPlainWords(ran, /Another Keyward is running on this data folder/);
    },
  );

  test('on a folder that is no demo, when a demo is asked for', async () => {
    const data = join(place.folder, 'real');
    const init = ['init', '--organization', 'acme', '--email', 'ada@example.com', '--password-stdin', '--data', data];
    expect(await keyward(place, init, { input: 'correct horse battery' })).toMatchObject({ code: 0 });
    const ran = await keyward(place, ['serve', '--demo', '--port', '0', '--data', data]);
    expectPlainWords(ran, /no demo\.json[\s\S]*--data/);
    expect(existsSync(join(data, 'demo.json'))).toBe(false);
  });

  test('on an address that this machine does not have', async () => {
    const ran = await keyward(place, ['serve', '--host', '192.0.2.1', '--data', join(place.folder, 'elsewhere')]);
    expectPlainWords(ran, /does not have that address/);
  });

  test('on a certificate that is not there', async () => {
    const tls = ['--tls-cert', 'nowhere.pem', '--tls-key', 'nowhere.key'];
    const ran = await keyward(place, ['serve', ...tls, '--data', join(place.folder, 'elsewhere')]);
    expectPlainWords(ran, /nowhere\.pem[\s\S]*nowhere\.key/);
  });

  test('and after it the folder is free again', async () => {
    const { port } = new URL(server.url);
    const data = join(place.folder, 'again');
    await keyward(place, ['serve', '--demo', '--port', port, '--data', data]);
    expect(await keyward(place, ['migrate', '--data', data])).toMatchObject({ code: 0 });
  });
});

describe('a start that works', () => {
  test('on port 0 prints the port that it took', async () => {
    expect(Number(new URL(server.url).port)).toBeGreaterThan(0);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  test('on a given port takes that one', async () => {
    const port = await freePort();
    const other = await startDemo({ args: ['--port', String(port)] });
    expect(other.url).toBe(`http://127.0.0.1:${port}`);
    await other.kill();
  });

  // Node's own, behind `fetch`: a static import of node:http anywhere in the program loads it, at a tenth of a start's cost.
  test('loads no HTTP client', async () => {
    const tell = `process.on('exit',()=>console.error('loaded:',process.moduleLoadList.join()))`;
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}` };
    const program = await start({ args: ['--workers', '1'], environment });
    expect(await program.stop()).toBe(0);
    expect(program.output()).toMatch(/loaded: .*NativeModule _http_server/);
    expect(program.output()).not.toMatch(/undici/);
    await program.kill();
  });
});

describe('stopping', () => {
  test.each([
    ['SIGTERM', start],
    ['SIGINT', start],
    ['SIGHUP', startDemo],
  ] as const)('%s ends the program with code 0', async (signal, begin) => {
    const program = await begin();
    expect((await fetch(`${program.url}/healthz`)).status).toBe(200);
    expect(await program.stop(signal)).toBe(0);
    expect(program.output()).not.toMatch(/Error|error/);
    await program.kill();
  });

  test('finishes what is under way, and then ends [S119]', async () => {
    const program = await startDemo();
    const { username, password } = program.demo.debricked;
    const body = new URLSearchParams({ _username: username, _password: password }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length };
    const agent = new Agent({ keepAlive: true });
    const call = request(`${program.url}/api/login_check`, { method: 'POST', agent, headers });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      call.on('error', reject).on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode)));
    });
    call.write(body.slice(0, 10));
    const isUp = () =>
      fetch(`${program.url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
    // What came later is answered, so the beginning of the call has been read.
    for (const _ of 'twice') expect(await isUp()).toBe(true);
    await within(5000, async () => {
      const ended = program.stop();
      await expect.poll(isUp).toBe(false);
      call.end(body.slice(10));
      expect([await answered, await ended]).toEqual([200, 0]);
    });
    agent.destroy();
    await program.kill();
  });
});
