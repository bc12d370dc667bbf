// What is taken for a trace's context, and what goes on to whoever is asked next.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTraceContext, withTraceContext } from './trace-context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

test('a context of this version and of later ones is read; the flags say whether it is recorded', () => {
  const context = { traceId, spanId, isSampled: true, state: undefined };
  expect(readTraceContext({ traceparent: `00-${traceId}-${spanId}-01` })).toEqual(context);
  expect(readTraceContext({ traceparent: `00-${traceId}-${spanId}-02` })).toEqual({ ...context, isSampled: false });
  expect(readTraceContext({ traceparent: `01-${traceId}-${spanId}-03-more` })).toEqual(context);
});

test.each([
  undefined,
  '',
  `00-${traceId}-${spanId}`,
  `00-${traceId}-${spanId}-01-more`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `ff-${traceId}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  ` 00-${traceId}-${spanId}-01`,
])('%s is none', (traceparent) => {
  expect(readTraceContext({ traceparent, tracestate: 'a=b' })).toBeUndefined();
});

test('whatever is sent, what goes on is valid, and holds nothing that is no list of members', () => {
  const anyState = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a=b', 'a=b,c=d', 'x'.repeat(600), 'A=b', 'a=b\r\nc'),
  );
  fc.assert(
    fc.property(anyState, fc.boolean(), (tracestate, isSampled) => {
      const traceparent = `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
      const context = readTraceContext({ traceparent, tracestate });
      if (context === undefined) throw new Error('There is none.');
      const {
        traceparent: sent,
        tracestate: state,
        ...others
      } = withTraceContext({ host: 'a', traceparent: 'x', tracestate }, { ...context, spanId: 'b'.repeat(16) });
      expect(others).toEqual({ host: 'a' });
      expect(sent).toBe(`00-${traceId}-${'b'.repeat(16)}-${isSampled ? '01' : '00'}`);
      if (state !== undefined) expect(state).toMatch(/^[\x20-\x7e]{1,512}$/);
    }),
    { numRuns: 500 },
  );
});
