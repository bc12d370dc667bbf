// Server-sent events, however the bytes are cut.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventsIn } from './event-stream.ts';

async function read(...chunks: (string | Uint8Array)[]) {
  const bytes = chunks.map((chunk) => (typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk));
  const found = [];
  for await (const event of eventsIn(ReadableStream.from(bytes))) found.push(event);
  return found;
}

test('reads events and passes over comments, ids and unknown fields', async () => {
  const text = ': a comment\nid: 7\nevent: change\nretry: 1\ndata: {"a":1}\n\ndata\ndata:x\n\n\nevent: nothing\n\n';
  expect(await read(text)).toEqual([
    { event: 'change', data: '{"a":1}' },
    { event: 'message', data: '\nx' },
  ]);
});

test('reads the same however the stream is cut, with any line ends', async () => {
  const whole = 'event: change\ndata: {"ü":"€😀"}\n\nevent: heartbeat\ndata: 1\ndata: 2\n\n';
  const expected = [
    { event: 'change', data: '{"ü":"€😀"}' },
    { event: 'heartbeat', data: '1\n2' },
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(80), { maxLength: 6 }), async (end, cuts) => {
      // A last line feed says that no line feed follows the carriage return before it.
      const bytes = new TextEncoder().encode(`${whole.replaceAll('\n', end)}:\n`);
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
      expect(await read(...chunks)).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('gives nothing of an event that is not finished', async () => {
  expect(await read('event: change\ndata: {"deactivated":')).toEqual([]);
});

test('takes no line without an end', async () => {
  await expect(read(...Array.from({ length: 12 }, () => 'x'.repeat(100_000)))).rejects.toThrow('no end');
});
