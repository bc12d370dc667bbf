// What is recorded, in which trace, and what an upstream is told where nothing is.

import { expect, test } from 'vitest';
import { createRecorder } from './recorder.ts';

const caller = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };

function recorderThat(isSampled: boolean) {
  const spans: Record<string, unknown>[] = [];
  const durations: [object, number][] = [];
  const recorder = createRecorder({
    sample: () => isSampled,
    record: (span) => spans.push(span as Record<string, unknown>),
    answered: (attributes, seconds) => durations.push([attributes, seconds]),
  });
  return { recorder, spans, durations };
}

test('spans are within the one that is present, however long that takes, and in its trace', async () => {
  const { recorder, spans } = recorderThat(true);
  const request = recorder.start('server', 'GET', {}, caller);
  await recorder.within(request, async () => {
    await new Promise((turn) => setImmediate(turn));
    recorder.start('internal', 'check', {}).end();
    expect(recorder.traceId()).toBe('a'.repeat(32));
  });
  expect(recorder.traceId()).toBeUndefined();
  request.end({ name: 'GET /v1/check' });
  const [check, whole] = spans;
  expect(whole).toMatchObject({ name: 'GET /v1/check', parentSpanId: 'b'.repeat(16), traceId: 'a'.repeat(32) });
  expect(check).toMatchObject({ name: 'check', parentSpanId: whole?.spanId, traceId: 'a'.repeat(32) });
});

test('what was bound is in the span in which it was bound, whoever calls it', () => {
  const { recorder } = recorderThat(true);
  const request = recorder.start('server', 'GET', {}, caller);
  const later = recorder.within(request, () => recorder.bound(() => recorder.traceId()));
  const other = recorder.start('server', 'GET', {}, {});
  expect(recorder.within(other, later)).toBe('a'.repeat(32));
});

test('a trace that is not chosen leaves no span; its requests are measured all the same, and it goes on as not recorded', () => {
  const { recorder, spans, durations } = recorderThat(false);
  const request = recorder.start('server', 'GET', { 'http.request.method': 'GET' }, caller);
  recorder.within(request, () => {
    recorder.statement('SELECT users', {}, 1);
    const call = recorder.start('client', 'GET', {});
    expect(call.passOn({})).toEqual({ traceparent: expect.stringMatching(/^00-a{32}-[\da-f]{16}-00$/) });
    call.end();
  });
  request.end({ attributes: { 'http.response.status_code': 200 } });
  expect(spans).toEqual([]);
  expect(durations).toEqual([[{ 'http.request.method': 'GET', 'http.response.status_code': 200 }, expect.any(Number)]]);
});

test('where traces are not sent anywhere, a caller’s context reaches the upstream as it is', () => {
  const recorder = createRecorder({ sample: () => true, record: null });
  const request = recorder.start('server', 'GET', {}, caller);
  recorder.within(request, () => {
    expect(recorder.start('client', 'GET', {}).passOn(caller)).toBe(caller);
    expect(recorder.traceId()).toBeUndefined();
  });
});

test('a statement that nobody asked for, as chores do, is no trace of its own', () => {
  const { recorder, spans } = recorderThat(true);
  recorder.statement('SELECT users', {}, 1);
  expect(spans).toEqual([]);
});
