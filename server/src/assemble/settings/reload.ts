// New settings while the server runs: certificate and key, trusted proxies, log level. All of what changed is taken, or none
// where anything is wrong; connections and what is in memory stay. It watches nothing: when to look is the caller's.

import type { Server as TlsServer } from 'node:https';
import type { Config } from '../../config/config.ts';
import type { RenewableProxies } from '../../http/client-address.ts';
import { secureContext } from '../../http/listener/listener.ts';
import type { Logger } from '../../http/log.ts';
import { type CertificateAndKey, readCertificate } from '../../startup/certificate.ts';

export interface Reload {
  run(load: () => Config): void;
  /** True while the newest settings could not be taken. */
  isRefused(): boolean;
}

/** What can become something else. */
interface Parts {
  tls: CertificateAndKey | null;
  server: object;
  proxies: RenewableProxies;
  logger: Logger;
  /** Of several that serve together, the number of this one: the first speaks for all. */
  worker: number | undefined;
}

const taken: readonly string[] = ['tls', 'trustedProxies', 'logLevel'];

export function openReload(started: Config, { tls, server, proxies, logger, worker = 1 }: Parts): Reload {
  let [current, certificate, isRefused] = [started, tls, false];

  function take(next: Config): void {
    const renewed = certificate === null || next.tls === null ? certificate : readCertificate(next.tls);
    const isNewCertificate = !isSame(renewed, certificate);
    const changed = [
      ...(isNewCertificate ? ['tls'] : []),
      ...['trustedProxies', 'logLevel'].filter((key) => differs(key, current, next)),
    ];
    const needsRestart = restartFor(started, next);
    // What may throw comes first.
    proxies.renew(next.trustedProxies);
    if (isNewCertificate && renewed !== null) (server as TlsServer).setSecureContext(secureContext(renewed));
    logger.level = next.logLevel;
    [current, certificate] = [next, renewed];
    if (worker !== 1) return;
    logger.info({ changed }, 'settings were reloaded');
    if (needsRestart.length > 0) logger.warn({ settings: needsRestart }, 'changed settings need a restart');
  }

  return {
    run(load) {
      try {
        take(load());
        isRefused = false;
      } catch (error) {
        isRefused = true;
        const why = error instanceof Error ? error.message : 'they cannot be read';
        if (worker === 1) logger.error({ why }, 'new settings are refused, the old ones go on');
      }
    },
    isRefused: () => isRefused,
  };
}

/** The changed settings that are read at the start alone; a server that serves HTTPS goes on doing so, and one that does not too. */
function restartFor(started: Config, next: Config): string[] {
  const names = Object.keys(next).filter((key) => !taken.includes(key) && differs(key, started, next));
  return (started.tls === null) === (next.tls === null) ? names : ['tls', ...names];
}

function differs(key: string, one: Config, other: Config): boolean {
  return !isSame(Reflect.get(one, key), Reflect.get(other, key));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
