// Codes that change with time (TOTP, RFC 6238: SHA-1, 6 digits, 30 seconds, which is what every authenticator app reads).
// It keeps nothing: that a code works once is core's to see to.

import { Secret, TOTP } from 'otpauth';
import type { Totp } from '../core/identity/ports.ts';

const digits = 6;
const period = 30;
/** Bytes of a shared secret: as many as SHA-1 gives (RFC 4226 section 4, R6). */
const secretSize = 20;

export const totp: Totp = {
  generate: () => new Secret({ size: secretSize }).base32,
  uri: (secret, issuer, account) => new TOTP({ issuer, label: account, secret, digits, period }).toString(),
  stepOf: (secret, code, now) => {
    const delta = TOTP.validate({
      token: code,
      secret: Secret.fromBase32(secret),
      digits,
      period,
      timestamp: now,
      window: 1,
    });
    return delta === null ? null : TOTP.counter({ period, timestamp: now }) + delta;
  },
};
