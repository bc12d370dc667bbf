// What a credential looks like from outside, as the server sorts them: cheap, and it keeps typos and noise from being
// asked about. What a credential is worth is not decided here.

import { crc32 } from '@keyward/rules/checksum';

export type CredentialForm = 'api_token' | 'sealed' | 'jwt';

/** `kw_`, the public id, the secret, and six base62 digits with the CRC-32 of all before them. */
const apiToken = /^(kw_[0-9A-Za-z]{22}_[0-9A-Za-z]{30})([0-9A-Za-z]{6})$/;
const sealed = /^AT1[A-Za-z0-9_-]{40,8189}$/;
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The form of a credential, or null if it can be none that Keyward ever made. Linear in time. */
export function formOf(text: string): CredentialForm | null {
  if (text.startsWith('kw_')) {
    const [, body, checksum] = text.length === 62 ? (apiToken.exec(text) ?? []) : [];
    return body !== undefined && checksum !== undefined && numberIn(checksum) === crc32(body) ? 'api_token' : null;
  }
  if (text.startsWith('AT1')) return sealed.test(text) ? 'sealed' : null;
  return text.length <= 8192 && text.startsWith('ey') ? 'jwt' : null;
}

function numberIn(checksum: string): number {
  let value = 0;
  for (const digit of checksum) value = value * 62 + digits.indexOf(digit);
  return value;
}
