// Forms and queries are read as the WHATWG says or not at all.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseForm } from './form.ts';

const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
const plainText = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => text.isWellFormed());
const fieldName = plainText.filter((name) => name !== '' && !/[[\]\0]|^(__proto__|constructor|prototype)$/.test(name));

describe('parseForm', () => {
  it('gives back whatever was encoded', () => {
    const fields = fc.dictionary(
      fieldName,
      plainText.filter((text) => !text.includes('\0')),
      { maxKeys: 8 },
    );
    fc.assert(
      fc.property(fields, (record) => {
        const sent = Object.entries(record).map(([name, value]) => `${encode(name)}=${encode(value)}`);
        expect(parseForm(sent.join('&'))).toEqual({ ok: true, value: { ...record } });
      }),
    );
  });

  it('never throws, and agrees with the WHATWG reader on all that it accepts [S78]', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .array(fc.constantFrom('a', '=', '&', '%', '2', 'f', '[', ']', '+', '%00', '%c0%af', 'é', '\0'))
        .map((pieces) => Buffer.from(pieces.join(''))),
    );
    fc.assert(
      fc.property(noise, (bytes) => {
        const reading = parseForm(bytes);
        if (!reading.ok) return;
        const expected = [...new URLSearchParams(`?${Buffer.from(bytes).toString('utf8')}`)];
        expect(Object.entries(reading.value).sort()).toEqual(expected.sort());
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a repeated parameter', 'a=1&a=2'],
    ['a parameter repeated under an escaped name', 'a=1&%61=2'],
    ['an array', 'a[]=1'],
    ['an escaped array', 'a%5B%5D=1'],
    ['a nested name', 'a[__proto__][x]=1'],
    ['a prototype name', '__proto__=1'],
    ['a constructor', 'constructor=1'],
    ['a nameless value', '=1'],
    ['a cut percent-escape', 'a=%2'],
    ['a bad percent-escape', 'a=%zz'],
    ['an overlong sequence', 'a=%c0%af'],
    ['a lone surrogate', 'a=%ed%a0%80'],
    ['an escaped NUL', 'a=%00'],
    ['a NUL in a name', 'a%00b=1'],
    ['a raw NUL', 'a=\0'],
    ['invalid UTF-8', Buffer.from([0x61, 0x3d, 0xff])],
    ['101 parameters', Array.from({ length: 101 }, (_, index) => `a${index}=1`).join('&')],
  ])('refuses %s and does not repeat it [S78]', (_what, input) => {
    const reading = parseForm(input);
    expect(reading.ok).toBe(false);
    expect(JSON.stringify(reading)).not.toContain('%');
  });

  it('reads a value with an equals sign, an empty value and no value', () => {
    expect(parseForm('a=b=c&d=&e')).toEqual({ ok: true, value: { a: 'b=c', d: '', e: '' } });
  });
});
