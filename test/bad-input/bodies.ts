// Bad bodies, made from a good one: every way in which its text, its fields or their values can be wrong.

import fc from 'fast-check';
import { brokenStrings, naughtyStrings } from './naughty-strings.ts';

/** What is sent, and whether no endpoint that reads JSON may take it. */
export interface BadBody {
  bytes: Buffer;
  refused: boolean;
}

type Fields = Record<string, unknown>;

const naughty = fc.constantFrom(...naughtyStrings);

const numbers = fc.constantFrom(
  ...[0, -0, -1, 1, 2, 1.5, 1e21, 1e-7, 2 ** 31, 2 ** 31 - 1, -(2 ** 31), 2 ** 53 - 1, -(2 ** 53 - 1), 59, 43_201],
);

const awkward: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: naughty },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => isSound(text)) },
  { weight: 2, arbitrary: numbers },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [null], [[]], [1], ['*:*', '*:*'], { a: 1 }),
  },
  { weight: 1, arbitrary: fc.array(naughty, { maxLength: 5 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }).filter((value) => isSound(JSON.stringify(value))) },
);

const unknownNames = fc.constantFrom(
  ...[
    'id',
    'organizationId',
    'organization',
    'tenantId',
    'isOperator',
    'role',
    'roles',
    'permissions',
    'number',
    'owner',
  ],
  ...[
    'createdAt',
    'createdBy',
    'digest',
    'lifecycle',
    'generation',
    'toString',
    'a.b',
    'a[b]',
    '$where',
    '',
    ' ',
    'x'.repeat(200),
  ],
);

/** Bodies whose text is wrong, so that no reader of JSON may take them (S76). */
function brokenTexts(good: Fields): fc.Arbitrary<Buffer> {
  const text = JSON.stringify(good);
  const inside = text.slice(1, -1);
  const first = Object.keys(good)[0] ?? 'x';
  const after = (more: string) => `{${inside === '' ? '' : `${inside},`}${more}}`;
  const name = JSON.stringify(first);
  const texts = fc.constantFrom(
    ...[
      `${text},`,
      `${text}}`,
      `${text}${text}`,
      `${text} x`,
      `\ufeff${text}`,
      `${text}\u0000`,
      after(''),
      `{,${inside}}`,
    ],
    ...[
      text.replaceAll('"', "'"),
      text.replaceAll('"', ''),
      `/* c */${text}`,
      `${text}// c`,
      `[${text}`,
      `<a>${text}</a>`,
    ],
    ...[
      after(`${name}:"again"`),
      after(`"__proto__":{"admin":true}`),
      after(`"constructor":{}`),
      after(`"prototype":1`),
    ],
    ...[
      after('"x":1e400'),
      after('"x":-1e400'),
      after('"x":9007199254740993'),
      after('"x":NaN'),
      after('"x":Infinity'),
    ],
    ...[after('"x":01'), after('"x":+1'), after('"x":.5'), after('"x":0x1'), after('"x":"\t"'), after('"x":"\n"')],
    ...[
      after('"x":"\\u0000"'),
      after('"x":"\\ud800"'),
      after('"x":"\\udc00a"'),
      after('"\\ud800":1'),
      after('"x":"\\q"'),
    ],
    ...[after(`"x":${'['.repeat(40)}${']'.repeat(40)}`), '['.repeat(20_000), `${'{"a":'.repeat(50)}1${'}'.repeat(50)}`],
  );
  const cut = fc.nat({ max: text.length - 1 }).map((length) => text.slice(0, length));
  const bytes = fc
    .constantFrom([0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe9], [0x80])
    .map((bad) =>
      Buffer.concat([Buffer.from(`{${inside === '' ? '' : `${inside},`}"x":"`), Buffer.from(bad), Buffer.from('"}')]),
    );
  const broken = fc
    .tuple(fc.constantFrom(first, 'x'), fc.constantFrom(...brokenStrings))
    .map(([field, value]) => JSON.stringify({ ...good, [field]: value }));
  return fc.oneof(
    // From an empty object some of these come out whole.
    { weight: 6, arbitrary: texts.filter((one) => one !== text).map((one) => Buffer.from(one)) },
    { weight: 2, arbitrary: cut.map((one) => Buffer.from(one)) },
    { weight: 1, arbitrary: bytes },
    { weight: 1, arbitrary: broken.map((one) => Buffer.from(one)) },
    { weight: 1, arbitrary: fc.constant(Buffer.from(text, 'utf16le')) },
  );
}

/** Bodies that can be read, and are not what the endpoint takes, or only just. */
function oddFields(good: Fields): fc.Arbitrary<unknown> {
  const names = Object.keys(good);
  const field = fc.constantFrom(...(names.length === 0 ? ['x'] : names));
  const within = (value: unknown): unknown => (Array.isArray(good[names[0] ?? '']) ? [value] : value);
  return fc.oneof(
    { weight: 10, arbitrary: fc.tuple(field, awkward).map(([name, value]) => ({ ...good, [name]: value })) },
    { weight: 3, arbitrary: fc.tuple(field, naughty).map(([name, value]) => ({ ...good, [name]: [within(value)] })) },
    {
      weight: 2,
      arbitrary: field.map((name) => Object.fromEntries(Object.entries(good).filter(([one]) => one !== name))),
    },
    { weight: 3, arbitrary: fc.tuple(unknownNames, awkward).map(([name, value]) => ({ ...good, [name]: value })) },
    { weight: 1, arbitrary: fc.tuple(naughty, awkward).map(([name, value]) => ({ ...good, [name]: value })) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(...names.map(() => awkward))
        .map((values) => Object.fromEntries(names.map((one, at) => [one, values[at]]))),
    },
    { weight: 1, arbitrary: awkward },
  );
}

/** More than the limit of 64 kB (S75). */
const oversized = fc
  .integer({ min: 65_537, max: 66_000 })
  .map((length) => Buffer.from(`{"x":"${'x'.repeat(length)}"}`));

export function badBodies(good: Fields): fc.Arbitrary<BadBody> {
  return fc.oneof(
    // Cut down to nothing it is no body, which a request that needs none may have.
    { weight: 10, arbitrary: brokenTexts(good).map((bytes) => ({ bytes, refused: bytes.length > 0 })) },
    {
      weight: 25,
      // A name such as __proto__ among the naughty ones makes a body that must be refused; here it need not be known.
      arbitrary: oddFields(good).map((value) => ({ bytes: Buffer.from(JSON.stringify(value) ?? ''), refused: false })),
    },
    { weight: 1, arbitrary: oversized.map((bytes) => ({ bytes, refused: true })) },
  );
}

/** The fields as a form, where a text is all that a value can be. */
export function asForm(fields: Fields): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${percent(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join('&');
}

/** Percent-encoded UTF-8; a lone surrogate becomes what it would be in it, which is not UTF-8. */
export function percent(text: string): string {
  return [...text].map((one) => (one.isWellFormed() ? encodeURIComponent(one) : '%ED%A0%80')).join('');
}

function isSound(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000') && !text.includes('\\u0000') && !text.includes('\\ud');
}
