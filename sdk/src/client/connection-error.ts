// Why Keyward could not be reached, in words for whoever set the program up. What waiting may mend is `unavailable`; what
// only a change of settings can mend is `misconfigured`.

import { KeywardError } from '../errors.ts';

/** The error for a request to `origin` that failed with `cause`. */
export function connectionError(origin: string, cause: unknown): KeywardError {
  const code = codeIn(cause);
  const known = reasons.find(({ codes }) => codes.test(code));
  if (known !== undefined) {
    const message = `Keyward cannot be reached at ${origin}: ${known.what} (${code}). ${known.mend}`;
    return new KeywardError('misconfigured', message, { cause });
  }
  const hint =
    origin.startsWith('http:') && /^(UND_ERR_SOCKET|ECONNRESET|HPE_\w+)$/.test(code)
      ? ' If that port speaks TLS, the address begins with https://.'
      : '';
  const said = code === '' ? '' : ` (${code})`;
  const message = `Keyward cannot be reached at ${origin}, or does not answer in time${said}.${hint}`;
  return new KeywardError('unavailable', message, { cause });
}

const reasons = [
  {
    codes: /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(VERIFY|GET)_\w+|CERT_UNTRUSTED)$/,
    what: 'its certificate is not trusted by this program',
    mend: 'Name a file with the certificate of its authority in the environment variable NODE_EXTRA_CA_CERTS.',
  },
  {
    codes: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    what: 'its certificate is not valid at this time',
    mend: 'Renew the certificate, or correct the clock of this machine.',
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    what: 'its certificate is for another name',
    mend: 'Use a name that the certificate holds in `url`.',
  },
  {
    codes: /^(EPROTO|ERR_SSL_\w+)$/,
    what: 'what answers there does not speak TLS as this program does',
    mend: 'If that port speaks plain HTTP, the address begins with http://, which is for loopback addresses only.',
  },
];

/** The code of an error, or of what it was caused by: fetch hides the cause within. */
function codeIn(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string') return code;
  }
  return '';
}
