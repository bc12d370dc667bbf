// Names: what nobody sees is no name and no part of one; what scripts and emoji are written with is.

import { describe, expect, test } from 'vitest';
import { checkedDescription, checkedName } from './name.ts';

describe('a name', () => {
  test.each([
    ...[
      '\u3164',
      '\u2800',
      'ci\u3164',
      'ci\ufe0f',
      'c\u034fi',
      'ci\uffa0',
      'ci\u180b',
      'a\u200bb',
      'a\u200db',
      '\u200cab',
    ],
    ...['x\u{e0041}', '\u202eab', 'a\u00adb', '\ufeffa', 'می\u200c', 'a\u0000', 'a\nb', '\ue000', '1\ufe0f'],
  ])('holds nothing that nobody sees: %j', (name) => {
    expect(() => checkedName('name', name)).toThrow(/invisible characters; this one holds U\+[0-9A-F]{4,6}\./);
  });

  test.each([
    ...[
      'می\u200cخواهم',
      'क्\u200dष',
      '👨\u200d👩\u200d👧 team',
      '❤\ufe0f ci',
      '1\ufe0f\u20e3 first',
      '👍🏽',
      'Ärger',
      '日本',
    ],
    '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} build',
  ])('is written as its script and its emoji are: %s', (name) => {
    expect(checkedName('name', name)).toBe(name.normalize('NFC'));
    expect(checkedDescription(`of ${name}\n`)).toBe(`of ${name}`.normalize('NFC'));
  });
});
