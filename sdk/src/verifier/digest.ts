// SHA-256 as text: in one call where Node has it (20.12), which costs a third of the other way.

import crypto from 'node:crypto';

/** The SHA-256 of a text's UTF-8, as 32 characters of one byte each: half as long as hex, and as quick to find by. */
export const digestOf: (text: string) => string =
  typeof crypto.hash === 'function'
    ? (text) => crypto.hash('sha256', text, 'binary')
    : (text) => crypto.createHash('sha256').update(text).digest('binary');
