// What the recorder owes: it costs a check next to nothing, every call is counted once it is flushed, and a database that
// fails loses nothing of what was seen. A real SQLite file, made to fail where that is wanted.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slowness } from '../../../test/machine-time.ts';
import type { Use, UseVerdict } from '../core/caller/use.ts';
import { hourMs } from '../core/checking/usage.ts';
import type { Store } from '../core/ports.ts';
import { generateApiToken, newId } from '../core/secret.ts';
import { openStore } from '../storage/open.ts';
import { flushMs, longestWaitMs, usageRecorder } from './last-used.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-usage-'));
const start = 500_000 * hourMs;
let store: Store;
let organizations = 0;
beforeAll(async () => {
  store = await openStore({ sqlite: { file: join(folder, 'keyward.db') }, migrate: true });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A recorder over a database that can be made to fail, with an organization of its own. */
function recording(options = {}) {
  organizations += 1;
  const organizationId = `organization ${organizations}`;
  const state = { now: start, failing: false, writes: 0 };
  const recorder = usageRecorder(
    {
      write: async (change) => {
        state.writes += 1;
        if (state.failing) throw new Error('down');
        return store.write(change);
      },
    },
    () => state.now,
    options,
  );
  const saw = (wanted: Partial<Use> & { id?: string } = {}) => {
    const { id = 'one', ...rest } = wanted;
    const source = { type: 'api_token', id: `${organizationId} ${id}` } as const;
    const plain = { verdict: 'allowed', rule: '/items', address: '192.0.2.1', userAgent: 'curl' } as const;
    recorder.saw({ source, organizationId, ...plain, ...rest });
  };
  const counts = () => store.usage.counts(organizationId, { from: 0, until: start * 2 });
  const lastUse = async (id = 'one') => {
    const key = `${organizationId} ${id}`;
    return (await store.usage.lastUses(organizationId, 'api_token', [key])).get(key);
  };
  return { state, recorder, saw, counts, lastUse, organizationId };
}

describe('the usage recorder', () => {
  it('writes of many credentials a few at a time, those that waited longest first, and none later than in a minute', async () => {
    const { state, recorder, saw, counts } = recording({ mostAtOnce: 2 });
    const written = async () => (await counts()).map(({ source }) => source.id.split(' ').at(-1));
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      saw({ id });
      state.now += 1000;
    }
    await recorder.flushSome();
    expect(await written()).toEqual(['a', 'b']);
    saw({ id: 'a' });
    await recorder.flushSome();
    expect(await written()).toEqual(['a', 'b', 'c', 'd']);
    for (const id of ['f', 'g', 'h']) saw({ id });
    state.now += longestWaitMs - flushMs;
    saw({ id: 'i' });
    await recorder.flushSome();
    expect(await written()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    await recorder.flush();
    expect(await written()).toHaveLength(9);
    expect((await counts()).reduce((sum, { calls }) => sum + calls, 0)).toBe(10);
  });

  it('writes nothing until it is flushed, and then the last use and the calls of each hour', async () => {
    const { state, recorder, saw, counts, lastUse } = recording();
    saw();
    saw({ verdict: 'missing_permission', address: '192.0.2.66' });
    state.now += hourMs;
    saw({ address: '2001:db8::1', userAgent: null });
    saw({ rule: '/other', verdict: 'rate_limited' });
    expect(state.writes).toBe(0);
    expect(await counts()).toEqual([]);
    await recorder.flush();
    expect(state.writes).toBe(1);
    expect((await counts()).map(({ rule, verdict, hour, calls }) => [hour - start, rule, verdict, calls])).toEqual([
      [0, '/items', 'allowed', 1],
      [0, '/items', 'missing_permission', 1],
      [hourMs, '/items', 'allowed', 1],
      [hourMs, '/other', 'rate_limited', 1],
    ]);
    expect(await lastUse()).toEqual({ at: start + hourMs, address: '2001:db8::1', userAgent: null });
  });

  it('does not take a refused call for a use', async () => {
    const { recorder, saw, lastUse } = recording();
    saw({ verdict: 'address_not_allowed' });
    await recorder.flush();
    expect(await lastUse()).toBeUndefined();
  });

  it('keeps no more of a user agent than the start, and no secret that it is made of [S12]', async () => {
    const { recorder, saw, lastUse } = recording();
    saw({ userAgent: 'x '.repeat(10_000) });
    await recorder.flush();
    expect((await lastUse())?.userAgent).toBe('x '.repeat(100));
    saw({ userAgent: `shop/2.1 ${generateApiToken(newId(), 'kw')}` });
    await recorder.flush();
    expect((await lastUse())?.userAgent).toBe('shop/2.1 …');
  });

  it('counts every call exactly once, however calls, flushes and failures interleave', async () => {
    const verdicts: UseVerdict[] = ['allowed', 'rate_limited', 'missing_permission'];
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ id: fc.nat(3), rule: fc.nat(2), verdict: fc.nat(2) }) },
      fc.constantFrom('flush', 'fail', 'mend', 'hour'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { state, recorder, saw, counts, lastUse } = recording();
        const model = new Map<string, number>();
        const last = new Map<string, number>();
        const flushes: Promise<unknown>[] = [];
        for (const one of steps) {
          state.now += 1;
          if (one === 'flush') flushes.push(recorder.flush().catch(() => {}));
          else if (one === 'hour') state.now += hourMs;
          else if (typeof one === 'string') state.failing = one === 'fail';
          else {
            const verdict = verdicts[one.verdict] ?? 'allowed';
            saw({ id: String(one.id), rule: `/${one.rule}`, verdict });
            const key = [one.id, `/${one.rule}`, verdict, state.now - (state.now % hourMs)].join(' ');
            model.set(key, (model.get(key) ?? 0) + 1);
            if (verdict === 'allowed') last.set(String(one.id), state.now);
          }
        }
        await Promise.all(flushes);
        state.failing = false;
        await recorder.flush();
        const found = (await counts()).map(({ source, rule, verdict, hour, calls }) => {
          return [[source.id.split(' ').at(-1), rule, verdict, hour].join(' '), calls] as const;
        });
        expect(new Map(found)).toEqual(model);
        expect(found).toHaveLength(model.size);
        for (const id of ['0', '1', '2', '3']) expect((await lastUse(id))?.at).toBe(last.get(id));
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the rest when a later batch fails, and says so', async () => {
    const { state, recorder, saw, counts } = recording();
    for (let id = 0; id < 1000; id += 1) saw({ id: String(id) });
    const flushed = recorder.flush();
    while (state.writes < 2) await new Promise((resolve) => setImmediate(resolve));
    state.failing = true;
    await expect(flushed).rejects.toThrow('down');
    const written = (await counts()).length;
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(1000);
    state.failing = false;
    await recorder.flush();
    expect((await counts()).map(({ calls }) => calls)).toEqual(Array(1000).fill(1));
  });

  it('keeps a bounded number of counts while the database fails, and says how many calls it lost', async () => {
    const { state, recorder, saw, counts } = recording({ mostWaiting: 100 });
    state.failing = true;
    for (let round = 0; round < 3; round += 1) {
      for (let id = 0; id < 150; id += 1) saw({ id: String(id) });
      await recorder.flush().catch(() => {});
    }
    expect(recorder.lost()).toBe(150);
    state.failing = false;
    await recorder.flush();
    const calls = (await counts()).map((count) => count.calls);
    expect(calls).toHaveLength(100);
    expect(calls.reduce((sum, one) => sum + one, 0) + recorder.lost()).toBe(450);
  });

  it('leaves the later of two nodes standing as the last use, and adds up what both counted', async () => {
    const [one, other] = [recording(), recording()];
    const source = { type: 'api_token', id: 'of both' } as const;
    const use = { source, organizationId: one.organizationId, verdict: 'allowed', rule: '', userAgent: null } as const;
    other.state.now += 5;
    other.recorder.saw({ ...use, address: 'later' });
    one.recorder.saw({ ...use, address: 'earlier' });
    await other.recorder.flush();
    await one.recorder.flush();
    const found = await store.usage.lastUses(one.organizationId, 'api_token', [source.id]);
    expect(found.get(source.id)).toEqual({ at: start + 5, address: 'later', userAgent: null });
    expect(await one.counts()).toMatchObject([{ calls: 2 }]);
  });

  it('costs a check less than two microseconds of processor time', async () => {
    const { saw, recorder } = recording();
    const ids = Array.from({ length: 1000 }, (_, id) => `token ${id}`);
    const rounds = Array.from({ length: 9 }, () => {
      const before = process.cpuUsage().user;
      for (let call = 0; call < 20_000; call += 1) saw({ id: ids[call % ids.length] ?? '' });
      return ((process.cpuUsage().user - before) * 1000) / 20_000;
    });
    expect(Math.min(...rounds)).toBeLessThan(2000 * (await slowness()));
    expect(recorder.lost()).toBe(0);
  });
});
