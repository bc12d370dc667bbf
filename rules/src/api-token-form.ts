// What an API token looks like from outside: `<prefix>_<public id>_<secret><checksum>`. Cheap to tell, so that typos and
// noise are refused before anything is looked up. What a token is worth is decided by its digest, elsewhere.

import { crc32 } from './checksum.ts';

/**
 * What secret scanners look for, whichever prefix a server gives its tokens. A match is an API token only if
 * `looksLikeApiToken` agrees. Linear in time.
 */
export const apiTokenPattern = /[a-z][a-z0-9]{1,9}_[0-9A-Za-z]{22}_[0-9A-Za-z]{36}/;

/** Of tokens whose server was told no other. */
export const usualPrefix = 'kw';

/** The digits of base 62, in their order. */
export const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** At the end: the CRC-32 of all before it, filled up with zeros on the left. */
export const checksumLength = 6;

/** What begins with `ey` is a JWT, or nothing. */
const wholePrefix = /^(?!ey)[a-z][a-z0-9]{1,9}$/;
const wholeToken = /^(?!ey)[a-z][a-z0-9]{1,9}_[0-9A-Za-z]{22}_[0-9A-Za-z]{36}$/;
const nearlyToken = /^\s*(?:kw_|[a-z][a-z0-9]{1,9}_[0-9a-z]{22})/i;
/** Behind the prefix, from `_` on. */
const restLength = 60;
const underscore = 95;

/** True for what may stand before a token: 2 to 10 small letters and digits, a letter first. */
export function isApiTokenPrefix(text: string): boolean {
  return wholePrefix.test(text);
}

/** True for text that is as long as an API token and divided as one: all that is worth asking before its digest is known. */
export function isDividedAsApiToken(text: string): boolean {
  const secretAt = text.length - 37;
  return isAsLong(text) && text.charCodeAt(secretAt) === underscore && text.charCodeAt(secretAt - 23) === underscore;
}

/** True for text of an API token's shape with the right checksum: nobody is asked. */
export function looksLikeApiToken(text: string): boolean {
  return isAsLong(text) && wholeToken.test(text) && hasChecksum(text);
}

/** True also for one with a slip of the finger: it has a token's beginning, or its characters and length. */
export function isMeantAsApiToken(text: string): boolean {
  return (isAsLong(text) && /^\w+$/.test(text)) || nearlyToken.test(text);
}

function isAsLong({ length }: string): boolean {
  return length >= restLength + 2 && length <= restLength + 10;
}

/** As comparing with the checksum spelled out, which every check would have to wait for. */
function hasChecksum(text: string): boolean {
  const end = text.length - checksumLength;
  let rest = crc32(text.slice(0, end));
  for (let at = text.length - 1; at >= end; at -= 1) {
    if (text.charCodeAt(at) !== base62.charCodeAt(rest % 62)) return false;
    rest = Math.floor(rest / 62);
  }
  return true;
}
