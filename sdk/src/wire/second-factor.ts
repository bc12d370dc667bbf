// The second factor: codes that change with time (TOTP), and recovery codes.

import { type Static, Type } from 'typebox';
import { closed } from './parts.ts';

export const SecondFactorRequest = Type.Object({ password: Type.String() }, closed);
export type SecondFactorRequest = Static<typeof SecondFactorRequest>;

/** What an authenticator app is told: `uri` as a picture, `secret` (base32) where no picture can be read. Said this once. */
export const PreparedSecondFactor = Type.Object({ secret: Type.String(), uri: Type.String() });
export type PreparedSecondFactor = Static<typeof PreparedSecondFactor>;

export const SecondFactorConfirmation = Type.Object({ code: Type.String({ maxLength: 64 }) }, closed);
export type SecondFactorConfirmation = Static<typeof SecondFactorConfirmation>;

/** Each works once, in place of a code. Said this once. */
export const RecoveryCodes = Type.Object({ recoveryCodes: Type.Array(Type.String()) });
export type RecoveryCodes = Static<typeof RecoveryCodes>;
