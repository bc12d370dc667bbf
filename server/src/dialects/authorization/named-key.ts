// The key that a client names when it asks, so that what it is given is of use with that key alone (RFC 9449 section 10). Whether it
// holds the key is asked when it comes for its tokens.

/** What is wrong with a `dpop_jkt`, for people; null for one that may be meant, and for none. */
export function faultInNamedKey(thumbprint: string | null | undefined): string | null {
  if (thumbprint == null || /^[A-Za-z0-9_-]{43}$/.test(thumbprint)) return null;
  return 'dpop_jkt is the thumbprint of a key: 43 base64url characters.';
}
