// What somebody sees who runs the command where it cannot work: on an old Node, or before it was built.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-bin-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  copyFileSync(join(import.meta.dirname, 'keyward.js'), join(folder, 'bin', 'keyward.js'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function keyward(node: string) {
  const versions = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${node}' } });`;
  const pretend = `data:text/javascript,${encodeURIComponent(versions)}`;
  const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') };
  const args = ['--import', pretend, join(folder, 'bin', 'keyward.js')];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const program = () => writeFileSync(join(folder, 'dist', 'main.js'), "console.log('it runs');");

test.each(['20.20.2', '22.14.0', '18.0.0'])('on Node %s it says which Node it needs and loads nothing', (version) => {
  program();
  const { status, stdout, stderr } = keyward(version);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toBe(
    `Keyward needs Node 22.15 or newer, and this is Node ${version}.\n` +
      'Install Node 24 (https://nodejs.org) and run the command again.\n',
  );
});

test.each(['22.15.0', '24.0.0'])('on Node %s it runs', (version) => {
  program();
  expect(keyward(version)).toEqual({ status: 0, stdout: 'it runs\n', stderr: '' });
});

test('before it is built it says how to build it', () => {
  const { status, stderr } = keyward('24.0.0');
  expect([status, stderr]).toEqual([1, expect.stringContaining('npm run build')]);
});
