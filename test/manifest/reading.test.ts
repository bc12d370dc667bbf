// Files that are wrong, or mean harm: each mistake is told with its file, line and column, the field and the mend; nothing of
// it takes long, and none ends in a stack.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readManifest } from '../../server/src/cli/manifest/model/read-manifest.ts';
import { CommandError } from '../../server/src/cli/terminal/command-error.ts';

const read = (text: string, file = 'a.yaml') => readManifest([{ file, text }]);

/** What is said of it, a line for each mistake; empty for what can be read. */
function mistakesIn(text: string): string[] {
  try {
    read(text);
    return [];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    expect(error.exitCode).toBe(2);
    return error.message.split('\n');
  }
}

describe('a mistake is told where it stands', () => {
  test.each([
    ['plan:\n  - id: a\n', 'a.yaml:1:1: plan is not a known field. Did you mean plans?'],
    [
      'organizations:\n  - name: acme\n    tokens:\n      - name: Deploy\n        permisions: [read:a]\n',
      'a.yaml:5:9: organizations[acme].tokens[Deploy].permisions is not a known field. Did you mean permissions?',
    ],
    ['plans:\n  - limits: []\n', 'a.yaml:2:5: plans[0] lacks the field id.'],
    [
      'plans:\n  - id: a\n    limits: [{ limit: 1, window: 1 hour, per: organization }]\n',
      'a.yaml:3:34: plans[a].limits[0].window is "1 hour"; write a number and a unit, such as 500ms, 30s, 5m, 1h or 90d.',
    ],
    [
      'plans:\n  - id: a\n    limits: [{ limit: 0, window: 1h, per: organisation }]\n',
      'a.yaml:3:23: plans[a].limits[0].limit is 0; it must be from 1 to 1000000000.',
    ],
    [
      'plans:\n  - id: a\n    limits: [{ limit: 1, window: 1h, per: organisation }]\n',
      'a.yaml:3:43: plans[a].limits[0].per is "organisation"; it must be one of organization, contributor, api_token, address. Did you mean organization?',
    ],
    ['organizations:\n  - name: 12\n', 'a.yaml:2:11: organizations[0].name is 12; it must be text. Put it in quotes.'],
    ['organizations:\n  - name:\n', 'a.yaml:2:10: organizations[0].name is empty; it must be text.'],
    ['organizations:\n  name: acme\n', 'a.yaml:2:3: organizations is a map of fields; it must be a list.'],
    ['- a\n', 'a.yaml:1:1: The document is a list; it must be fields, each with a value.'],
    [
      'organizations:\n  - name: acme\n    entitlement: all\n',
      'a.yaml:3:18: organizations[acme].entitlement is "all"; it must be a list, or null.',
    ],
    [
      'organizations:\n  - name: acme\n    tokens:\n      - { name: a, permissions: [read], owner: { user: x, apiUser: y } }\n',
      'a.yaml:4:34: organizations[acme].tokens[a].permissions[0] is "read"; write verb:resource, such as read:orders; * may stand for a side.',
    ],
    [
      'organizations:\n  - name: acme\n    tokens:\n      - { name: a, permissions: [], owner: { user: x, apiUser: y } }\n',
      'a.yaml:4:44: organizations[acme].tokens[a].owner must have one of the fields user, apiUser.',
    ],
  ])('%j', (text, said) => {
    expect(mistakesIn(text)).toEqual(expect.arrayContaining([said]));
  });

  test('all of a file at once, and of several files', () => {
    const texts = ['plan: []\n', 'plans:\n  - id: 1\n    limit: []\n'];
    const sources = texts.map((text, index) => ({ file: `${index}.yaml`, text }));
    expect(() => readManifest(sources)).toThrow(
      /^0\.yaml:1:1: .*\n1\.yaml:2:9: .*\n1\.yaml:3:5: .*\n1\.yaml:2:5: plans\[0\] lacks the field limits\.$/,
    );
  });

  test('what is said twice, in one file or two', () => {
    const role = 'organizations:\n  - name: acme\n    roles:\n      - { name: a, permissions: [] }\n';
    expect(() =>
      readManifest([
        { file: 'a.yaml', text: role },
        { file: 'b.yaml', text: role },
      ]),
    ).toThrow('b.yaml:4:9: The acme: role a is said twice: first in a.yaml:4:9. Keep one of them.');
    const plan = 'organizations:\n  - { name: acme, plan: free }\n';
    expect(() =>
      readManifest([
        { file: 'a.yaml', text: plan },
        { file: 'b.yaml', text: plan },
      ]),
    ).toThrow('b.yaml:2:19: plan of the organization acme is said twice: first in a.yaml:2:19. Keep one of them.');
  });
});

test('an organization may be divided over files, and so may an API', () => {
  const { wanted } = readManifest([
    {
      file: 'a.yaml',
      text: 'organizations:\n  - { name: acme, plan: free }\napis:\n  - { handle: shop, permissions: { "read:a": A } }\n',
    },
    {
      file: 'b.yaml',
      text: 'organizations:\n  - { name: acme, contributors: 3 }\n---\napis:\n  - { handle: shop, permissions: { "read:b": B } }\n',
    },
  ]);
  expect(wanted.map(({ kind, key, fields }) => [kind, key, fields])).toEqual([
    ['api', 'shop', { handle: 'shop' }],
    ['permission', 'read:a', { description: 'A' }],
    ['organization', 'acme', { name: 'acme', plan: 'free', contributors: 3 }],
    ['permission', 'read:b', { description: 'B' }],
  ]);
});

