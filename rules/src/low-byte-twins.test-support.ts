// Texts that look like another to whoever keeps the low byte of each character alone: for tests of every place that turns
// text into bytes.

import fc from 'fast-check';

/** Other texts with the same low bytes: one, some or all of the characters are shifted by multiples of 256. */
export function lowByteTwinsOf(text: string): fc.Arbitrary<string> {
  const shift = fc.record({ at: fc.nat(text.length - 1), high: fc.integer({ min: 1, max: 255 }) });
  const some = fc.array(shift, { minLength: 1, maxLength: 4 });
  const all = fc
    .integer({ min: 1, max: 255 })
    .map((high) => Array.from({ length: text.length }, (_, at) => ({ at, high })));
  return fc.oneof({ weight: 9, arbitrary: some }, { weight: 1, arbitrary: all }).map((shifts) => {
    const codes = Array.from(text, (_, at) => text.charCodeAt(at));
    for (const { at, high } of shifts) codes[at] = (text.charCodeAt(at) & 0xff) | (high << 8);
    return String.fromCharCode(...codes);
  });
}

/** Every text that differs in one character, shifted by 256: `Ł` for `A` and so on. */
export function neighboursOf(text: string): string[] {
  return Array.from(
    text,
    (_, at) => text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) + 0x100) + text.slice(at + 1),
  );
}
