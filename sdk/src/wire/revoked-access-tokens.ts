// Access tokens that were revoked one by one and have not ended by themselves: what a verifier loads before it decides about
// any, and again after each reset of the feed.

import { type Static, Type } from 'typebox';
import { closed, listOf, Time } from './parts.ts';

/** `after`: the `next` of the page before. */
export const RevokedAccessTokenQuery = Type.Object({ after: Type.Optional(Type.String({ maxLength: 64 })) }, closed);
export type RevokedAccessTokenQuery = Static<typeof RevokedAccessTokenQuery>;

/** `id` is its `jti`. */
export const RevokedAccessToken = Type.Object({ id: Type.String(), expiresAt: Time });
export type RevokedAccessToken = Static<typeof RevokedAccessToken>;

/**
 * `cursor`: where the journal stood. What is not in the list has ended, as far as the journal says until there: whoever follows
 * may forget it when the feed has come so far.
 */
export const RevokedAccessTokenList = Type.Object({
  ...listOf(RevokedAccessToken).properties,
  cursor: Type.Integer(),
});
export type RevokedAccessTokenList = Static<typeof RevokedAccessTokenList>;
