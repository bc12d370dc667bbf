// A new secret that goes to a file: nobody else reads it, nothing that was there is lost, and the exit codes say how it went.

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Place, startPlace } from './place.ts';

let place: Place;
beforeAll(async () => {
  place = await startPlace();
});
afterAll(() => place.stop());

const create = (name: string, file: string) =>
  place.keyward(['tokens', 'create', '--name', name, '--permissions', 'read:funds', '--secret-to', file]);

test('--secret-to makes a file that this user alone reads, and shows the secret nowhere else [S128]', async () => {
  const { code, output, errors } = await create('filed', 'filed.secret');
  expect(code).toBe(0);
  const path = join(place.folder, 'filed.secret');
  const secret = readFileSync(path, 'utf8').trim();
  expect(secret).toMatch(/^kw_/);
  expect(output + errors).not.toContain(secret);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('--secret-to overwrites nothing, and then makes no token [S128]', async () => {
  const path = join(place.folder, 'kept.secret');
  writeFileSync(path, 'of somebody else');
  expect((await create('unmade', 'kept.secret')).code).not.toBe(0);
  expect(readFileSync(path, 'utf8')).toBe('of somebody else');
  expect((await place.keyward(['tokens', 'list', '--all'])).output).not.toContain('unmade');
});

test('exits with 0 when done, 1 when it did not work, 2 when asked wrongly', async () => {
  expect((await place.keyward(['tokens', 'list'])).code).toBe(0);
  expect((await place.keyward(['tokens', 'show', 'no-such-token'])).code).toBe(1);
  expect((await place.keyward(['tokens', 'list', '--no-such-flag'])).code).toBe(2);
});
