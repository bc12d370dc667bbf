// This request as the server received it, over HTTP: what it takes for the client's address and for HTTPS, and on whose word.

import { Connection } from '@keyward/sdk/wire';
import type { FastifyRequest } from 'fastify';
import type { ProxyHeader } from '../../core/caller/connection.ts';
import type { Core } from '../../core/core.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { toTime } from './time.ts';

const ofProxies = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
] as const satisfies ProxyHeader[];

export function mountConnection(scope: Scope, core: Core): void {
  const schema = { querystring: NoQuery, response: { 200: Connection } };
  scope.get('/v1/connection', { schema }, async (request) => {
    const { proxy, time, ...shown } = core.readConnection(callerOf(request), {
      address: request.clientAddress,
      secure: request.isSecure,
      host: request.headers.host ?? null,
      proxy: {
        peer: request.socket.remoteAddress ?? '',
        peerIsTrusted: request.isFromTrustedProxy(),
        headers: proxyHeaders(request),
      },
    });
    return { ...shown, time: toTime(time), ...proxy };
  });
}

function proxyHeaders({ headers }: FastifyRequest): Record<ProxyHeader, string | null> {
  const text = (name: ProxyHeader) => {
    const value = headers[name];
    return (Array.isArray(value) ? value.join(', ') : value)?.slice(0, 1_000) ?? null;
  };
  return Object.fromEntries(ofProxies.map((name) => [name, text(name)])) as Record<ProxyHeader, string | null>;
}
