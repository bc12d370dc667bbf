// The certificate and key that the settings name, as files: whether a server can serve them, and whether clients will take them.

import { existsSync, statSync } from 'node:fs';
import type { Config } from '../../config/config.ts';
import { doubtsAbout, readCertificate } from '../../startup/certificate.ts';
import { demoFilePath } from '../demo/file.ts';
import { type Finding, failureOf, findingsOf } from './finding.ts';

export function* lookAtCertificate({ tls, url, trustedProxies, data }: Config): Generator<Finding> {
  const { ok, warning, problem } = findingsOf('certificate');
  if (tls === null) {
    const named = trustedProxies.join(', ');
    if (existsSync(demoFilePath(data))) yield ok('none, as the demo answers this machine without');
    else if (trustedProxies.length > 0) yield ok(`none of its own: HTTPS is the work of a proxy at ${named}`);
    else
      yield problem(
        'there is none, and no proxy that has one: every call with a credential is refused',
        'Set tls.cert and tls.key, or name the proxy in front in trustedProxies. If a service is told so by its unit, give doctor the same environment.',
      );
    return;
  }
  try {
    const host = url === null ? null : new URL(url).hostname.replace(/^\[|\]$/g, '');
    const doubts = doubtsAbout(readCertificate(tls), tls.cert, Date.now(), host);
    for (const { text, mend, isRefused } of doubts) yield isRefused ? problem(text, mend) : warning(text, mend);
    if (doubts.length === 0) yield ok(`${tls.cert} and its key belong together and are in date`);
    if (process.platform !== 'win32' && (statSync(tls.key).mode & 0o007) !== 0)
      yield warning(
        `every account of this machine may use the private key ${tls.key}`,
        `Close it: chmod o= ${tls.key}`,
      );
  } catch (error) {
    yield failureOf('certificate', error);
  }
}
