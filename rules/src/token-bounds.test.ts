// What bounds an access token is read strictly, and never gives more than its source has.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { covers } from './permission.ts';
import { lineageOf, mostParents, scopeIn, sourceClaims, sourceIn, within } from './token-bounds.ts';

const bounds = { audience: 'https://orders.example', scope: ['read:funds', 'write:*'], parents: ['a', 'b'], key: null };
const key = 'A'.repeat(43);
const bound = { aud: bounds.audience, scope: 'read:funds write:*', bsrc: 'user:1:0.0', par: ['a', 'b'] };

test('reads what it wrote', () => {
  expect(sourceIn({ aud: bounds.audience, ...sourceClaims({ src: 'user:1:0.0', bounds }) })).toEqual({
    src: 'user:1:0.0',
    bounds,
  });
  const withKey = { src: 'user:1:0.0', bounds: { ...bounds, key } };
  expect(sourceClaims(withKey)).toMatchObject({ cnf: { jkt: key } });
  expect(sourceIn({ aud: bounds.audience, ...sourceClaims(withKey) })).toEqual(withKey);
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
  ['a key of a token without bounds', { src: 'user:1:0.0', cnf: { jkt: key } }],
  ['a key that is none', { ...bound, cnf: { jkt: 'A' } }],
  ['another confirmation', { ...bound, cnf: { 'x5t#S256': key } }],
  ['another confirmation beside', { ...bound, cnf: { jkt: key, 'x5t#S256': key } }],
  ['null as confirmation', { ...bound, cnf: null }],
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
