// Patterns of conditions against a regular expression that means the same, and what conditions may be.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeywardError } from '../errors.ts';
import { checkConditions, matches, unmetCondition } from './conditions.ts';
import { checkOwnerNamed } from './shared-issuers.ts';

const texts = fc.string({ unit: fc.constantFrom('a', 'b', '/', ':', '*', '.', 'é'), maxLength: 12 });

describe('a pattern', () => {
  it('matches what the regular expression does that means the same', () => {
    fc.assert(
      fc.property(texts, texts, (pattern, value) => {
        const escaped = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
        expect(matches(pattern, value)).toBe(new RegExp(`^${escaped.join('.*')}$`, 's').test(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('matches what it was made from by putting any text in place of each *', () => {
    fc.assert(
      fc.property(
        fc.array(
          texts.map((text) => text.replaceAll('*', '')),
          { minLength: 1 },
        ),
        texts,
        (parts, filling) => {
          expect(matches(parts.join('*'), parts.join(filling))).toBe(true);
        },
      ),
    );
  });
});

describe('conditions', () => {
  it('are met by texts of the token’s own alone', () => {
    for (const claims of [{}, { sub: null }, { sub: 1 }, { sub: true }, { sub: ['a'] }, { sub: { a: 'a' } }]) {
      expect(unmetCondition({ sub: '*' }, claims)).toBe('sub');
    }
    expect(unmetCondition({ toString: '*' }, {})).toBe('toString');
    expect(unmetCondition({ sub: 'a', environment: 'b*' }, { sub: 'a', environment: 'bc' })).toBe(null);
  });

  it.each([
    ['none at all', {}],
    ['nothing but *', { sub: '*' }],
    ['nothing but * many times', { sub: '***', repository: '*' }],
    ['what is checked in any case', { sub: 'a', iss: 'b' }],
    ['an empty text', { sub: '' }],
    ['a text with a line break', { sub: 'a\nb' }],
    ['a letter that nobody sees', { sub: 'a\u200bb' }],
    ['half a letter', { sub: 'a\ud800' }],
    ['a long text', { sub: 'x'.repeat(513) }],
    ['an empty name', { '': 'a' }],
    ['too many', Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`claim${at}`, 'a']))],
  ])('are refused where there is %s', (_, conditions) => {
    expect(() => checkConditions(conditions as Record<string, string>)).toThrow(KeywardError);
  });

  it.each([
    ['https://token.actions.githubusercontent.com', { ref: 'refs/heads/main' }, false],
    ['https://token.actions.githubusercontent.com', { sub: 'repo:*' }, false],
    ['https://token.actions.githubusercontent.com', { sub: 'repo:acme*' }, false],
    ['https://token.actions.githubusercontent.com', { repository: 'acme*/shop' }, false],
    ['https://token.actions.githubusercontent.com', { repository_owner: 'acme*' }, false],
    ['https://token.actions.githubusercontent.com', { sub: 'repo:acme/*' }, true],
    ['https://token.actions.githubusercontent.com', { repository: 'acme/shop', ref: '*' }, true],
    ['https://token.actions.githubusercontent.com', { repository_owner_id: '4711' }, true],
    ['https://gitlab.com', { ref_protected: 'true' }, false],
    ['https://gitlab.com', { sub: 'project_path:*' }, false],
    ['https://gitlab.com', { project_path: 'acme/*' }, true],
    ['https://gitlab.example.com', { ref_protected: 'true' }, true],
  ])('at %s, where anybody has an account, name an owner: %o', (issuer, conditions, isTaken) => {
    const check = () => checkOwnerNamed(issuer, conditions as unknown as Record<string, string>);
    if (isTaken) expect(check).not.toThrow();
    else expect(check).toThrow(/signs for everybody/);
  });
});
