// HTTPS only: what comes in clear is refused before anything of it is looked at, and never redirected, since by then the
// credential has already been seen (S1). Which one it was is told apart from the answer, which takes nothing from it (S2).

import type { FastifyRequest } from 'fastify';
import { boundedLines } from '../core/bounded-lines.ts';
import type { Core } from '../core/core.ts';
import { KeywardError } from '../core/errors.ts';
import { credentialText } from '../dialects/credential-location.ts';
import { type Client, isLoopback, isSurelyInClear, type TrustedProxies } from './client-address.ts';
import type { Logger } from './log.ts';

/** Strict-Transport-Security for every answer over HTTPS: one year. */
export const hsts = 'max-age=31536000; includeSubDomains';

/**
 * Refuses a request that came in clear, unless its route tells nothing (`/healthz`, `/readyz`) or, with
 * `allowPlainLoopback`, its socket comes from this machine.
 */
export function transportFault(
  request: FastifyRequest,
  client: Client,
  allowPlainLoopback: boolean,
): KeywardError | undefined {
  if (client.secure || request.routeOptions.config?.plain) return undefined;
  if (allowPlainLoopback && isLoopback(request)) return undefined;
  return new KeywardError('insecure_transport', 'Use HTTPS. A credential sent over plain HTTP is no longer secret.');
}

/** Tells core of the credential of a request that surely came in clear. Nobody waits for it. */
export function tellerOfInClear(
  { sawInClear }: Pick<Core, 'sawInClear'>,
  trusted: TrustedProxies,
  logger: Pick<Logger, 'error'>,
): (request: FastifyRequest) => void {
  const failed = boundedLines(
    () => performance.now(),
    (line: { err: unknown }) => logger.error(line, 'a credential that came in clear could not be told of'),
  );
  return (request) => {
    if (!isSurelyInClear(request.raw, trusted)) return;
    const text = presentedIn(request);
    if (text !== null) sawInClear(text).catch((error: unknown) => failed({ err: error }));
  };
}

/** Null for none, and for more than one. */
function presentedIn(request: FastifyRequest): string | null {
  try {
    return credentialText(request.presented());
  } catch {
    return null;
  }
}
