// A password that somebody chose elsewhere, as other systems hashed it. For tests only.

import { pbkdf2Sync } from 'node:crypto';
import { hash as argon2 } from '@node-rs/argon2';
import { hash as bcrypt } from '@node-rs/bcrypt';

export const password = 'a password from elsewhere';

const salt = 'salt-of-ann';
const key = pbkdf2Sync(password, salt, 1000, 32, 'sha256').toString('base64');
const passlib = (text: string) => text.replaceAll('+', '.').replace(/=+$/, '');

/** By what made it. */
export const hashes = {
  bcrypt: () => bcrypt(password, { cost: 4 }),
  argon2id: () => argon2(password, { memoryCost: 1024, timeCost: 1, parallelism: 1 }),
  'pbkdf2 of Django': async () => `pbkdf2_sha256$1000$${salt}$${key}`,
  'pbkdf2 of passlib': async () =>
    `$pbkdf2-sha256$1000$${passlib(Buffer.from(salt).toString('base64'))}$${passlib(key)}`,
};
