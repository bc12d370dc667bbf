// How a secret is made, recognised and remembered: API tokens, generated passwords, ids and numbers.
// People's passwords are slow-hashed elsewhere (ports.ts, PasswordHasher); sealing is in sealer.ts; nothing is stored here.
//
// An API token is `<prefix>_<public id>_<secret><checksum>`: the server's prefix (`kw` unless it was told another), the
// token's id as 22 base62 characters, which may be logged, 30 random ones (178 bits), and the CRC-32 of all before it as 6. Its form is recognised in rules/api-token-form.ts.

import { hash, randomFillSync, randomUUID, timingSafeEqual } from 'node:crypto';
import { base62, checksumLength, usualPrefix } from '@keyward/rules/api-token-form';
import { crc32 } from '@keyward/rules/checksum';
import { hasIdForm } from '@keyward/rules/organization-handle';

export {
  apiTokenPattern,
  isDividedAsApiToken,
  isMeantAsApiToken,
  looksLikeApiToken,
  usualPrefix,
} from '@keyward/rules/api-token-form';

/** Gives as many fresh random bytes as asked for, or throws. */
export type RandomSource = (count: number) => Uint8Array;

/** A new API token for the record `id` (a lower-case UUID). Throws if no good random bytes can be had. */
export function generateApiToken(id: string, prefix = usualPrefix, random: RandomSource = drawRandom): string {
  const body = `${prefix}_${publicIdOf(id)}_${randomText(30, random)}`;
  return body + checksumOf(body);
}

/**
 * What is kept of a token to recognise it by. The last four are of the checksum: they say 24 of its secret's 178 bits at
 * most, and what is left is as good as a key (S10).
 */
export function hintsOf(token: string, prefix: string): { prefix: string; lastFour: string } {
  return { prefix, lastFour: token.slice(-4) };
}

/** What a token begins with: its prefix, and as much of its public id as tells it from others. */
export function startOf({ prefix, id }: { prefix: string; id: string }): string {
  return `${prefix}_${publicIdOf(id).slice(0, 8)}`;
}

