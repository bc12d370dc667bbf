// Hashes as other systems wrote them, brought into one form each: fast ones as lower-case hex, slow ones as a string with its
// parameters. It reads and compares nothing but text; slow ones are computed elsewhere (passwords/).

import { createHash, createHmac, hash } from 'node:crypto';
import type { ImportAlgorithm, ImportEncoding } from './records.ts';

export type FastAlgorithm = 'sha256' | 'sha512' | 'sha1' | 'hmac-sha256';
export type SlowAlgorithm = 'bcrypt' | 'argon2id' | 'pbkdf2';

const slow: ReadonlySet<ImportAlgorithm> = new Set(['bcrypt', 'argon2id', 'pbkdf2']);

export function isSlow(algorithm: ImportAlgorithm): algorithm is SlowAlgorithm {
  return slow.has(algorithm);
}

const digestBytes: Record<FastAlgorithm, number> = { sha256: 32, sha512: 64, sha1: 20, 'hmac-sha256': 32 };

/** A fast digest as lower-case hex, or null for text that is none in this encoding. */
export function fastHashOf(algorithm: FastAlgorithm, encoding: ImportEncoding, text: string): string | null {
  const length = digestBytes[algorithm];
  if (encoding === 'hex') return text.length === length * 2 && isHex(text) ? text.toLowerCase() : null;
  if (encoding === 'crypt') return null;
  const bare = withoutPadding(text);
  if (!(encoding === 'base64' ? /^[0-9A-Za-z+/]+$/ : /^[0-9A-Za-z_-]+$/).test(bare)) return null;
  const bytes = Buffer.from(bare, encoding);
  // Only the one canonical spelling: the last character has bits to spare.
  return bytes.length === length && withoutPadding(bytes.toString(encoding)) === bare ? bytes.toString('hex') : null;
}

/** What a fast algorithm makes of a text, in lower-case hex. `key`: of an HMAC. */
export function digestBy(algorithm: FastAlgorithm, text: string, key: string): string {
  if (algorithm === 'hmac-sha256') return createHmac('sha256', key).update(text, 'utf8').digest('hex');
  if (algorithm === 'sha1') return createHash('sha1').update(text, 'utf8').digest('hex');
  return hash(algorithm, text, 'hex');
}

/** The most work that one slow hash may cost: about a second of one core. */
const mostIterations = 2_000_000;
const mostBcryptCost = 15;
const mostMemoryKib = 262_144;
const mostPasses = 20;
/** Both together: less memory may be gone through more often. */
const mostKibPasses = 1_048_576;

/**
 * A slow hash in the form that is kept, or what is wrong with it. Taken are bcrypt (`$2a$`, `$2b$`, `$2y$`), Argon2id as a PHC
 * string, and PBKDF2 as PHC, passlib (`$pbkdf2-sha256$29000$…`) and Django (`pbkdf2_sha256$600000$…`) write it.
 */
export function slowHashOf(algorithm: SlowAlgorithm, text: string): { stored: string } | { fault: string } {
  if (text.length > 512) return { fault: 'The hash is longer than 512 characters.' };
  if (algorithm === 'bcrypt') return bcryptOf(text);
  return algorithm === 'argon2id' ? argon2Of(text) : pbkdf2Of(text);
}

/** The same, whichever of the slow ones it is: it says so itself. */
export function anySlowHashOf(text: string): { stored: string } | { fault: string } {
  if (/^\$2[aby]\$/.test(text)) return bcryptOf(text);
  if (text.startsWith('$argon2id$')) return slowHashOf('argon2id', text);
  if (/^\$?pbkdf2[-_]/.test(text)) return slowHashOf('pbkdf2', text);
  return { fault: 'This is no hash by bcrypt ($2b$…), Argon2id ($argon2id$…) or PBKDF2 ($pbkdf2-sha256$…).' };
}

function bcryptOf(text: string): { stored: string } | { fault: string } {
  const [, cost = ''] = /^\$2[aby]\$([0-9]{2})\$[./0-9A-Za-z]{53}$/.exec(text) ?? [];
  if (cost === '') return { fault: 'This is no bcrypt hash: it begins with $2a$, $2b$ or $2y$ and has 60 characters.' };
  if (Number(cost) < 4 || Number(cost) > mostBcryptCost) {
    return { fault: `The cost of a bcrypt hash is 4 to ${mostBcryptCost}; this one has ${cost}.` };
  }
  return { stored: text };
}

function argon2Of(text: string): { stored: string } | { fault: string } {
  const found =
    /^\$argon2id\$v=19\$m=([0-9]{1,7}),t=([0-9]{1,3}),p=([0-9]{1,2})\$[0-9A-Za-z+/]{11,86}\$[0-9A-Za-z+/]{16,86}$/.exec(
      text,
    );
  if (found === null) return { fault: 'This is no Argon2id hash: it begins with $argon2id$v=19$m=…,t=…,p=…$.' };
  const [memory, passes, lanes] = found.slice(1).map(Number) as [number, number, number];
  if (
    memory * passes > mostKibPasses ||
    memory > mostMemoryKib ||
    passes > mostPasses ||
    lanes > 16 ||
    passes < 1 ||
    lanes < 1 ||
    memory < 8 * lanes
  ) {
    return {
      fault: `Argon2id is taken with at most m=${mostMemoryKib}, t=${mostPasses}, p=16 and m·t=${mostKibPasses}.`,
    };
  }
  return { stored: text };
}

function pbkdf2Of(text: string): { stored: string } | { fault: string } {
  const phc =
    /^\$pbkdf2-(sha1|sha256|sha512)\$(?:i=)?([0-9]{1,8})(?:,l=[0-9]{1,3})?\$([0-9A-Za-z+/.]{1,128})\$([0-9A-Za-z+/.]{1,128})$/.exec(
      text,
    );
  const django = /^pbkdf2_(sha1|sha256|sha512)\$([0-9]{1,8})\$([!-#%-~]{1,128})\$([0-9A-Za-z+/]{1,128}={0,2})$/.exec(
    text,
  );
  const [, digest = '', iterations = '', salt = '', key = ''] = phc ?? django ?? [];
  if (digest === '') return { fault: 'This is no PBKDF2 hash: it begins with $pbkdf2-sha256$ or pbkdf2_sha256$.' };
  if (Number(iterations) < 1 || Number(iterations) > mostIterations) {
    return { fault: `PBKDF2 is taken with 1 to ${mostIterations} iterations.` };
  }
  // Passlib writes a dot for a plus; Django's salt is text as it stands.
  const saltText =
    phc === null ? withoutPadding(Buffer.from(salt, 'utf8').toString('base64')) : salt.replaceAll('.', '+');
  const keyText = withoutPadding(key.replaceAll('.', '+'));
  if (Buffer.from(keyText, 'base64').length < 16) return { fault: 'The hash itself is shorter than 16 bytes.' };
  return { stored: `$pbkdf2-${digest}$i=${Number(iterations)}$${saltText}$${keyText}` };
}

function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 61) end -= 1;
  return text.slice(0, end);
}

function isHex(text: string): boolean {
  return /^[0-9a-fA-F]*$/.test(text);
}
