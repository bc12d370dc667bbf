// What a credential looks like from outside, as the server sorts them: cheap, and it keeps typos and noise from being
// asked about. What a credential is worth is not decided here.

import { isDividedAsApiToken, looksLikeApiToken } from '@keyward/rules/api-token-form';
import { isAscii } from '@keyward/rules/ascii';
import { maxCompactLength } from '@keyward/rules/jws';

export type CredentialForm = 'api_token' | 'sealed' | 'jwt';

const sealed = /^AT1[A-Za-z0-9_-]{40,8189}$/;

/** What begins like a JWT is one or nothing. */
export function looksLikeJwt(text: string): boolean {
  return text.startsWith('ey');
}

/** The form of a credential, or null if it can be none that Keyward ever made. Linear in time. */
export function formOf(text: string): CredentialForm | null {
  if (isDividedAsApiToken(text) && looksLikeApiToken(text)) return 'api_token';
  if (text.startsWith('AT1')) return sealed.test(text) ? 'sealed' : null;
  return text.length <= maxCompactLength && looksLikeJwt(text) && isAscii(text) ? 'jwt' : null;
}
