// W3C Trace Context: what a caller says of its trace, and what is said to whoever is asked next.

import type { IncomingHttpHeaders } from 'node:http';

export interface TraceContext {
  /** 32 hexadecimal digits, and 16. */
  traceId: string;
  spanId: string;
  isSampled: boolean;
  /** What other programs add, which is passed on and never sent to a collector. */
  state: string | undefined;
}

/** Undefined where nothing, or nothing valid, is said: a trace begins here then. */
export function readTraceContext({ traceparent, tracestate }: IncomingHttpHeaders): TraceContext | undefined {
  if (typeof traceparent !== 'string') return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] =
    /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/.exec(traceparent) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId, spanId, isSampled, state: readState(tracestate) };
}

/** The same headers with this context in the place of any other. */
export function withTraceContext(
  headers: IncomingHttpHeaders,
  { traceId, spanId, isSampled, state }: TraceContext,
): IncomingHttpHeaders {
  const { traceparent: _, tracestate: __, ...others } = headers;
  const own = { ...others, traceparent: `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}` };
  return state === undefined ? own : { ...own, tracestate: state };
}

/** 512 characters are what everybody passes on (section 3.3.1.5); longer ones, and what is no list of members, are dropped. */
function readState(state: string | string[] | undefined): string | undefined {
  const text = Array.isArray(state) ? state.join(',') : state;
  if (text === undefined || text.length > 512) return undefined;
  return text.split(',').every((one) => member.test(one.replace(/^[ \t]+/, ''))) ? text : undefined;
}

const member = /^[a-z\d][a-z\d_*/@-]{0,255}=[\x20-\x3c\x3e-\x7e]+[ \t]*$/;
