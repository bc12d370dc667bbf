// HTTPS only: what comes in clear is refused before anything of it is looked at, and never redirected, since by then the
// credential has already been seen (S1).

import type { FastifyRequest } from 'fastify';
import { KeywardError } from '../core/errors.ts';
import { type Client, isLoopback } from './client-address.ts';

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
