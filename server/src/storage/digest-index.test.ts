// What the index owes: it never denies a digest that it was told of, it denies nearly all others, and it stays small.

import { randomBytes, randomFillSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slowness } from '../../../test/machine-time.ts';
import { createDigestIndex } from './digest-index.ts';

const hex = (length: number) =>
  fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length }).map((all) => all.join(''));
/** Few beginnings, so that digests meet in one segment and one slot. */
const digest = fc.tuple(fc.constantFrom('00', 'ff', '7a'), hex(6), fc.constantFrom('00000000', 'ffffffff', '00000001'));
const crowded = digest.map((parts) => parts.join('').padEnd(64, '0'));

/** As many random digests as asked for; only the first 16 characters of each are random. */
function* digests(count: number): Generator<string> {
  const bytes = Buffer.alloc(8000);
  for (let made = 0; made < count; made += 1) {
    const at = (made % 1000) * 8;
    if (at === 0) randomFillSync(bytes);
    yield bytes.toString('hex', at, at + 8).padEnd(64, '0');
  }
}

const cpuMs = () => process.cpuUsage().user / 1000;

describe('the digest index', () => {
  it('never denies what was added, and denies everything else, as a set of first halves does', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(crowded, hex(64)), { maxLength: 400 }), fc.array(crowded), (added, asked) => {
        const index = createDigestIndex();
        const model = new Set<string>();
        // All zeros and its neighbour are one: the one digest in 2^64 that may be there without being there.
        const known = (one: string) => one.slice(0, 16).replace(/^0{16}$/, '0000000000000001');
        for (const one of added) {
          index.add(one);
          model.add(known(one));
        }
        for (const one of [...added, ...asked]) expect(index.mayHold(one)).toBe(model.has(known(one)));
        expect(index.size).toBe(model.size);
      }),
      { numRuns: 200 },
    );
  });

  it('treats text that is no digest always alike', () => {
    const index = createDigestIndex();
    fc.assert(
      fc.property(fc.string(), (text) => {
        index.add(text);
        expect(index.mayHold(text)).toBe(true);
      }),
    );
  });

  it('holds on to everything each time that it grows', () => {
    const index = createDigestIndex();
    const added: string[] = [];
    let { bytes } = index;
    let grown = 0;
    for (const one of digests(60_000)) {
      index.add(one);
      added.push(one);
      if (index.bytes === bytes) continue;
      bytes = index.bytes;
      grown += 1;
      // All of the segment that has just grown.
      for (const other of added) if (other.startsWith(one.slice(0, 2))) expect(index.mayHold(other)).toBe(true);
    }
    expect(grown).toBeGreaterThan(256 * 3);
    expect(added.every(index.mayHold)).toBe(true);
    expect(index.size).toBe(added.length);
  });

  it('holds a million in 80 bytes each at most, and is made in under ten seconds', async () => {
    const index = createDigestIndex();
    const before = cpuMs();
    for (const one of digests(1_000_000)) index.add(one);
    expect(cpuMs() - before).toBeLessThan(10_000 * (await slowness()));
    expect(index.size).toBe(1_000_000);
    expect(index.bytes / index.size).toBeLessThan(20);
    const strangers = Array.from({ length: 20_000 }, () => randomBytes(32).toString('hex'));
    expect(strangers.filter(index.mayHold)).toEqual([]);
  });
});
