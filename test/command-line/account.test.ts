// What belongs to the person who is signed in: the name, the password and the second factor. Each test file has a server of its own,
// since a new password ends every session.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Place, startPlace } from './place.ts';

let place: Place;
beforeAll(async () => {
  place = await startPlace();
});
afterAll(() => place.stop());

const login = (password: string, file: string) =>
  place.keyward(['login', '--url', place.url, '--email', place.credentials.owner.email, '--password-stdin'], {
    input: password,
    environment: { KEYWARD_CREDENTIALS: join(place.folder, file) },
  });

test('a new name is what whoami says', async () => {
  expect((await place.keyward(['account', 'rename', 'Ann Example'])).code).toBe(0);
  const { output } = await place.keyward(['users', 'list', '--json']);
  expect(output).toContain('"name":"Ann Example"');
});

test('a second factor is set up by a person alone: in a pipe it is refused, and nothing is begun', async () => {
  const { code, output, errors } = await place.keyward(['account', 'second-factor', '--password-stdin'], {
    input: place.credentials.owner.password,
  });
  expect([code, output, errors]).toEqual([2, '', expect.stringContaining('at a terminal')]);
});

test('removing a second factor with a wrong password is refused', async () => {
  const { code, output, errors } = await place.keyward(
    ['account', 'remove-second-factor', '--password-stdin', '--yes'],
    {
      input: 'not the password at all',
    },
  );
  expect([code, output, errors]).toEqual([2, '', expect.stringContaining('password is wrong')]);
});

test('a new password is piped in and shown nowhere; with it the old one and every other session end [S128]', async () => {
  const { password } = place.credentials.owner;
  const next = 'plum tree behind the mill';
  expect((await login(password, 'other.yaml')).code).toBe(0);
  writeFileSync(join(place.folder, 'passwords.txt'), `${password}\n${next}\n`);
  const changed = await place.shell('keyward account password --passwords-stdin < passwords.txt');
  expect(changed).toMatchObject({ code: 0, errors: '' });
  expect(changed.output).not.toContain(next);
  const other = { environment: { KEYWARD_CREDENTIALS: join(place.folder, 'other.yaml') } };
  expect((await place.keyward(['whoami'], other)).code).toBe(1);
  expect((await login(password, 'third.yaml')).code).toBe(1);
  expect((await login(next, 'third.yaml')).code).toBe(0);
});
