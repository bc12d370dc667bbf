// What the reference shows of a description with references in it.

import { expect, test } from 'vitest';
import { resolvedPart } from './resolve.ts';

const text = { type: 'string' };
const document = {
  paths: { '/v1/a~b': { get: { schema: { $ref: '#/components/Pair', description: 'both' } } } },
  components: {
    Pair: { description: 'two', items: [{ $ref: '#/components/a~1b' }, { $ref: '#/components/Text' }] },
    Text: text,
    'a/b': { of: { $ref: '#/components/Text' } },
    Tree: { name: { $ref: '#/components/Text' }, children: { items: { $ref: '#/components/Tree' } } },
    Lost: { one: { $ref: '#/components/Nowhere' }, other: { $ref: 'https://elsewhere.example/a.json' } },
  },
};

test('a part comes with what it refers to, however deep, and its own words count', () => {
  expect(resolvedPart(document, ['paths', '/v1/a~b', 'get'])).toEqual({
    schema: { description: 'both', items: [{ of: text }, text] },
  });
  expect(resolvedPart(document, ['paths', '/v1/other'])).toBeUndefined();
});

test('what refers to itself ends, and what is referred to nowhere stays', () => {
  expect(resolvedPart(document, ['components', 'Tree'])).toEqual({
    name: text,
    children: { items: { name: text, children: { items: { $ref: '#/components/Tree' } } } },
  });
  expect(resolvedPart(document, ['components', 'Lost'])).toEqual(document.components.Lost);
});

test('a schema keeps the name that it was referred to by', () => {
  const named = { components: { schemas: { Token: text } }, answer: { $ref: '#/components/schemas/Token' } };
  expect(resolvedPart(named, ['answer'])).toEqual({ ...text, $$ref: '#/components/schemas/Token' });
});
