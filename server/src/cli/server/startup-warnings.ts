// What is said when a server starts that works and is probably not what its operator means. It refuses nothing.

import type { Config } from '../../config/config.ts';
import { doubtsAbout, readCertificate } from '../../startup/certificate.ts';
import { exposedIn } from '../../startup/data-folder.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** One sentence or two each. `demo` answers plain HTTP from this machine. */
export function startupWarnings(config: Config, demo: boolean, now = Date.now()): string[] {
  const { tls, url, data, database } = config;
  const host = url === null ? null : new URL(url).hostname.replace(/^\[|\]$/g, '');
  return [
    ...(demo ? [] : transportDoubts(config)),
    ...(tls === null ? [] : doubtsAbout(readCertificate(tls), tls.cert, now, host).map(sentences)),
    ...(database === null || demo ? exposedIn(data).map(sentences) : []),
  ];
}

function sentences({ text, mend }: { text: string; mend: string }): string {
  return `${text} ${mend}`;
}

/** Prints them where no result goes: one line each, as JSON with `--json`. */
export function tellWarnings({ errors }: Terminal, json: boolean | undefined, warnings: readonly string[]): void {
  for (const warning of warnings)
    errors.write(json === true ? `${JSON.stringify({ warning })}\n` : `Warning: ${warning}\n`);
}

function transportDoubts({ tls, trustedProxies }: Config): string[] {
  if (tls !== null || trustedProxies.length > 0) return [];
  return [
    'every call with a credential will be refused, since none can come over HTTPS. Give this server a certificate ' +
      '(--tls-cert, --tls-key), or name the proxy in front that has one (--trusted-proxies). Only to try it out: keyward serve --demo',
  ];
}