/** The ids of all tokens that begin like this, as `startOf` says, from the first to the last; null if it is no such text. */
export function idsFrom(start: string): { from: string; to: string } | null {
  const [, shown = ''] = /^[a-z][a-z0-9]{1,9}_([0-9A-Za-z]{8})$/.exec(start) ?? [];
  const from = idOf(shown.padEnd(22, '0'));
  if (shown === '' || from === null) return null;
  return { from, to: idOf(shown.padEnd(22, 'z')) ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
}

/** A lower-case UUID as 22 base62 characters; `idOf` undoes it. Throws on anything but a lower-case UUID. */
export function publicIdOf(id: string): string {
  if (!hasIdForm(id)) throw new Error('A public id is made of a lower-case UUID.');
  const hex = id.replaceAll('-', '');
  return toBase62(
    [0, 8, 16, 24].map((at) => Number.parseInt(hex.slice(at, at + 8), 16)),
    22,
  );
}

/** The UUID of a public id, or null if it is none: another length or alphabet, or beyond 128 bits. */
export function idOf(publicId: string): string | null {
  const limbs = /^[0-9A-Za-z]{22}$/.test(publicId) ? fromBase62(publicId) : undefined;
  if (!limbs) return null;
  const hex = limbs.map((limb) => limb.toString(16).padStart(8, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** How a generated secret is remembered: lower-case hex SHA-256 of its UTF-8, all of it. */
export function digestOf(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Compares two digests in a time that does not depend on where they differ. */
export function digestsEqual(a: string, b: string): boolean {
  if (a.length !== digestLength || b.length !== digestLength) return false;
  if (scratch.left.write(a) !== digestLength || scratch.right.write(b) !== digestLength) return false;
  return timingSafeEqual(scratch.left, scratch.right);
}

const digestLength = 64;
/** Making buffers would cost more than comparing them. */
const scratch = { left: Buffer.alloc(digestLength), right: Buffer.alloc(digestLength) };

/** A password for an API user: 48 base62 characters (285 bits). Throws if no good random bytes can be had. */
export function generatePassword(random: RandomSource = drawRandom): string {
  return randomText(48, random);
}

/** The secret of a session or of a link that works once: 43 base62 characters (256 bits). */
export function generateKey(random: RandomSource = drawRandom): string {
  return randomText(43, random);
}

/** True for text that `generateKey` could have made: nobody is asked about any other. */
export function looksLikeKey(text: string): boolean {
  return /^[0-9A-Za-z]{43}$/.test(text);
}

/** A random integer from 1 to 2^31 - 1, which clients keep in 32 bits. Some are taken: see `insertNumbered`. */
export function generateNumber(random: RandomSource = drawRandom): number {
  const [first = 0, ...rest] = checked(4, random);
  const value = rest.reduce((sum, byte) => sum * 256 + byte, first & 0x7f);
  return value === 0 ? generateNumber(random) : value;
}

/**
 * Inserts a record, with another number for as long as nothing else of it is taken. Answers it as it was kept, or null
 * where `isOtherwiseTaken` says that the number is not to blame.
 */
export async function insertNumbered<T extends { number: number }>(
  record: T,
  insert: (record: T) => Promise<boolean>,
  isOtherwiseTaken: () => Promise<boolean>,
): Promise<T | null> {
  let drawn = record;
  for (let attempt = 0; attempt < mostDraws; attempt += 1) {
    if (await insert(drawn)) return drawn;
    if (await isOtherwiseTaken()) return null;
    drawn = { ...record, number: generateNumber() };
  }
  throw new Error('No number was free in many draws.');
}

/** With a million of a kind one draw in two thousand is taken. */
const mostDraws = 20;

/** A new id: UUID version 4. */
export function newId(): string {
  return randomUUID();
}

/** Random bytes from a pool that is filled in one go. Handed out once: what was drawn is wiped from the pool. */
export function drawRandom(count: number): Uint8Array {
  if (count > pool.length) return randomFillSync(new Uint8Array(count));
  if (count > pool.length - drawn) {
    randomFillSync(pool);
    drawn = 0;
  }
  const bytes = pool.slice(drawn, drawn + count);
  pool.fill(0, drawn, drawn + count);
  drawn += count;
  return bytes;
}

const pool = new Uint8Array(4096);
let drawn = pool.length;

/** Of this module, so that each character costs no look at another. */
const alphabet = base62;

/** Bytes from 248 on are thrown away, as they would make the first eight characters more likely than the others. */
function randomText(length: number, random: RandomSource): string {
  let text = '';
  for (let round = 0; round < 32; round += 1) {
    for (const byte of checked(length - text.length + 8, random)) {
      if (byte < 248) text += alphabet.charAt(byte % 62);
      if (text.length === length) return text;
    }
  }
  throw new Error(generatorFailed);
}

const generatorFailed = 'The random number generator failed: no secret was made.';

/** A source that gives too little, or one byte over and over, makes no secret. */
function checked(count: number, random: RandomSource): Uint8Array {
  const bytes = random(count);
  if (bytes.length !== count || bytes.every((byte) => byte === bytes[0])) throw new Error(generatorFailed);
  return bytes;
}

function checksumOf(body: string): string {
  return toBase62([crc32(body)], checksumLength);
}

/** `limbs`: a number in base 2^32, the highest digit first. */
function toBase62(limbs: number[], length: number): string {
  let text = '';
  while (text.length < length) {
    let rest = 0;
    limbs.forEach((limb, at) => {
      const value = rest * 2 ** 32 + limb;
      limbs[at] = Math.floor(value / 62);
      rest = value % 62;
    });
    text = alphabet.charAt(rest) + text;
  }
  return text;
}

/** Four digits in base 2^32, or undefined if the number needs more. */
function fromBase62(text: string): number[] | undefined {
  const limbs = [0, 0, 0, 0];
  for (const character of text) {
    let carry = alphabet.indexOf(character);
    for (let at = 3; at >= 0; at -= 1) {
      const value = (limbs[at] ?? 0) * 62 + carry;
      limbs[at] = value % 2 ** 32;
      carry = Math.floor(value / 2 ** 32);
    }
    if (carry > 0) return undefined;
  }
  return limbs;
}
