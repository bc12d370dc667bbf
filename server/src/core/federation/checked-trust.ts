// What a federated credential trusts, as somebody wants it: whether that can be meant, said field by field. Nothing is fetched.

import { checkAddress, checkedKeySource, checkText, hasKeys, type WantedKeySource } from '../assertions/key-source.ts';
import { invalid } from '../errors.ts';
import { checkConditions } from './conditions.ts';
import type { FederatedCredential } from './records.ts';
import { checkOwnerNamed } from './shared-issuers.ts';

export type Trust = Pick<FederatedCredential, 'issuer' | 'audience' | 'conditions' | 'jwksUri' | 'jwks'>;

/** What is left out, or null, is as usual: the tokens are for `ownIssuer`, and keys where the issuer's metadata says. */
export interface WantedTrust extends WantedKeySource {
  /** Null: the client itself. */
  issuer: string | null;
  audience?: string | null;
  conditions?: Readonly<Record<string, string>>;
}

/** Throws KeywardError `invalid_request` that names the field. */
export function checkedTrust(wanted: WantedTrust, ownIssuer: string): Trust {
  const { issuer, audience = null, conditions = {} } = wanted;
  const keys = checkedKeySource(wanted);
  if (issuer === null) return { issuer, ...checkedOwnKeys({ audience, conditions, ...keys }), ...keys };
  // Without keys of its own its metadata is read, which lies below its address (OpenID Connect Discovery section 4).
  if (hasKeys(keys)) checkText('issuer', issuer);
  else checkAddress('issuer', issuer, false);
  if (audience !== null) checkText('audience', audience);
  checkConditions(conditions);
  checkOwnerNamed(issuer, conditions);
  return { issuer, audience: audience ?? ownIssuer, conditions: { ...conditions }, ...keys };
}

/** Of tokens that a client signs itself all but the keys is fixed (RFC 7523 section 3). */
function checkedOwnKeys({
  audience,
  conditions,
  ...keys
}: Omit<Trust, 'issuer'>): Pick<Trust, 'audience' | 'conditions'> {
  if (!hasKeys(keys)) {
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
