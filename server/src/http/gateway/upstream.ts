// Calls to upstreams, on connections that are kept. A path and its query are sent byte for byte, a body piece by piece, and
// nothing is ever sent twice. It knows no routes and no credentials.

import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** A call as the upstream gets it. */
export interface UpstreamCall {
  method: string;
  /** `http://127.0.0.1:3000` */
  origin: string;
  /** Path and query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: AsyncIterable<Buffer> | undefined;
  /** Its abort ends the connection to the upstream. */
  signal: AbortSignal;
  answerMs: number;
  idleMs: number;
}

export interface UpstreamAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Null for an answer that never has one. */
  body: Readable | null;
}

export interface Upstreams {
  /** Resolves with the head of the answer. Rejects with whatever kept the upstream, or the body, from coming. */
  call(call: UpstreamCall): Promise<UpstreamAnswer>;
  /** Ends all connections. */
  close(): Promise<void>;
}

/**
 * Opens the client. It is loaded only here: a server without upstreams has no use for a third of a megabyte of code.
 * (@fastify/reply-from, which is built on the same client, refuses bodies of GET and dots in paths, and tells an upstream
 * nothing of a client that went away.)
 */
export async function openUpstreams(connectMs: number): Promise<Upstreams> {
  const { Agent, buildConnector } = await import('undici');
  const connectTo = buildConnector({ timeout: connectMs });
  // Its certificate is for the name in its address, whatever Host a call has. Without a name the connector takes that one.
  const connect: typeof connectTo = ({ servername: _, ...to }, done) => connectTo(to, done);
  // As many connections as there are calls: one that streams must keep nobody waiting.
  const agent = new Agent({ connections: null, pipelining: 1, connect });
  return {
    async call({ method, origin, path, headers, body, signal, answerMs, idleMs }) {
      const timeouts = { headersTimeout: answerMs, bodyTimeout: idleMs };
      // It takes any iterable, though its types do not say so.
      const sent = body === undefined ? {} : { body: body as unknown as Readable };
      // Else the client takes the Host of each call, and a connection ends where that differs from the last one's.
      const servername = new URL(origin).hostname;
      const options = { origin, path, method: method as 'GET', headers, signal, servername, ...timeouts, ...sent };
      const answer = await agent.request(options);
      const { statusCode: status, headers: heads, body: content } = answer;
      if (!bodiless.has(status)) return { status, headers: heads, body: content };
      // The client holds the length that such an answer may state against the nothing that comes (RFC 9110 section 8.6).
      content.on('error', () => undefined).resume();
      return { status, headers: heads, body: null };
    },
    close: () => agent.destroy(),
  };
}

const bodiless: ReadonlySet<number> = new Set([204, 304]);

/** Aborts once the client of an answer has gone before the answer was out. */
export function goneSignal(raw: {
  once(event: 'close', tell: () => void): unknown;
  destroyed: boolean;
  writableFinished: boolean;
}): AbortSignal {
  const gone = new AbortController();
  const tell = () => {
    if (!raw.writableFinished) gone.abort(new Error('The client has gone.'));
  };
  // As during the verdict: what has closed tells nobody any more.
  if (raw.destroyed) tell();
  else raw.once('close', tell);
  return gone.signal;
}
