// What a private file owes whoever stores a secret in it.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { draftOfPrivateFile, replacePrivateFile } from './private-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-private-'));
  path = join(folder, 'secret');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('is replaced whole, is for this account alone, and leaves nothing beside it', () => {
  writeFileSync(path, 'an older and longer one', { mode: 0o644 });
  replacePrivateFile(path, 'new');
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['secret']);
});

test('a draft that a crash left is in nobody’s way, though the next process has the same id', () => {
  const left = draftOfPrivateFile(path, 'left');
  replacePrivateFile(path, 'new');
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readFileSync(left, 'utf8')).toBe('left');
});
