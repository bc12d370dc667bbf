// The claims that every token must have right, and the times in which it counts.

import { describe, expect, it } from 'vitest';
import { claims } from './jws.test-support.ts';
import { checkClaims } from './jws.ts';

describe('the claims that every token must have right', () => {
  const now = 1_800_000_100_000;
  const rules = { issuer: 'https://kw.example', audience: 'api', now, maxLifetimeMs: 3_600_000 };
  const verdict = (changes: Record<string, unknown>, more: object = {}) =>
    checkClaims({ ...claims, ...changes }, { ...rules, ...more });

  it('accepts a token of this issuer, for this audience, in its time [S34]', () => {
    expect(verdict({})).toBe('ok');
    expect(verdict({ nbf: claims.iat })).toBe('ok');
    expect(verdict({ aud: ['other', 'api'] })).toBe('ok');
  });

  it.each([
    'https://kw.example/',
    'https://KW.example',
    'http://kw.example',
    'https://kw.example.evil',
    ' https://kw.example',
    '',
  ])('refuses the issuer %o [S34]', (iss) => expect(verdict({ iss })).toBe('wrong_issuer'));

  it.each(['API', 'api ', 'ap', 'api2', '', [], ['other'], ['ap', 'i']])('refuses the audience %j [S34]', (aud) => {
    expect(verdict({ aud })).toBe('wrong_audience');
  });

  it.each([
    ['iss', [undefined, null, 1, ['https://kw.example'], { a: 1 }]],
    ['aud', [undefined, null, 1, { api: true }, ['api', 1], [['api']]]],
    [
      'exp',
      [
        undefined,
        null,
        '1800003600',
        Infinity,
        Number.NaN,
        -1,
        1_800_003_600.5,
        1_800_003_600_000,
        1e21,
        2 ** 53,
        true,
        [1_800_003_600],
      ],
    ],
    ['iat', [undefined, null, '1800000000', Infinity, Number.NaN, -1, 1_800_000_000.5, 1_800_000_000_000]],
    ['nbf', [null, '1800000000', Infinity, Number.NaN, -1, 1_800_000_000.5, 1_800_000_000_000]],
  ])('calls a %s of any other kind malformed [S34]', (name, values) => {
    for (const value of values) expect(verdict({ [name]: value })).toBe('malformed');
  });

  it('holds a token to the longest lifetime even if it is signed [S34]', () => {
    expect(verdict({ exp: claims.iat + 3600 })).toBe('ok');
    expect(verdict({ exp: claims.iat + 3601 })).toBe('malformed');
    expect(verdict({ exp: 253_402_300_799 })).toBe('malformed');
    expect(verdict({ exp: claims.iat })).toBe('malformed');
  });

  it('ends a token at the very millisecond of exp, and leeway moves both ends alike [S34]', () => {
    const { iat, exp } = claims;
    expect(verdict({}, { now: exp * 1000 - 1 })).toBe('ok');
    expect(verdict({}, { now: exp * 1000 })).toBe('expired');
    expect(verdict({}, { now: exp * 1000 + 4_999, leewayMs: 5_000 })).toBe('ok');
    expect(verdict({}, { now: exp * 1000 + 5_000, leewayMs: 5_000 })).toBe('expired');
    expect(verdict({}, { now: iat * 1000 })).toBe('ok');
    expect(verdict({}, { now: iat * 1000 - 1 })).toBe('not_yet_valid');
    expect(verdict({}, { now: iat * 1000 - 5_000, leewayMs: 5_000 })).toBe('ok');
    expect(verdict({ nbf: iat + 50 }, { now: (iat + 49) * 1000 })).toBe('not_yet_valid');
  });
});
