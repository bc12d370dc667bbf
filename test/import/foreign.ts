// Secrets as other systems made and hashed them, one for each algorithm and odd shape that an import must take. For tests only.

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { hash as argon2 } from '@node-rs/argon2';
import { hash as bcrypt } from '@node-rs/bcrypt';
import type { ImportedTokenRow, NewImportRecipe } from '../../sdk/src/wire.ts';

export interface Foreign {
  recipe: NewImportRecipe;
  /** A new secret, and the row that the other system has of it. */
  make(): Promise<{ secret: string; row: Omit<ImportedTokenRow, 'line'> }>;
}

const text = (length: number) => randomBytes(length).toString('base64url').slice(0, length);
const digest = (algorithm: string, of: string, encoding: 'hex' | 'base64' | 'base64url' = 'hex') =>
  createHash(algorithm).update(of, 'utf8').digest(encoding);

/** By the name of their recipe. */
export const foreign: Record<string, Foreign> = {
  raw: {
    recipe: { name: 'raw', algorithm: 'raw', shape: { prefix: 'sk_live_' } },
    make: async () => {
      const secret = `sk_live_${text(32)}`;
      return { secret, row: { secret } };
    },
  },
  odd: {
    recipe: { name: 'odd', algorithm: 'raw', shape: { prefix: '"', maxLength: 512 } },
    make: async () => {
      const secret = `"a b:c%41+?&=;<>#~,\\'{}|^\`@!$*()[]/${text(300)}`.padEnd(512, '.');
      return { secret, row: { secret } };
    },
  },
  sha256: {
    recipe: { name: 'sha256', algorithm: 'sha256', shape: { prefix: 'a256.' } },
    make: async () => {
      const secret = `a256.${text(30)}`;
      return { secret, row: { hash: digest('sha256', secret) } };
    },
  },
  'sha256-part': {
    recipe: {
      name: 'sha256-part',
      algorithm: 'sha256',
      encoding: 'base64',
      shape: { prefix: 'part_' },
      hashed: 'after_prefix',
      before: 'v1:',
      after: ':end',
    },
    make: async () => {
      const rest = text(30);
      return { secret: `part_${rest}`, row: { hash: digest('sha256', `v1:${rest}:end`, 'base64') } };
    },
  },
  sha512: {
    recipe: { name: 'sha512', algorithm: 'sha512', encoding: 'base64url', shape: { prefix: 'a512-' } },
    make: async () => {
      const secret = `a512-${text(40)}`;
      return { secret, row: { hash: digest('sha512', secret, 'base64url') } };
    },
  },
  sha1: {
    recipe: { name: 'sha1', algorithm: 'sha1', shape: { alphabet: 'hex', minLength: 40, maxLength: 40 } },
    make: async () => {
      const secret = randomBytes(20).toString('hex');
      return { secret, row: { hash: digest('sha1', secret).toUpperCase() } };
    },
  },
  hmac: {
    recipe: {
      name: 'hmac',
      algorithm: 'hmac-sha256',
      shape: { prefix: 'hm/' },
      pepper: { secret: 'the old key', as: 'key' },
    },
    make: async () => {
      const secret = `hm/${text(30)}`;
      return { secret, row: { hash: createHmac('sha256', 'the old key').update(secret).digest('hex') } };
    },
  },
  salted: {
    recipe: {
      name: 'salted',
      algorithm: 'sha256',
      shape: { prefix: 'st_' },
      salt: 'before',
      pepper: { secret: 'pep', as: 'after' },
      locator: { start: 3, length: 8 },
    },
    make: async () => {
      const [secret, salt] = [`st_${text(30)}`, text(8)];
      const row = { hash: digest('sha256', `${salt}${secret}pep`), salt, locator: secret.slice(3, 11) };
      return { secret, row };
    },
  },
  bcrypt: {
    recipe: {
      name: 'bcrypt',
      algorithm: 'bcrypt',
      shape: { prefix: 'ak_' },
      hashed: 'after_separator',
      locator: { separator: '.', part: 0 },
    },
    make: async () => {
      const [id, rest] = [`ak_${text(10).replaceAll('.', 'x')}`, text(40)];
      return { secret: `${id}.${rest}`, row: { hash: await bcrypt(rest, { cost: 4 }), locator: id } };
    },
  },
  argon2id: {
    recipe: { name: 'argon2id', algorithm: 'argon2id', shape: { prefix: 'ar_' }, locator: { start: 0, length: 11 } },
    make: async () => {
      const secret = `ar_${text(40)}`;
      const hash = await argon2(secret, { memoryCost: 1024, timeCost: 1, parallelism: 1 });
      return { secret, row: { hash, locator: secret.slice(0, 11) } };
    },
  },
  pbkdf2: {
    recipe: { name: 'pbkdf2', algorithm: 'pbkdf2', shape: { prefix: 'pb_' }, locator: { start: 0, length: 11 } },
    make: async () => {
      const [secret, salt] = [`pb_${text(40)}`, text(12)];
      const key = pbkdf2Sync(secret, salt, 1000, 32, 'sha256').toString('base64');
      return { secret, row: { hash: `pbkdf2_sha256$1000$${salt}$${key}`, locator: secret.slice(0, 11) } };
    },
  },
};
