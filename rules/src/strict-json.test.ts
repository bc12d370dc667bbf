// The strict JSON parser against JSON.parse as the reference, and against texts made to get past it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fastestMs } from '../../test/machine-time.ts';
import { type JsonProblem, parseOwnObject, parseStrictJson, parseStrictObject } from './strict-json.ts';

const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/** An independent judge of a parsed value: what JSON.parse hides (duplicates) is not its business. */
function isClean(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value === 'number')
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (Array.isArray(value)) return value.every(isClean);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, inner]) => isClean(name) && !forbidden.has(name) && isClean(inner));
}

function referenceParse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

const refused: [JsonProblem, string, string | Uint8Array][] = [
  ['duplicate_key', 'the same name twice', '{"a":1,"a":1}'],
  ['duplicate_key', 'the same name twice, deep inside', '[{"x":[{"a":1,"b":2,"a":3}]}]'],
  ['duplicate_key', 'the same name spelt with an escape', '{"a":1,"\\u0061":2}'],
  ['duplicate_key', 'the empty name twice', '{"":1,"":2}'],
  ['forbidden_key', '__proto__', '{"__proto__":{"admin":true}}'],
  ['forbidden_key', '__proto__ with escapes', '{"\\u005f_proto__":{}}'],
  ['forbidden_key', 'constructor', '{"a":{"constructor":1}}'],
  ['forbidden_key', 'prototype', '[{"prototype":1}]'],
  ['too_deep', '33 arrays', '['.repeat(33) + ']'.repeat(33)],
  ['too_deep', '33 objects', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`],
  ['bad_unicode', 'a byte order mark', '\ufeff{}'],
  ['bad_unicode', 'a byte order mark in bytes', Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d)],
  ['bad_unicode', 'UTF-16 bytes', Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0)],
  ['bad_unicode', 'a stray continuation byte', Uint8Array.of(0x22, 0x80, 0x22)],
  ['bad_unicode', 'an overlong slash', Uint8Array.of(0x22, 0xc0, 0xaf, 0x22)],
  ['bad_unicode', 'a surrogate in UTF-8', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
  ['bad_unicode', 'a cut-off character', Uint8Array.of(0x22, 0xe2, 0x82)],
  ['bad_unicode', 'an escaped U+0000', '{"a":"x\\u0000y"}'],
  ['bad_unicode', 'an escaped U+0000 in a name', '{"a\\u0000":1}'],
  ['bad_unicode', 'a raw lone surrogate', '"\ud800"'],
  ['bad_unicode', 'an escaped high surrogate alone', '"\\ud83d"'],
  ['bad_unicode', 'an escaped low surrogate alone', '"\\ude00"'],
  ['bad_unicode', 'an escaped pair the wrong way round', '"\\ude00\\ud83d"'],
  ['bad_unicode', 'two escaped high surrogates', '"\\ud83d\\ud83d\\ude00"'],
  ['bad_number', '1e400', '{"exp":1e400}'],
  ['bad_number', '-1e400', '[-1e400]'],
  ['bad_number', '2^53', '9007199254740992'],
  ['bad_number', '-2^53', '-9007199254740992'],
  ['bad_number', '2^53 + 1, which JSON.parse rounds', '9007199254740993'],
  ['bad_number', '1e21', '1e21'],
  ['malformed', 'nothing', ''],
  ['malformed', 'only space', ' \n'],
  ['malformed', 'a raw U+0000 in a string', '"\0"'],
  ['malformed', 'a raw line feed in a string', '"\n"'],
  ['malformed', 'two values', '{} {}'],
  ['malformed', 'a trailing comma', '[1,]'],
  ['malformed', 'a trailing comma in an object', '{"a":1,}'],
  ['malformed', 'a comma first', '{,"a":1}'],
  ['malformed', 'crossed brackets', '[{]}'],
  ['malformed', 'a comment', '{/**/}'],
  ['malformed', 'NaN', 'NaN'],
  ['malformed', 'Infinity', '[Infinity]'],
  ['malformed', 'single quotes', "{'a':1}"],
  ['malformed', 'a leading zero', '01'],
  ['malformed', 'a plus', '+1'],
  ['malformed', 'a bare point', '1.'],
  ['malformed', 'hexadecimal', '0x10'],
  ['malformed', 'a no-break space', '\u00a01'],
  ['malformed', 'an unknown escape', '"\\x41"'],
  ['malformed', 'a cut-off escape', '"\\u12'],
  ['malformed', 'a name without a value', '{"a"}'],
  ['malformed', 'a number as a name', '{1:2}'],
  ['malformed', 'an object that never ends', '{"a":1'],
  ['malformed', 'a longer literal', 'trueish'],
];

describe('strict JSON', () => {
  it.each(refused)('refuses as %s: %s [S76]', (problem, _what, text) => {
    expect(parseStrictJson(text)).toMatchObject({ ok: false, problem });
    if (typeof text === 'string' && text.isWellFormed()) {
      expect(parseStrictJson(new TextEncoder().encode(text))).toMatchObject({ ok: false, problem });
    }
  });

  it('refuses 100,000 opening brackets or braces within a millisecond or two [S76]', async () => {
    for (const text of ['['.repeat(100_000), '{"a":'.repeat(100_000)]) {
      expect(parseStrictJson(text)).toMatchObject({ ok: false, problem: 'too_deep' });
      expect(await fastestMs(() => parseStrictJson(text))).toBeLessThan(20);
    }
  });

  it('takes time in proportion to the length of a hostile text [S81]', async () => {
    const hostile = [
      '"\\'.repeat(30_000),
      ' '.repeat(60_000),
      `[${'-'.repeat(60_000)}`,
      `[${'1'.repeat(60_000)}`,
      `"${'\\u'.repeat(30_000)}`,
    ];
    for (const text of hostile) {
      expect(parseStrictJson(text).ok).toBe(false);
      expect(await fastestMs(() => parseStrictJson(text))).toBeLessThan(50);
    }
  });

  it('accepts the limits themselves', () => {
    const accepted = [
      '['.repeat(32) + ']'.repeat(32),
      '9007199254740991',
      '-9007199254740991',
      '"\\ud83d\\ude00"',
      '"\ufeff"',
      ' {"a" : [ ] }\r\n\t',
      '-0',
      '1.5e-3',
    ];
    for (const text of accepted) expect(parseStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
    expect(parseStrictJson('[[1]]', { maxDepth: 1 })).toMatchObject({ ok: false, problem: 'too_deep', offset: 1 });
  });

  it('says where a fault is and quotes nothing of the text', () => {
    const result = parseStrictJson('{"password":"hunter2hunter2","password":"x"}');
    expect(result).toMatchObject({ problem: 'duplicate_key', offset: 29 });
    expect(JSON.stringify(result)).not.toMatch(/hunter2|password/);
  });

  it('gives exactly what JSON.parse gives, members in their order, from text and from bytes', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8, stringUnit: 'binary' }), fc.constantFrom(undefined, 1), (compact, indent) => {
        const expected: unknown = JSON.parse(compact);
        fc.pre(isClean(expected));
        const text = JSON.stringify(expected, null, indent);
        for (const input of [text, new TextEncoder().encode(text)]) {
          const result = parseStrictJson(input);
          expect(result).toEqual({ ok: true, value: expected });
          if (result.ok) expect(JSON.stringify(result.value, null, indent)).toBe(text);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('agrees with JSON.parse about every mangled text, and never throws', () => {
    const fragment = fc.constantFrom(
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '1',
      '-',
      '.',
      'e9',
      'null',
      'true',
      '\\u00',
      '\\ud83d',
      '"a":',
      '\0',
      ' ',
      'é',
      '\ud800',
    );
    const mangled = fc
      .tuple(fc.json({ maxDepth: 3 }), fc.array(fc.tuple(fc.nat(), fragment, fc.nat({ max: 2 })), { maxLength: 3 }))
      .map(([text, edits]) =>
        edits.reduce((whole, [where, piece, cut]) => {
          const at = where % (whole.length + 1);
          return whole.slice(0, at) + piece + whole.slice(at + cut);
        }, text),
      );
    let bad = 0;
    const judge = (text: string): void => {
      const expected = referenceParse(text);
      const result = parseStrictJson(text);
      if (result.ok) expect({ value: result.value }).toEqual(expected);
      if (result.ok) expect(isClean(result.value)).toBe(true);
      if (!result.ok && result.problem === 'malformed') expect(expected).toBeUndefined();
      if (expected === undefined) expect(result.ok).toBe(false);
      if (!result.ok) bad += 1;
    };
    fc.assert(fc.property(mangled, judge), { numRuns: 10_000 });
    fc.assert(
      fc.property(
        fc.array(fragment).map((pieces) => pieces.join('')),
        judge,
      ),
      { numRuns: 10_000 },
    );
    expect(bad).toBeGreaterThan(5_000);
  });

  it('answers parseStrictObject only for an object', () => {
    expect(parseStrictObject('{"a":1}')).toEqual({ a: 1 });
    for (const text of ['[]', 'null', '"x"', '1', '{', '{"a":1,"a":1}'])
      expect(parseStrictObject(text)).toBeUndefined();
  });

  it('answers parseOwnObject as parseStrictObject, whatever the text and its bytes [S76]', () => {
    const agree = (input: string | Uint8Array): boolean => {
      const bytes = Buffer.from(input);
      const expected = parseStrictObject(bytes);
      expect(parseOwnObject(bytes)).toEqual(expected);
      return expected !== undefined;
    };
    for (const [, , input] of refused) {
      agree(input);
      if (typeof input === 'string') agree(`{"iss":"x","a":${input}}`);
    }
    const names = fc.constantFrom('a', 'b', 'c', '', 'é', '\ufffd', '\\u0061', '__proto__', 'constructor', 'toJSON');
    const scalar = fc.constantFrom(
      '"x"',
      '""',
      '1',
      '-0',
      '1e5',
      '1e21',
      '1e400',
      '9007199254740993',
      '0.5',
      'null',
      'true',
    );
    const nested = fc.constantFrom(
      '[]',
      '["x","y"]',
      '[1]',
      '{}',
      '{"a":1,"a":2}',
      '[["x"]]',
      '"\\u0000"',
      '"\\n"',
      '"\ud800"',
    );
    const member = fc.tuple(names, fc.oneof(scalar, scalar, nested)).map(([name, value]) => `"${name}":${value}`);
    const object = fc.array(member, { maxLength: 4 }).map((members) => `{${members.join(',')}}`);
    const edits = fc.array(fc.tuple(fc.nat(), fc.constantFrom('', '"', ',', ' ', '\\', '\0')), { maxLength: 1 });
    const text = fc.tuple(object, edits).map(([whole, cuts]) =>
      cuts.reduce((before, [where, piece]) => {
        const at = where % (before.length + 1);
        return before.slice(0, at) + piece + before.slice(at + 1);
      }, whole),
    );
    let good = 0;
    const count = (one: string) => {
      if (agree(one)) good += 1;
    };
    fc.assert(fc.property(text, count), { numRuns: 10_000 });
    expect(good).toBeGreaterThan(1000);
    const bytes = fc.tuple(object, fc.nat(), fc.integer({ min: 128, max: 255 })).map(([whole, where, byte]) => {
      const encoded = Buffer.from(whole);
      encoded[where % encoded.length] = byte;
      return encoded;
    });
    fc.assert(
      fc.property(bytes, (one) => void agree(one)),
      { numRuns: 2000 },
    );
  });
});
