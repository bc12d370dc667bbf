// Signing keys, without what signs: the public halves are at /.well-known/jwks.json.

import { type Static, Type } from 'typebox';
import { closed, listOf, Time, TimeOrNull } from './parts.ts';

const profile = Type.Enum(['oauth', 'debricked', 'parsers']);

export const SigningKey = Type.Object({
  kid: Type.String(),
  profile,
  algorithm: Type.Enum(['RS256', 'ES256']),
  createdAt: Time,
  signsFrom: Time,
  /** When it stops signing; may lie ahead. */
  retiredAt: TimeOrNull,
  verifiesUntil: TimeOrNull,
  revokedAt: TimeOrNull,
});
export type SigningKey = Static<typeof SigningKey>;

export const SigningKeyList = listOf(SigningKey);
export type SigningKeyList = Static<typeof SigningKeyList>;

export const KeyRotation = Type.Object({ profile }, closed);
export type KeyRotation = Static<typeof KeyRotation>;

export const RotatedKey = Type.Object({ kid: Type.String() });
export type RotatedKey = Static<typeof RotatedKey>;
