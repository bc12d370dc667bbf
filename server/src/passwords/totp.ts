// Codes that change with time (TOTP, RFC 6238: SHA-1, 6 digits, 30 seconds, which is what every authenticator app reads).
// It keeps nothing: that a code works once is core's to see to.

import { Secret, TOTP } from 'otpauth';
import type { Totp } from '../core/identity/ports.ts';

const digits = 6;
const period = 30;
/** Bytes of a shared secret: as many as SHA-1 gives (RFC 4226 section 4, R6). */
const secretSize = 20;

/** `clock`: milliseconds since the epoch, as people's devices have them. */
export function createTotp(clock: () => number): Totp {
  return {
    generate: () => new Secret({ size: secretSize }).base32,
    uri: (secret, issuer, account) => new TOTP({ issuer, label: account, secret, digits, period }).toString(),
    stepOf: (secret, code) => {
      const timestamp = clock();
      const validated = { token: code, secret: Secret.fromBase32(secret), digits, period, timestamp, window: 1 };
      const delta = TOTP.validate(validated);
      return delta === null ? null : TOTP.counter({ period, timestamp }) + delta;
    },
  };
}
