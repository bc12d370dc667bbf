// What is made of the few words that somebody gives, and what is read back from the text.

import { expect, test } from 'vitest';
import { conditionsIn, conditionsOf } from './recipes.ts';

const choice = { place: ' acme/shop ', detail: 'main' };

test.each([
  ['github', 'branch', { repository: 'acme/shop', ref: 'refs/heads/main' }],
  ['github', 'tag', { repository: 'acme/shop', ref: 'refs/tags/main' }],
  ['github', 'environment', { repository: 'acme/shop', environment: 'main' }],
  ['github', 'any', { repository: 'acme/shop' }],
  ['gitlab', 'protected', { project_path: 'acme/shop', ref_protected: 'true' }],
  ['gitlab', 'branch', { project_path: 'acme/shop', ref_type: 'branch', ref: 'main' }],
  ['gitlab', 'environment', { project_path: 'acme/shop', environment: 'main' }],
  ['kubernetes', 'account', { sub: 'system:serviceaccount:acme/shop:main' }],
] as const)('%s, %s: names whose runs and which', (preset, which, conditions) => {
  expect(conditionsIn(conditionsOf({ ...choice, preset, which }))).toEqual({ conditions });
});

test('what was left out is no condition that anybody could meet', () => {
  const text = conditionsOf({ preset: 'github', place: '', which: 'any', detail: '' });
  expect(conditionsIn(text)).toEqual({ wrong: 'repository =' });
  expect(conditionsIn('a = b = c\n\n  d=*')).toEqual({ conditions: { a: 'b = c', d: '*' } });
});
