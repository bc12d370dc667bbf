// The code that a person types, and compares by eye (RFC 8628 section 6.1): eight letters that are hard to mistake for one
// another and make no words, 34.6 bits. Too few for a digest, so that it is remembered by a MAC; how often one is guessed
// at is bounded where it is looked for.

import { drawRandom, type RandomSource } from '../../../secret.ts';

const letters = 'BCDFGHJKLMNPQRSTVWXZ';
const length = 8;

/** A new one, as it is kept: letters alone. Throws if no good random bytes can be had. */
export function generateUserCode(random: RandomSource = drawRandom): string {
  let code = '';
  for (let round = 0; round < 32; round += 1) {
    for (const byte of random(length * 2)) {
      // Bytes from 240 on would make some letters more likely than others.
      if (byte < 240) code += letters.charAt(byte % letters.length);
      if (code.length === length) return code;
    }
  }
  throw new Error('The random number generator failed: no code was made.');
}

/** As people are shown it: `BCDF-GHJK`. */
export function shownUserCode(code: string): string {
  return `${code.slice(0, length / 2)}-${code.slice(length / 2)}`;
}

/** The code in what somebody typed, whatever its case, blanks and dashes; null if it can be none. */
export function canonicalUserCode(typed: string): string | null {
  const code = typed.replaceAll(/[\s\p{Pd}._]/gu, '').toUpperCase();
  return code.length === length && [...code].every((one) => letters.includes(one)) ? code : null;
}
