// What a federated credential trusts, as somebody wants it: whether that can be meant, said field by field. Nothing is fetched.

import { invalid } from '../errors.ts';
import { checkConditions } from './conditions.ts';
import { pinnedKeys } from './public-keys.ts';
import type { FederatedCredential, JwkSet } from './records.ts';
import { checkOwnerNamed } from './shared-issuers.ts';

export type Trust = Pick<FederatedCredential, 'issuer' | 'audience' | 'conditions' | 'jwksUri' | 'jwks'>;

/** What is left out, or null, is as usual: the tokens are for `ownIssuer`, and keys where the issuer's metadata says. */
export interface WantedTrust {
  /** Null: the client itself. */
  issuer: string | null;
  audience?: string | null;
  conditions?: Readonly<Record<string, string>>;
  jwksUri?: string | null;
  /** As somebody sent it. */
  jwks?: unknown;
}

/** Throws KeywardError `invalid_request` that names the field. */
export function checkedTrust(wanted: WantedTrust, ownIssuer: string): Trust {
  const { issuer, audience = null, conditions = {}, jwksUri = null, jwks = null } = wanted;
  if (jwks !== null && jwksUri !== null) throw invalid('jwksUri', 'Give jwks or jwksUri, not both.');
  if (jwksUri !== null) checkAddress('jwksUri', jwksUri, true);
  const keys = { jwksUri, jwks: jwks === null ? null : checkedKeys(jwks) };
  if (issuer === null) return { issuer, ...checkedOwnKeys({ audience, conditions, ...keys }), ...keys };
  // Without keys of its own its metadata is read, which lies below its address (OpenID Connect Discovery section 4).
  if (jwks === null && jwksUri === null) checkAddress('issuer', issuer, false);
  else checkText('issuer', issuer);
  if (audience !== null) checkText('audience', audience);
  checkConditions(conditions);
  checkOwnerNamed(issuer, conditions);
  return { issuer, audience: audience ?? ownIssuer, conditions: { ...conditions }, ...keys };
}

/** Of tokens that a client signs itself all but the keys is fixed (RFC 7523 section 3). */
function checkedOwnKeys({
  audience,
  conditions,
  jwks,
  jwksUri,
}: Omit<Trust, 'issuer'>): Pick<Trust, 'audience' | 'conditions'> {
  if (jwks === null && jwksUri === null) {
    throw invalid(
      'jwks',
      'Without an issuer the client signs its tokens itself: give its public keys, as jwks or jwksUri.',
    );
  }
  if (audience !== null) throw invalid('audience', 'Without an issuer the tokens are for this server. Leave it out.');
  if (Object.keys(conditions).length > 0) {
    throw invalid(
      'conditions',
      'Without an issuer there are no conditions: iss and sub must be the client’s own id. Leave them out.',
    );
  }
  return { audience: null, conditions: {} };
}

function checkAddress(field: string, text: string, mayHaveQuery: boolean): void {
  checkText(field, text);
  const url = URL.parse(text);
  const isPlain = url?.protocol === 'https:' && url.username === '' && url.password === '' && !text.includes('#');
  if (isPlain && (mayHaveQuery || !text.includes('?'))) return;
  throw invalid(
    field,
    'Use an address such as https://issuer.example.com, that begins with https:// and has no user or fragment.',
  );
}

function checkText(field: string, text: string): void {
  if (/^[\x21-\x7e]{1,512}$/.test(text)) return;
  throw invalid(field, 'Use 1 to 512 visible ASCII characters without blanks.');
}

function checkedKeys(jwks: unknown): JwkSet {
  const keys = pinnedKeys(jwks);
  if ('fault' in keys) throw invalid(['body', 'jwks', ...keys.at], keys.fault);
  return keys;
}
