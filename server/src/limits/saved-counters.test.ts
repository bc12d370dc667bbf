// What one node has counted outlives it, and a file that cannot be written for a while. Real counters and real files.

import { appendFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { limitKey } from '../core/checking/limit.ts';
import { memoryLimits } from './memory.ts';
import { savedCounters } from './saved-counters.ts';

const root = mkdtempSync(join(tmpdir(), 'keyward-counters-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const rule = { limit: 10, windowMs: 60_000 };
const [one, other] = [limitKey('organization', 'free', 'one'), limitKey('organization', 'free', 'other')];
const newLimits = () => memoryLimits({ clock: () => 1000 });
const newFile = () => join(mkdtempSync(join(root, 'at-')), 'limits.log');

/** What is left of each limit for a process that starts now, after a kill. */
async function leftIn(file: string) {
  const limits = newLimits();
  savedCounters(limits, file);
  return [(await limits.look(one, rule, 0)).remaining, (await limits.look(other, rule, 0)).remaining];
}

/** While it lasts, nothing can be appended to the file. */
function blocked(file: string): () => void {
  renameSync(file, `${file}.aside`);
  mkdirSync(file);
  return () => {
    rmdirSync(file);
    renameSync(`${file}.aside`, file);
  };
}

describe('counters', () => {
  it('are there again after a kill, as of the last second', async () => {
    const [file, limits] = [newFile(), newLimits()];
    const kept = savedCounters(limits, file);
    limits.spend(one, rule, 3);
    await kept.append();
    limits.spend(other, rule, 4);
    expect(await leftIn(file)).toEqual([7, 10]);
  });

  it('that could not be written are written with the next ones that can', async () => {
    const [file, limits] = [newFile(), newLimits()];
    const kept = savedCounters(limits, file);
    limits.spend(one, rule, 3);
    const unblock = blocked(file);
    await expect(kept.append()).rejects.toThrow('EISDIR');
    limits.spend(other, rule, 4);
    await expect(kept.append()).rejects.toThrow('EISDIR');
    unblock();
    // What a disk that filled up had taken of it.
    appendFileSync(file, '["12:organi');
    await kept.append();
    expect(await leftIn(file)).toEqual([7, 6]);
    expect(existsSync(`${file}.new`)).toBe(false);
  });
});
