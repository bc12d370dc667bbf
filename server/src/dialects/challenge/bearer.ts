// The challenge to whoever brings no bearer, or not the right one (RFC 6750 section 3), in the two languages that are OAuth's
// and Keyward's own. The older languages have challenges of their own.

import type { AnswerLinks } from '../answer-links.ts';

/** RFC 6750 section 3.1, RFC 9449 section 12.2. */
export type ChallengeError = 'invalid_token' | 'insufficient_scope' | 'invalid_dpop_proof' | 'use_dpop_nonce';

interface Challenge {
  error?: ChallengeError | undefined;
  description?: string;
  /** The permissions that the call needs, where `insufficient_scope` says so. */
  required?: readonly string[];
}

/**
 * The value of `WWW-Authenticate`, which names the resource's metadata where it has one (RFC 9728 section 5.1), and what to ask
 * for, so that a client asks for no more.
 */
export function bearerChallenge(
  { error, description, required = [] }: Challenge,
  { resourceMetadata, scope = [] }: AnswerLinks,
): string {
  let text = 'Bearer realm="keyward"';
  if (error !== undefined) text += `, error="${error}"`;
  if (description !== undefined) text += `, error_description="${description}"`;
  text += scopeOf(error === 'insufficient_scope' ? required : scope);
  if (resourceMetadata !== undefined) text += `, resource_metadata="${resourceMetadata}"`;
  return text;
}

/** What would be too long for a head is left out: clients take 8 to 16 kB of all header fields. */
function scopeOf(required: readonly string[]): string {
  const scope = required.filter((one) => scopeToken.test(one)).join(' ');
  return scope === '' || scope.length > longestScope ? '' : `, scope="${scope}"`;
}

const longestScope = 2048;

/** RFC 6749 section 3.3. A check may ask for any text at all. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
