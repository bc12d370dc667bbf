// Spans of requests, on whichever way they are answered: the method, the pattern of the route, the status. The path that was
// asked for is no part of them, since a path may hold a secret and a query often does.

import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Attributes, Span, Tracer } from './tracer.ts';

/** The methods of RFC 9110 and PATCH; others are told as one, so that nobody makes up names (semantic conventions, HTTP). */
const methods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
]);

/** Has each request that the router answers be a span, in which everything is done for it. */
export function traceRequests(app: FastifyInstance, tracer: Tracer): RequestSpans {
  const spans = new WeakMap<FastifyRequest, Span>();
  const ended = (request: FastifyRequest, status: number): void => {
    const { method, routeOptions } = request;
    endAnswered(spans.get(request), method, routeOptions.url, status, schemeOf(request.isSecure));
    spans.delete(request);
  };
  app.addHook('onRequest', (request, _reply, done) => {
    const span = startRequest(tracer, request.method, request.headers);
    spans.set(request, span);
    tracer.within(span, done);
  });
  // What has read a body goes on in the context of its connection.
  app.addHook('preValidation', (request, _reply, done) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else tracer.within(span, done);
  });
  app.addHook('onResponse', (request, reply: FastifyReply, done) => {
    const span = spans.get(request);
    ended(request, reply.statusCode);
    // The end of an answer comes in the context of a connection, perhaps of one to an upstream that others used before.
    if (span === undefined) done();
    else tracer.within(span, done);
  });
  return { upgraded: (request) => ended(request, 101) };
}

export interface RequestSpans {
  /** The request has become a WebSocket, and no answer will be seen of it. */
  upgraded(request: FastifyRequest): void;
}

/** A request on the fast path, as far as it is traced. */
interface Answerable<Answer> {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly socket: { encrypted?: unknown };
  readBody(done: (bytes: Buffer) => void): void;
  send(answer: Answer, sent?: () => void): void;
}

/** The same way to answer, with a span for what it answers; what it leaves to the router is a span there. */
export function tracedAnswers<Answer extends { status: number }, Raw extends Answerable<Answer>>(
  answer: (raw: Raw) => boolean,
  tracer: Tracer,
): (raw: Raw) => boolean {
  return (raw) => {
    const { method, url, headers, socket } = raw;
    const span = startRequest(tracer, method, headers);
    const mark = url.indexOf('?');
    const watched: Raw = {
      ...raw,
      readBody: (done: (bytes: Buffer) => void) => raw.readBody((bytes) => tracer.within(span, () => done(bytes))),
      send: (one: Answer, sent?: () => void) => {
        raw.send(one, sent);
        // What is answered here has a path that is its own pattern.
        const route = mark < 0 ? url : url.slice(0, mark);
        endAnswered(span, method, route, one.status, schemeOf(socket.encrypted !== undefined));
      },
    };
    return tracer.within(span, () => answer(watched));
  };
}

function startRequest(tracer: Tracer, method: string, headers: IncomingHttpHeaders): Span {
  const known = methods.has(method) ? method : '_OTHER';
  return tracer.start('server', known, { 'http.request.method': known }, headers);
}

function endAnswered(
  span: Span | undefined,
  method: string,
  route: string | undefined,
  status: number,
  scheme: 'http' | 'https',
): void {
  if (span === undefined) return;
  const known = methods.has(method) ? method : 'HTTP';
  const attributes: Attributes = {
    'http.response.status_code': status,
    'url.scheme': scheme,
    ...(route !== undefined && { 'http.route': route }),
  };
  const end = { name: route === undefined ? known : `${known} ${route}`, attributes };
  span.end(status >= 500 ? { ...end, error: String(status) } : end);
}

function schemeOf(isSecure: boolean): 'http' | 'https' {
  return isSecure ? 'https' : 'http';
}
