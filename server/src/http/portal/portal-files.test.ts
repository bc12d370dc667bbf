// Reading the built portal: what is taken from its folder, and what a server without one knows.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nonceMark, readPortal } from './portal-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-portal-'));
  mkdirSync(join(folder, 'assets'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('reads the page and its files with their compressed copies, and nothing else that lies there', () => {
  writeFileSync(join(folder, 'index.html'), `<script nonce="${nonceMark}">`);
  writeFileSync(join(folder, 'reference.html'), 'the reference');
  for (const name of ['a-12345678.js', 'a-12345678.js.gz', 'a-12345678.js.br', 'icon.svg', 'notes.txt']) {
    writeFileSync(join(folder, 'assets', name), name);
  }
  const portal = readPortal(folder);
  expect(portal?.reference).toBe('the reference');
  expect([...(portal?.files.keys() ?? [])].sort()).toEqual(['/assets/a-12345678.js', '/assets/icon.svg']);
  const script = portal?.files.get('/assets/a-12345678.js');
  expect([script?.isHashed, String(script?.gzip), String(script?.br)]).toEqual([
    true,
    'a-12345678.js.gz',
    'a-12345678.js.br',
  ]);
  expect(portal?.files.get('/assets/icon.svg')).toMatchObject({ isHashed: false, gzip: undefined });
});

test('knows of no portal where none was built', () => {
  expect(readPortal(folder)).toBeNull();
});
