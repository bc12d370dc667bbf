// Time-based codes against the vectors of RFC 6238, appendix B (SHA-1).

import { describe, expect, it } from 'vitest';
import { createTotp } from './totp.ts';

/** `12345678901234567890` in base32. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
/** Seconds, and the last six of the eight digits. */
const vectors: [number, string][] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
];

/** Where it is this late. */
const at = (now: number) => createTotp(() => now);

describe('a time-based code', () => {
  it.each(vectors)('is that of RFC 6238 at %i seconds, and names its step', (seconds, code) => {
    expect(at(seconds * 1000).stepOf(secret, code)).toBe(Math.floor(seconds / 30));
  });

  it('counts one step before and after, and names its own step, so that it can be used once only', () => {
    const made = 1_111_111_111_000;
    const step = Math.floor(made / 30_000);
    for (const late of [-30_000, 0, 30_000]) expect(at(made + late).stepOf(secret, '050471')).toBe(step);
    for (const late of [-61_000, 61_000]) expect(at(made + late).stepOf(secret, '050471')).toBeNull();
  });

  it.each(['050472', '', '05047', '0504711', '50471', 'abcdef'])('is none where it differs: %j', (code) => {
    expect(at(1_111_111_111_000).stepOf(secret, code)).toBeNull();
  });

  it('comes of a new secret of 160 bits each time, which an app reads from an address', () => {
    const made = new Set(Array.from({ length: 100 }, () => createTotp(Date.now).generate()));
    expect(made.size).toBe(100);
    for (const one of made) expect(one).toMatch(/^[A-Z2-7]{32}$/);
    const uri = new URL(createTotp(Date.now).uri(secret, 'Keyward (acme)', 'ann@example.com'));
    expect(`${uri.protocol}//${uri.host}${decodeURIComponent(uri.pathname)}`).toBe(
      'otpauth://totp/Keyward (acme):ann@example.com',
    );
    expect(Object.fromEntries(uri.searchParams)).toMatchObject({ secret, issuer: 'Keyward (acme)', digits: '6' });
  });
});
