// People's passwords: Argon2id behind a bounded queue, so that a flood of sign-ins can fill neither memory nor cores.
// Generated secrets never come here (core/secret.ts): at their entropy a slow hash adds nothing.

import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { PasswordHasher } from '../core/identity/ports.ts';
import { verifySlow } from './foreign.ts';
import { createQueue } from './queue.ts';

export interface PasswordHasherOptions {
  /** How many hashes are computed at once; as many as there are cores, at most 4 (libuv's threads). */
  concurrency?: number;
  /** How many more may wait; 64. */
  maxWaiting?: number;
  /** KiB of memory for one hash; 19,456. */
  memoryCost?: number;
  /** Passes over it; 2. */
  timeCost?: number;
}

/** Argon2id with OWASP's parameters (m = 19 MiB, t = 2, p = 1) unless others are given. */
export function createPasswordHasher(options: PasswordHasherOptions = {}): PasswordHasher {
  const { memoryCost = 19_456, timeCost = 2, maxWaiting = 64 } = options;
  const concurrency = options.concurrency ?? Math.max(1, Math.min(4, availableParallelism()));
  const parameters = { memoryCost, timeCost, parallelism: 1, outputLen: 32 };
  const queued = createQueue(concurrency, maxWaiting, 'Too many people are signing in. Try again shortly.');
  // Random in place of a real hash: to verify against it is the same work, and no password can match it.
  const dummy = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=1$${unpadded(16)}$${unpadded(32)}`;

  return {
    hash: (password) => queued(async () => (await argon2()).hash(bytesOf(password), parameters)),
    verify: (stored, password) => queued(() => verifySlow(stored ?? dummy, bytesOf(password))),
    isOutdated: (stored) => {
      const [, memory, time] = /^\$argon2id\$v=19\$m=([0-9]{1,10}),t=([0-9]{1,10}),p=[0-9]{1,3}\$/.exec(stored) ?? [];
      return !(Number(memory) >= memoryCost && Number(time) >= timeCost);
    },
  };
}

/** Loaded when somebody first signs in: most starts of a server see no password. */
function argon2() {
  return import('@node-rs/argon2');
}

/** NFC, so that one password typed on two keyboards is one (RFC 8265 section 4.2.2); bytes, so that NUL ends nothing. */
function bytesOf(password: string): Uint8Array {
  return Buffer.from(password.normalize('NFC'), 'utf8');
}

function unpadded(length: number): string {
  return randomBytes(length).toString('base64').replace(/=+$/, '');
}
