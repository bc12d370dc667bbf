// What bounds an access token is read strictly, and never gives more than its source has.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { covers } from './permission.ts';
import { lineageOf, mostParents, scopeIn, sourceClaims, sourceIn, within } from './token-bounds.ts';

const bounds = { audience: 'https://orders.example', scope: ['read:funds', 'write:*'], parents: ['a', 'b'] };
const bound = { aud: bounds.audience, scope: 'read:funds write:*', bsrc: 'user:1:0.0', par: ['a', 'b'] };

test('reads what it wrote', () => {
  expect(sourceIn({ aud: bounds.audience, ...sourceClaims({ src: 'user:1:0.0', bounds }) })).toEqual({
    src: 'user:1:0.0',
    bounds,
  });
  expect(sourceIn({ aud: 'x', ...sourceClaims({ src: 'user:1:0.0', bounds: null }) })).toEqual({
    src: 'user:1:0.0',
    bounds: null,
  });
});

test('never lets a bound token be read as one without bounds', () => {
  expect(sourceClaims({ src: 'user:1:0.0', bounds })).not.toHaveProperty('src');
});

test.each([
  ['both sources', { ...bound, src: 'user:1:0.0' }],
  ['an empty source beside', { ...bound, src: '' }],
  ['no scope', { ...bound, scope: undefined }],
  ['a scope that is no text', { ...bound, scope: ['read:funds'] }],
  ['several audiences', { ...bound, aud: [bounds.audience] }],
  ['no audience', { ...bound, aud: undefined }],
  ['a source that is no text', { ...bound, bsrc: 1 }],
  ['parents that are no list', { ...bound, par: 'a' }],
  ['a parent that is no text', { ...bound, par: ['a', 1] }],
  ['too many parents', { ...bound, par: Array.from({ length: mostParents + 1 }, String) }],
  ['null as parents', { ...bound, par: null }],
  ['no source', { aud: 'x' }],
])('refuses %s', (_, claims) => {
  expect(sourceIn(claims)).toBeNull();
});

test('gives nothing that the scope or the source does not cover', () => {
  const side = fc.constantFrom('read', 'write', 'create', '*');
  const what = fc.constantFrom('funds', 'user', 'reports', '*');
  const list = fc.array(
    fc.tuple(side, what).map(([verb, resource]) => `${verb}:${resource}`),
    { maxLength: 5 },
  );
  const exact = ['read:funds', 'write:reports', 'create:user', 'read:user', 'write:funds'];
  fc.assert(
    fc.property(list, list, (scope, held) => {
      const left = within({ scope }, held);
      for (const one of exact) expect(covers(left, one)).toBe(covers(scope, one) && covers(held, one));
    }),
  );
});

test('takes an empty scope for nothing', () => {
  expect(scopeIn('  ')).toEqual([]);
  expect(within({ scope: [] }, ['*:*'])).toEqual([]);
});

test('ends a token with itself and with each that it was made from', () => {
  expect(lineageOf('x', bounds)).toEqual(['x', 'a', 'b']);
  expect(lineageOf('x', null)).toEqual(['x']);
});
