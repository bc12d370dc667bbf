// Signing keys, without what signs: the public halves are at /.well-known/jwks.json.

import { type Static, Type } from 'typebox';
import { closed, listOf, SigningAlgorithm, Time, TimeOrNull } from './parts.ts';

const profile = Type.Enum(['oauth', 'debricked', 'parsers']);

export const SigningKey = Type.Object({
  kid: Type.String(),
  profile,
  algorithm: SigningAlgorithm,
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

/** `algorithm`: of the profile `oauth`, one that an API chose; the profile's own unless said otherwise. */
export const KeyRotation = Type.Object({ profile, algorithm: Type.Optional(SigningAlgorithm) }, closed);
export type KeyRotation = Static<typeof KeyRotation>;

export const RotatedKey = Type.Object({ kid: Type.String() });
export type RotatedKey = Static<typeof RotatedKey>;
