// What was pasted, as the API asks for it: a whole secret, or how a list shows a token to begin and to end.

import type { LookupRequest } from '@keyward/sdk/wire';

/** Null for nothing. `kw_1VgEh72l…x7Qz`, with three dots or with a space are the beginning and the end. */
export function clueIn(text: string): LookupRequest | null {
  const pasted = text.trim().replace(/^Bearer\s+/i, '');
  if (pasted === '') return null;
  const parts = /^(\S+?)\s*(?:…|\.{3}|\s)\s*(\S{4})$/u.exec(pasted);
  return parts === null ? { secret: pasted } : { start: parts[1], lastFour: parts[2] };
}
