// JSON texts in the spirit of JSONTestSuite, as bodies of one native endpoint that takes `{name, description}`: what
// must be taken, what must be refused, and what RFC 8259 leaves open and Keyward refuses (I-JSON, RFC 7493).

const text = (rest: string) => `{"name":"read:json-@",${rest}}`;
const described = (value: string) => text(`"description":${value}`);

/** Each is taken. `@` is replaced by a number, so that each name is new. */
export const taken: readonly string[] = [
  described('"plain"'),
  described('""'),
  described('"\\u0041\\u00e9"'),
  described('"\\ud83d\\ude00"'),
  described('"😀 é 田"'),
  described('"\\"\\\\\\/"'),
  described('"a\\nb\\tc"'),
  described('"\\r\\n."'),
  described('"null"'),
  described('"\u0300"'),
  described('"// no comment /* */"'),
  described('"[[[[[[{{{{{{"'),
  described(`"${'x'.repeat(1000)}"`),
  ` \t\n\r${described('"space around"')}\r\n\t `,
  '{ "name" : "read:json-@" , "description" : "space inside" }',
  '{\n\t"description": "order",\n\t"name": "read:json-@"\n}',
  '{"\\u006eame":"read:json-@"}',
  '{"name":"read:json-\\u0040"}'.replace('\\u0040', '@'),
];

/** No JSON at all. */
const broken = [
  ...[
    '',
    ' ',
    '{',
    '}',
    '[',
    ']',
    '{]',
    '[}',
    '{"',
    '{"a',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '[1',
    '[1,',
    '"',
    '"a',
  ],
  ...[
    '{,}',
    '{"a":1,}',
    '{"a" 1}',
    '{"a"::1}',
    '{"a":1 "b":2}',
    '{a:1}',
    "{'a':1}",
    '{"a":1}}',
    '{"a":1}{"b":2}',
    '{:1}',
  ],
  ...[
    '[1,]',
    '[,1]',
    '[1,,2]',
    '[1 2]',
    '[1]]',
    '[1:2]',
    '{1:1}',
    '{null:1}',
    '{"a":b}',
    '{"a":"b" /* c */}',
    '// c\n{}',
  ],
  ...[
    'tru',
    'truee',
    'TRUE',
    'nul',
    'None',
    'undefined',
    'NaN',
    'Infinity',
    '-Infinity',
    '-',
    '+1',
    '01',
    '-01',
    '1.',
    '.1',
  ],
  ...['1e', '1e+', '1.e1', '0x1', '1_0', '１', '1eE2', '--1', '"\t"', '"\n"', '"\\x41"', '"\\u12"', '"\\u{41}"', '"\\'],
  ...[
    '"\\a"',
    '"a"b',
    "'a'",
    '\f{}',
    '\v{}',
    '\u00a0{}',
    '\u2028{}',
    '{}\u0000',
    '\u0000{}',
    '{"a":1}#',
    '<a/>',
    'a=b',
  ],
].map((one) => Buffer.from(one));

/** JSON by the grammar, but not what two programs would read alike (S76). */
const disputed = [
  ...[described('"\\u0000"'), described('"\\ud800"'), described('"\\udc00\\ud800"'), text('"name":"read:twice"')],
  ...[text('"\\u006eame":"read:twice"'), text('"__proto__":{}'), text('"constructor":1'), text('"prototype":1')],
  ...[text('"x":{"__proto__":1}'), text('"x":1e400'), text('"x":-1e400'), text('"x":9007199254740993')],
  ...[text('"x":-9007199254740993'), text('"x":123456789012345678901234567890'), `\ufeff${described('"mark"')}`],
  ...[`${'['.repeat(33)}${']'.repeat(33)}`, '['.repeat(60_000), `{"a":${'['.repeat(40)}`, '{"a":'.repeat(9_000)],
].map((one) => Buffer.from(one));

const bytes = [
  Buffer.from(described('"\xff"'), 'latin1'),
  Buffer.from(described('"\xc0\xaf"'), 'latin1'),
  Buffer.from(described('"\xed\xa0\x80"'), 'latin1'),
  Buffer.from(described('"\xf4\x90\x80\x80"'), 'latin1'),
  Buffer.from(described('"\xe9"'), 'latin1'),
  Buffer.from(described('"utf-16"'), 'utf16le'),
  Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(described('"x"'), 'utf16le').swap16()]),
  Buffer.from([0xff, 0xfe, 0x00, 0x00]),
  Buffer.from([0x80]),
];

/** Each is refused as a body that cannot be read. */
export const unreadable: readonly Buffer[] = [...broken, ...disputed, ...bytes];

/** JSON, but no object of these fields: refused for what it says, not as unreadable. */
export const unfit: readonly string[] = [
  ...['null', 'true', '0', '-0', '1.5', '1E+2', '"text"', '[]', '[{}]', '{}', '{"name":null}', '{"name":1}'],
  ...[
    '{"name":["read:x"]}',
    '{"name":{"a":1}}',
    '{"description":"no name"}',
    text('"Description":"case"'),
    text('"":1'),
  ],
  ...[text('"x":9007199254740991'), text('"description":null'), text('"description":0.1'), described('"\\u0001"')],
  ...[
    text('"toString":1'),
    text('"x":[[[[[[[[[[1]]]]]]]]]]'),
    described('"\\u200b"'),
    '{"name":"read:json-@\\u0000x"}'.replace('\\u0000', ' '),
  ],
];
