// What people may rely on who type a code: it is easy to read, and it does not matter how they write it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalUserCode, generateUserCode, shownUserCode } from './user-code.ts';

describe('a user code', () => {
  it('is eight letters that are not mistaken for one another, each as likely', () => {
    const seen = new Map<string, number>();
    for (let n = 0; n < 2000; n += 1) {
      const code = generateUserCode();
      expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/);
      for (const letter of code) seen.set(letter, (seen.get(letter) ?? 0) + 1);
    }
    expect(seen.size).toBe(20);
    // 800 of each are expected: ten standard deviations off would be a fault.
    for (const count of seen.values()) expect(Math.abs(count - 800)).toBeLessThan(280);
  });

  it('is understood as it is shown, and however somebody types it', () => {
    const code = generateUserCode(() => Uint8Array.from({ length: 16 }, (_, at) => at));
    expect(code).toBe('BCDFGHJK');
    for (const typed of ['BCDF-GHJK', 'bcdf ghjk', ' bcdfghjk\n', 'B-C-D-F-G-H-J-K', 'BCDF–GHJK', 'bcdf.ghjk']) {
      expect(canonicalUserCode(typed), typed).toBe(code);
    }
    expect(shownUserCode(code)).toBe('BCDF-GHJK');
  });

  it('is nothing else', () => {
    for (const typed of ['', 'BCDFGHJ', 'BCDFGHJKL', 'ABCDEFGH', 'BCDF-GHJ1', 'ВCDFGHJK', 'BCDFGHJ\u0000']) {
      expect(canonicalUserCode(typed), JSON.stringify(typed)).toBeNull();
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        expect(canonicalUserCode(typed) ?? 'BCDFGHJK').toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/);
      }),
    );
  });

  it('is not made of bytes that are not random', () => {
    expect(() => generateUserCode(() => new Uint8Array(16).fill(255))).toThrow('no code was made');
  });
});
