// What an API token looks like from outside: `kw_<public id>_<secret><checksum>`. Cheap to tell, so that typos and noise
// are refused before anything is looked up. What a token is worth is decided by its digest, elsewhere.

import { crc32 } from './checksum.ts';

/** What secret scanners look for. A match is an API token only if `looksLikeApiToken` agrees. Linear in time. */
export const apiTokenPattern = /kw_[0-9A-Za-z]{22}_[0-9A-Za-z]{36}/;

/** The digits of base 62, in their order. */
export const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** At the end: the CRC-32 of all before it, filled up with zeros on the left. */
export const checksumLength = 6;

const wholeToken = /^kw_[0-9A-Za-z]{22}_[0-9A-Za-z]{36}$/;
/** Characters of a whole token. */
export const apiTokenLength = 62;

/** True for text of an API token's shape with the right checksum: nobody is asked. */
export function looksLikeApiToken(text: string): boolean {
  return text.length === apiTokenLength && wholeToken.test(text) && hasChecksum(text);
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
