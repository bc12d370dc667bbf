// Records spans: which one is the present one, what it is within, and how long it took. A span of a trace that is not recorded
// costs its id, for whoever is asked next, and nothing else.

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { Attributes, Span, SpanKind, Tracer } from '../http/tracing/tracer.ts';
import { keyValues, unixNano } from './otlp.ts';
import type { Sample } from './sampling.ts';
import { readTraceContext, type TraceContext, withTraceContext } from './trace-context.ts';

export interface RecorderOptions {
  sample: Sample;
  /** Takes a span in OTLP's form; null where none is sent, and nobody is told of traces. */
  record: ((span: object) => void) | null;
  /** Told of each request that was answered, recorded or not. */
  answered?: ((attributes: Attributes, seconds: number) => void) | undefined;
}

export interface Recorder extends Tracer {
  /** What is called later, by whomever, in the present span. */
  bound<Args extends unknown[], R>(work: (...args: Args) => R): (...args: Args) => R;
  /** A statement that has just ended, within the present span; without one it is no part of any trace. */
  statement(name: string, attributes: Attributes, ms: number, error?: string): void;
}

interface Recorded extends Span {
  context: TraceContext;
}

const kinds: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3 };

export function createRecorder({ sample, record, answered }: RecorderOptions): Recorder {
  const present = new AsyncLocalStorage<Recorded>();

  const write = (
    { traceId, spanId, isSampled }: TraceContext,
    parentSpanId: string | undefined,
    kind: SpanKind,
    name: string,
    attributes: Attributes,
    ms: number,
    error: string | undefined,
  ): void => {
    if (record === null || !isSampled) return;
    const endedAt = now();
    record({
      traceId,
      spanId,
      ...(parentSpanId !== undefined && { parentSpanId }),
      flags: 1,
      name,
      kind: kinds[kind],
      startTimeUnixNano: unixNano(endedAt - ms),
      endTimeUnixNano: unixNano(endedAt),
      attributes: keyValues(error === undefined ? attributes : { ...attributes, 'error.type': error }),
      ...(error !== undefined && { status: { code: 2 } }),
    });
  };

  return {
    start(kind, name, attributes, caller) {
      const parent = caller === undefined ? present.getStore()?.context : readTraceContext(caller);
      const traceId = parent?.traceId ?? hex(16);
      // Within a request everything is recorded, or nothing is.
      const isSampled =
        record !== null && (caller === undefined && parent !== undefined ? parent.isSampled : sample(traceId, parent));
      const context = { traceId, spanId: hex(8), isSampled, state: parent?.state };
      const began = performance.now();
      return {
        context,
        passOn: (headers) => (record === null ? headers : withTraceContext(headers, context)),
        end({ name: finalName = name, attributes: more, error } = {}) {
          const ms = performance.now() - began;
          const all = more === undefined ? attributes : { ...attributes, ...more };
          if (kind === 'server') answered?.(all, ms / 1000);
          write(context, parent?.spanId, kind, finalName, all, ms, error);
        },
      } as Recorded;
    },
    within: (span, work) => present.run(span as Recorded, work),
    traceId: () => (record === null ? undefined : present.getStore()?.context.traceId),
    bound: (work) => AsyncLocalStorage.bind(work),
    statement(name, attributes, ms, error) {
      const parent = present.getStore()?.context;
      if (parent === undefined) return;
      write({ ...parent, spanId: hex(8) }, parent.spanId, 'client', name, attributes, ms, error);
    },
  };
}

/** The machine's clock, with parts of milliseconds, so that a span never begins before the one around it. */
let originMs = performance.timeOrigin;
function now(): number {
  const wall = Date.now();
  if (Math.abs(wall - originMs - performance.now()) > mostDriftMs) originMs = wall - performance.now();
  return originMs + performance.now();
}

const mostDriftMs = 100;

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
