// What a request leaves behind for whoever follows it through several programs: the words of OpenTelemetry's trace API, as far
// as they are needed. Shapes only; who records spans is in telemetry/, and without one of those nothing here is ever called.

import type { IncomingHttpHeaders } from 'node:http';

/** Names by OpenTelemetry's semantic conventions; never a credential, a query, a path with its values, or an e-mail. */
export type Attributes = Readonly<Record<string, string | number>>;

export type SpanKind = 'internal' | 'server' | 'client';

export interface Span {
  /** The same headers, which tell the program that is asked next of this span (W3C Trace Context). */
  passOn(headers: IncomingHttpHeaders): IncomingHttpHeaders;
  /** Once. `error` is what kind of failure it was, if it was one. */
  end(end?: { name?: string; attributes?: Attributes; error?: string }): void;
}

export interface Tracer {
  /** A span within the present one; one of a request (`caller` has its headers) goes on with the trace of its caller. */
  start(kind: SpanKind, name: string, attributes: Attributes, caller?: IncomingHttpHeaders): Span;
  /** Runs `work`, whose spans are within this one. */
  within<T>(span: Span, work: () => T): T;
  /** The trace of the present span, for the log. */
  traceId(): string | undefined;
}
