// Why a credential is refused, as the server and a verifier in someone else's process say it. The set is closed: both have
// tables of words for it.

/** All of them. */
export const reasons = [
  /** No credential was presented. */
  'missing',
  /** Malformed, unknown, not for who asks to know, or not accepted by any enabled dialect: deliberately one answer. */
  'unknown',
  /** It, its owner or its organization is deactivated. */
  'inactive',
  /** An access token whose source was deactivated, deleted or cut off after it was issued. */
  'revoked',
  'expired',
  /** A long-lived token that may only be exchanged, presented on a call. */
  'exchange_only',
  /** A token that is bound to APIs, on a call to another. */
  'wrong_api',
  'missing_permission',
  /** Valid, but of another organization than the call is for. */
  'wrong_organization',
  /** An API token, or an access token made from one, used from an address that its list does not hold. */
  'address_not_allowed',
  /** An access token that is bound to a key (DPoP), shown without it or with another; or one that is not, shown with one. */
  'wrong_key',
  /** The proof of a key is lacking, malformed, for another call, or was used before. */
  'invalid_proof',
  /** The proof must be made with a nonce that is given with the refusal. */
  'nonce_required',
  /** Valid, but the plan's budget is spent. */
  'rate_limited',
] as const;

export type Reason = (typeof reasons)[number];

const known: ReadonlySet<string> = new Set(reasons);

export function isReason(text: string): text is Reason {
  return known.has(text);
}
