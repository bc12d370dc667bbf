// Where the keys are of who signs its own tokens, as somebody wants it: written down, or at an address. Whether that can be
// meant, said field by field; nothing is fetched.

import { invalid } from '../errors.ts';
import { type JwkSet, pinnedKeys } from './public-keys.ts';

/** One of both, or neither. */
export interface KeySource {
  /** Where they are published. */
  jwksUri: string | null;
  jwks: JwkSet | null;
}

/** Null is none. */
export interface WantedKeySource {
  jwksUri?: string | null;
  /** As somebody sent it. */
  jwks?: unknown;
}

/** Throws KeywardError `invalid_request` that names the field. */
export function checkedKeySource({ jwksUri = null, jwks = null }: WantedKeySource): KeySource {
  if (jwks !== null && jwksUri !== null) throw invalid('jwksUri', 'Give jwks or jwksUri, not both.');
  if (jwksUri !== null) checkAddress('jwksUri', jwksUri, true);
  return { jwksUri, jwks: jwks === null ? null : checkedKeys(jwks) };
}

export function hasKeys({ jwksUri, jwks }: KeySource): boolean {
  return jwksUri !== null || jwks !== null;
}

/** Of what can be fetched, and read by people. */
export function checkAddress(field: string, text: string, mayHaveQuery: boolean): void {
  checkText(field, text);
  const url = URL.parse(text);
  const isPlain = url?.protocol === 'https:' && url.username === '' && url.password === '' && !text.includes('#');
  if (isPlain && (mayHaveQuery || !text.includes('?'))) return;
  throw invalid(
    field,
    'Use an address such as https://issuer.example.com, that begins with https:// and has no user or fragment.',
  );
}

export function checkText(field: string, text: string): void {
  if (/^[\x21-\x7e]{1,512}$/.test(text)) return;
  throw invalid(field, 'Use 1 to 512 visible ASCII characters without blanks.');
}

function checkedKeys(jwks: unknown): JwkSet {
  const keys = pinnedKeys(jwks);
  if ('fault' in keys) throw invalid(['body', 'jwks', ...keys.at], keys.fault);
  return keys;
}
