// The password hasher: parameters, the queue's bounds, equal work for absent users, and passwords taken whole.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPasswordHasher } from './argon2.ts';

const cheap = { memoryCost: 64, timeCost: 1 };
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => error,
  );

describe('the password hasher', () => {
  it("hashes as Argon2id with OWASP's parameters and a salt of its own for each [S13]", async () => {
    const hasher = createPasswordHasher();
    const [one, two] = await Promise.all([hasher.hash('correct horse battery'), hasher.hash('correct horse battery')]);
    for (const hash of [one, two]) expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^$]{22}\$[^$]{43}$/);
    expect(one).not.toBe(two);
    expect(await hasher.verify(one, 'correct horse battery')).toBe(true);
    expect(await hasher.verify(one, 'correct horse batterz')).toBe(false);
  });

  it('takes passwords whole: 73 and more bytes count to the end, and NUL cuts nothing [S14]', async () => {
    const hasher = createPasswordHasher(cheap);
    const long = 'x'.repeat(72);
    for (const [right, ...wrong] of [
      [`${long}1`, `${long}2`, long, `${long}1\0`],
      ['a\0b', 'a\0c', 'a', 'a\0', 'ab'],
      ['é'.repeat(5_000), 'é'.repeat(4_999)],
      ['', ' ', '\0'],
    ] as const) {
      const hash = await hasher.hash(right);
      expect(await hasher.verify(hash, right)).toBe(true);
      for (const other of wrong) expect(await hasher.verify(hash, other)).toBe(false);
    }
  });

  it('accepts a password in any normalisation, and only that one [S19]', async () => {
    const hasher = createPasswordHasher(cheap);
    const hash = await hasher.hash('Zoe\u0308 and Åsa');
    expect(await hasher.verify(hash, 'Zo\u00eb and A\u030asa')).toBe(true);
    expect(await hasher.verify(hash, 'Zoe and Asa')).toBe(false);
    // NFC, not NFKC: look-alikes stay different.
    expect(await hasher.verify(await hasher.hash('ﬁ'), 'fi')).toBe(false);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 20 }), async (password) => {
        expect(await hasher.verify(await hasher.hash(password.normalize('NFD')), password.normalize('NFC'))).toBe(true);
      }),
    );
  });

  it('does the same work for an absent user as for a wrong password [S22]', async () => {
    const hasher = createPasswordHasher();
    const hash = await hasher.hash('a good long password');
    const times: Record<'absent' | 'wrong', number[]> = { absent: [], wrong: [] };
    for (let round = 0; round < 15; round += 1) {
      for (const [name, stored] of [
        ['absent', null],
        ['wrong', hash],
      ] as const) {
        // Of the processor, of which nobody else takes any here.
        const before = process.cpuUsage();
        expect(await hasher.verify(stored, 'guess')).toBe(false);
        const { user, system } = process.cpuUsage(before);
        times[name].push(user + system);
      }
    }
    // The least of the times is what the work costs; the full comparison is a bench.
    const ratio = Math.min(...times.absent) / Math.min(...times.wrong);
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.25);
  });

  it('refuses an absent user whatever the password, empty ones too [S22]', async () => {
    const hasher = createPasswordHasher(cheap);
    for (const password of ['', 'guess', 'x'.repeat(10_000)]) expect(await hasher.verify(null, password)).toBe(false);
  });

  it('lets as many wait as it says, refuses the rest at once, and works on afterwards [S97]', async () => {
    const hasher = createPasswordHasher({ ...cheap, memoryCost: 8_192, concurrency: 2, maxWaiting: 3 });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(hasher.verify(null, 'guess'))));
    expect(outcomes.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'done'));
    for (const refusal of outcomes.slice(5)) {
      expect(refusal).toMatchObject({ name: 'KeywardError', code: 'unavailable', detail: { retryAfterMs: 1000 } });
    }
    expect(await outcome(hasher.hash('next'))).toBe('done');
  });

  it('never computes more at once than it says, first come first served [S97]', async () => {
    const hasher = createPasswordHasher({ ...cheap, memoryCost: 4_096, concurrency: 1, maxWaiting: 10 });
    const finished: number[] = [];
    const works = Array.from({ length: 11 }, (_, at) => hasher.hash('x').then(() => finished.push(at)));
    await Promise.all(works);
    expect(finished).toEqual(Array.from({ length: 11 }, (_, at) => at));
  });

  it('gives its place back when a work fails', async () => {
    const hasher = createPasswordHasher({ ...cheap, concurrency: 1, maxWaiting: 1 });
    for (let i = 0; i < 3; i += 1) expect(await outcome(hasher.verify('not a hash', 'x'))).toBeInstanceOf(Error);
    expect(await outcome(hasher.hash('x'))).toBe('done');
  });

  it('keeps the event loop free while it hashes [S97]', async () => {
    const hasher = createPasswordHasher();
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await Promise.all(Array.from({ length: 12 }, () => hasher.verify(null, 'guess')));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(20);
  });

  it('knows a hash of weaker parameters or of another kind as outdated [S13]', async () => {
    const hasher = createPasswordHasher();
    const salt = '$c29tZXNhbHRzb21lc2FsdA$';
    expect(hasher.isOutdated(await hasher.hash('x'))).toBe(false);
    expect(hasher.isOutdated(`$argon2id$v=19$m=65536,t=3,p=1${salt}`)).toBe(false);
    for (const old of [
      `$argon2id$v=19$m=19455,t=2,p=1${salt}`,
      `$argon2id$v=19$m=19456,t=1,p=1${salt}`,
      `$argon2i$v=19$m=65536,t=3,p=1${salt}`,
      `$argon2id$v=16$m=65536,t=3,p=1${salt}`,
      '$2b$12$abc',
      '',
    ]) {
      expect(hasher.isOutdated(old)).toBe(true);
    }
  });
});
