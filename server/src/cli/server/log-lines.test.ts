// What the log of a server tells its operator, from the assembled server itself: calls if it is asked to, sign-ins that
// fail, and the stop. Nothing in it is a secret.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assemble } from '../../assemble.ts';
import { loadConfig } from '../../config/config.ts';
import { createLogger } from '../../http/log.ts';

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-log-'));
  log = '';
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = () =>
  log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

async function open(environment: Record<string, string>) {
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log += chunk;
      done();
    },
  });
  const config = loadConfig({ port: '0' }, environment, folder);
  const server = await assemble(config, { demo: true, logger: createLogger(config.logLevel, sink) });
  return { server, url: await server.listen() };
}

const secret = 'kw_hunter2hunter2';
async function calls(url: string) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` };
  const body = JSON.stringify({ email: 'eve@example.com', password: 'a kettle on the mountain' });
  const login = await fetch(`${url}/v1/login?hint=${secret}`, { method: 'POST', headers, body });
  const check = await fetch(`${url}/v1/check`, { headers });
  return [login.status, check.status];
}

test('with requestLog each request leaves a line with its route, status and address, and no secret [S124] [S125]', async () => {
  const { server, url } = await open({ KEYWARD_REQUEST_LOG: 'true' });
  const [loggedIn, checked] = await calls(url);
  const answered = () => lines().filter(({ msg }) => msg === 'answered');
  await expect.poll(answered).toHaveLength(2);
  await server.close('SIGTERM');
  expect(answered()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ level: 'info', method: 'POST', status: loggedIn, address: '127.0.0.1' }),
      expect.objectContaining({ level: 'info', route: '/v1/check', status: checked, address: '127.0.0.1' }),
    ]),
  );
  expect(log).not.toMatch(/hunter2|kettle|hint=/);
});

test('without it calls leave none, but a sign-in that fails and the stop do [S125]', async () => {
  const { server, url } = await open({});
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ email: 'eve@example.com', password: 'a kettle on the mountain' });
  expect((await fetch(`${url}/v1/login`, { method: 'POST', headers, body })).status).toBe(401);
  await server.close('SIGTERM');
  expect(lines().filter(({ msg }) => msg === 'answered')).toEqual([]);
  const failure = { level: 'warn', msg: 'a sign-in failed', address: '127.0.0.1', email: 'eve@example.com' };
  expect(lines()).toContainEqual(expect.objectContaining({ ...failure, outcome: 'failed' }));
  expect(lines().slice(-2)).toEqual([
    expect.objectContaining({ reason: 'SIGTERM', msg: 'stopping' }),
    expect.objectContaining({ msg: 'stopped' }),
  ]);
  expect(log).not.toContain('kettle');
});