test('anchors and aliases save writing', () => {
  const text =
    'organizations:\n  - name: acme\n    roles:\n      - { name: a, permissions: &all [read:a, read:b] }\n      - { name: b, permissions: *all }\n';
  expect(read(text).wanted.at(-1)?.fields).toEqual({ name: 'b', permissions: ['read:a', 'read:b'] });
});

describe('what means harm, or is broken', () => {
  const levels = Array.from(
    { length: 40 },
    (_, at) => `  x${at + 1}: &x${at + 1} [*x${at}, *x${at}, *x${at}, *x${at}]`,
  );
  const bomb = `organizations:\n- name: a\n  metadata:\n    x0: &x0 [a, a]\n${levels.map((line) => `  ${line}`).join('\n')}\n`;
  test.each([
    ['a tab for an indentation', 'plans:\n\t- id: a\n', /a\.yaml:2:1: A tab cannot indent in YAML\. Use spaces\./],
    [
      'a key twice',
      'plans: []\nplans: []\n',
      /a\.yaml:2:1: plans stands here twice: first in line 1\. Keep one of them\./,
    ],
    ['NUL', 'plans: [\u0000]\n', /a\.yaml:1:9: The character U\+0000 may not stand in YAML\. Take it out\./],
    ['an escape for a terminal', 'plans: "\u001b[2J"\n', /a\.yaml:1:9: The character U\+001B/],
    ['an escaped escape', 'plans: "\\e[2J"\n', /a\.yaml:1:8: plans is "\\u001b\[2J"; it must be a list\./],
    ['a tag', 'plans: !!js/function "x"\n', /a\.yaml:1:8: Tags such as !name mean nothing here\./],
    ['binary', 'plans: !!binary aGVsbG8=\n', /a\.yaml:1:\d+: This is no text, number, true, false or null\./],
    ['YAML 1.1', '%YAML 1.1\n---\nplans: []\n', /These files are YAML 1\.2\./],
    [
      'a merge key',
      'plans:\n  - &a { id: a, limits: [] }\n  - { <<: *a, id: b }\n',
      /a\.yaml:3:7: plans\[b\]\.<< is not a known field\. Merge keys are of YAML 1\.1/,
    ],
    ['an unknown alias', 'plans: *a\n', /a\.yaml:1:8: There is no anchor &a before this\./],
    ['an alias of itself', 'plans: &a [*a]\n', /a\.yaml:1:12: \*a stands inside of what it names/],
    ['a list as a key', '? [a]\n: b\n', /a\.yaml:1:3: A key is text/],
    ['a bracket that is not closed', 'plans: [\n', /a\.yaml:\d+:\d+: This is not YAML: /],
    ['aliases that grow', bomb, /holds more than can be meant, through aliases perhaps/],
    ['brackets a hundred thousand deep', `plans: ${'['.repeat(100_000)}`, /nested too deeply|This is not YAML/],
    ['not a number', 'organizations:\n- { name: a, metadata: { x: .nan } }\n', /a\.yaml:2:29: This is no text, number/],
  ])('is refused in words: %s', (_, text, said) => {
    expect(mistakesIn(text).join('\n')).toMatch(said);
  });

  test('no text at all ends in anything but words', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'plans',
        'organizations',
        'tokens',
        'name',
        'id',
        ': ',
        '\n',
        '  ',
        '- ',
        '[',
        ']',
        '{',
        '}',
        '&a ',
        '*a',
        '"',
        "'",
        '|\n',
        '>\n',
        '!!str ',
        '---\n',
        '...\n',
        '#',
        '%YAML 1.2\n',
        '? ',
        '\t',
        '\u0000',
        '<<: ',
        '~',
        '.inf',
        '__proto__: ',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        for (const mistake of mistakesIn(pieces.join(''))) expect(mistake).toMatch(/^(?:a\.yaml:\d+:\d+: |… and )/);
      }),
      { numRuns: Number(process.env.KEYWARD_TRIES ?? 2000) },
    );
  });

  test('no document of the right words and wrong values ends in anything but words', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e300, '', 'a', 'read:a', '1h', '2030-01-01'),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            'apis',
            'plans',
            'organizations',
            'name',
            'id',
            'handle',
            'permissions',
            'limits',
            'tokens',
            'owner',
            'user',
            'roles',
            'metadata',
            'apiUsers',
            'federatedCredentials',
            'constructor',
            '__proto__',
            'toString',
          ),
          tie('any'),
          { maxKeys: 5 },
        ),
      ),
    })).any;
    fc.assert(
      fc.property(value, (one) => {
        for (const mistake of mistakesIn(JSON.stringify(one) ?? ''))
          expect(mistake).toMatch(/^(?:a\.yaml:\d+:\d+: |… and )/);
      }),
      { numRuns: Number(process.env.KEYWARD_TRIES ?? 2000) },
    );
  });
});
