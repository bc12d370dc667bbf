// Spans of calls to upstreams, which are told of them (W3C Trace Context): the method, the upstream's address and its status, and
// nothing of the path.

import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorType } from '../tracing/traced-core.ts';
import type { RequestSpans } from '../tracing/traced-requests.ts';
import type { Tracer } from '../tracing/tracer.ts';
import type { Upstreams } from './upstream.ts';

export function tracedUpstreams(upstreams: Upstreams, tracer: Tracer): Upstreams {
  return {
    ...upstreams,
    call: (call) =>
      traced(
        tracer,
        call,
        (headers) => upstreams.call({ ...call, headers }),
        ({ status }) => status,
      ),
  };
}

/** Passes an upgrade on; where that opens a WebSocket, the span of its request ends too. */
export async function tracedUpgrade(
  at: { tracer: Tracer; requestSpans: RequestSpans; request: FastifyRequest; reply: FastifyReply },
  call: { origin: string; headers: IncomingHttpHeaders },
  pass: (headers: IncomingHttpHeaders) => Promise<boolean>,
): Promise<boolean> {
  const { tracer, requestSpans, request, reply } = at;
  const statusOf = (isOpen: boolean) => (isOpen ? 101 : reply.statusCode);
  const isOpen = await traced(tracer, { ...call, method: request.method }, pass, statusOf);
  // A client that has gone meanwhile has no WebSocket.
  if (isOpen && !request.raw.socket.destroyed) requestSpans.upgraded(request);
  return isOpen;
}

async function traced<T>(
  tracer: Tracer,
  { method, origin, headers }: { method: string; origin: string; headers: IncomingHttpHeaders },
  call: (headers: IncomingHttpHeaders) => Promise<T>,
  statusOf: (answer: T) => number,
): Promise<T> {
  const { hostname, port, protocol } = new URL(origin);
  const span = tracer.start('client', method, {
    'http.request.method': method,
    'server.address': hostname,
    'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
    'url.scheme': protocol.slice(0, -1),
  });
  try {
    const answer = await call(span.passOn(headers));
    const status = statusOf(answer);
    const attributes = { 'http.response.status_code': status };
    span.end(status >= 400 ? { attributes, error: String(status) } : { attributes });
    return answer;
  } catch (error) {
    span.end({ error: errorType(error) });
    throw error;
  }
}
