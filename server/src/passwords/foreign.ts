// Slow hashes as other systems made them: bcrypt, Argon2id and PBKDF2, in the forms that core keeps (core/import/foreign-hash.ts).
// For secrets of imported tokens they run behind a queue of their own, so that a flood of these keeps nobody from signing in.

import { pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { SlowHasher } from '../core/import/ports.ts';
import { createQueue } from './queue.ts';

export interface SlowHasherOptions {
  /** How many are computed at once; 2. */
  concurrency?: number;
  /** How many more may wait; 64. */
  maxWaiting?: number;
}

export function createSlowHasher({ concurrency = 2, maxWaiting = 64 }: SlowHasherOptions = {}): SlowHasher {
  const queued = createQueue(
    concurrency,
    maxWaiting,
    'Too many imported secrets are being checked. Try again shortly.',
  );
  return { verify: (stored, secret) => queued(() => verifySlow(stored, Buffer.from(secret, 'utf8'))) };
}

/** bcrypt takes no more of a password (S14). */
const bcryptBytes = 72;

/** Whether this is what was hashed. False for a text that is no hash of these. */
export async function verifySlow(stored: string, secret: Uint8Array): Promise<boolean> {
  if (stored.startsWith('$2')) return verifyBcrypt(stored, secret);
  if (stored.startsWith('$pbkdf2-')) return verifyPbkdf2(stored, secret);
  return (await import('@node-rs/argon2')).verify(stored, secret);
}

/** What bcrypt would cut, at 72 bytes or at a NUL, is refused, as another that ends differently would match too. */
async function verifyBcrypt(stored: string, secret: Uint8Array): Promise<boolean> {
  const isCut = secret.length > bcryptBytes || secret.includes(0);
  // It takes as long as any.
  const text = isCut ? secret.subarray(0, bcryptBytes) : secret;
  const is = await (await import('@node-rs/bcrypt')).verify(text, stored);
  return is && !isCut;
}

const derive = promisify(pbkdf2);

async function verifyPbkdf2(stored: string, secret: Uint8Array): Promise<boolean> {
  const [, scheme = '', iterations = '', salt = '', key = ''] = stored.split('$');
  const expected = Buffer.from(key, 'base64');
  const digest = scheme.slice('pbkdf2-'.length);
  const count = Number(iterations.slice('i='.length));
  if (expected.length === 0 || !(count >= 1)) return false;
  const derived = await derive(secret, Buffer.from(salt, 'base64'), count, expected.length, digest);
  return timingSafeEqual(derived, expected);
}
