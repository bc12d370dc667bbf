// Everything at once: four nodes on one PostgreSQL, four verifiers, callers that never pause, revocations, and one fault
// after the other. A call that began later than the acknowledged revocation of its credential and the bound, and was
// allowed, is a failure; so are an acknowledged change that is gone, whoever is taken for another, and a limit exceeded.

import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { lossesIn } from '../faults/losses.ts';
import { readDatabaseState } from '../faults/prepared-database.ts';
import { type Bed, startBed } from './bed.ts';
import { type Changes, startChanges } from './changes.ts';
import { allReady, type FaultName, faketime, faults } from './faults.ts';

/** Only where it is asked for. `npm run torture`: a million calls and sixty faults. */
const calls = Number(process.env.KEYWARD_TORTURE_CALLS ?? 10_000);
const faultCount = Number(process.env.KEYWARD_TORTURE_FAULTS ?? 6);
const seed = Number(process.env.KEYWARD_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Two heartbeats: from then on a verifier that has heard nothing asks, and a node says that it cannot. */
const boundMs = 2000;
const slackMs = 250;

let bed: Bed | undefined;
let changes: Changes | undefined;
afterEach(async () => {
  await changes?.stop();
  await bed?.stop();
});

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Each in turn, in an order of chance: none is left out. */
function plan(random: () => number): FaultName[] {
  const known = (Object.keys(faults) as FaultName[]).filter((name) => name !== 'clock changed' || faketime() !== null);
  const chosen: FaultName[] = [];
  while (chosen.length < faultCount) {
    const left = [...known];
    while (left.length > 0) chosen.push(...left.splice(Math.floor(random() * left.length), 1));
  }
  return chosen.slice(0, faultCount);
}

test.skipIf(process.env.KEYWARD_TORTURE_CALLS === undefined)(
  'faults of nodes, workers, connections and the database let no revoked call in beyond the bound, lose nothing acknowledged, confuse nobody and exceed no limit',
  {
    timeout: 4 * 3_600_000,
  },
  async () => {
    console.log(`Seed ${seed}: KEYWARD_SEED=${seed} draws the same faults.`);
    if (faketime() === null) console.log('No clock is changed: libfaketime is not installed.');
    const random = randomOf(seed);
    const world = await startBed({ identities: calls >= 1_000_000 ? 1000 : 100, calls });
    bed = world;
    const changing = startChanges(world);
    changes = changing;
    const called = () => world.callers.reduce((sum, caller) => sum + caller.calls(), 0);
    const made = new Map<string, number>();
    const progress = (what: string) => {
      made.set(what, (made.get(what) ?? 0) + 1);
      console.log(`${what} · ${called()} calls · ${changing.revocations()} revocations`);
    };
    const planned = plan(random);
    for (const [index, name] of planned.entries()) {
      // Spread over the calls, each into the midst of changes.
      const before = changing.revocations();
      while (called() < (calls * index) / planned.length || changing.revocations() < before + 4) await pause(20);
      await pause(300 * random());
      await faults[name](world, random);
      await allReady(world.nodes);
      progress(name);
    }
    while (called() < calls) await pause(50);
    // Then a standby takes over that has not the last commits. All that was acknowledged before stays.
    await changing.hold();
    await world.postgres.fork();
    await allReady(world.nodes);
    const kept = changing.acknowledged.length;
    changing.release();
    while (changing.acknowledged.length < kept + 8) await pause(20);
    await changing.hold();
    const lost = changing.acknowledged.splice(kept).length;
    for (const caller of world.callers) caller.tell({ type: 'lost' });
    await world.postgres.promote();
    await allReady(world.nodes);
    progress('standby promoted');
    changing.release();
    const until = changing.revocations() + 8;
    while (changing.revocations() < until) await pause(20);
    await changing.stop();
    // Until the last of them is past the bound.
    await pause(boundMs + 2 * slackMs);

    const reports = await Promise.all(world.callers.map((caller) => caller.report()));
    const losses = lossesIn(await readDatabaseState(world.config), changing.acknowledged);
    const delays = reports.flatMap(({ untilRefusedMs }) => untilRefusedMs).sort((a, b) => a - b);
    const at = (share: number) =>
      Math.round(delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? 0);
    const sum = (of: 'calls' | 'unavailable' | 'limitedAllowed' | 'seenAllowed') =>
      reports.reduce((total, report) => total + report[of], 0);
    console.log(
      [
        `${sum('calls')} calls, ${sum('unavailable')} of them not answered; ${changing.revocations()} revocations`,
        `until refused, ms: p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}`,
        `faults: ${[...made].map(([name, count]) => `${name} ${count}`).join(', ')}`,
        `losses: ${losses.length}, and ${lost} changes that the standby had not; limit: ${sum('limitedAllowed')} of ${world.limit}`,
      ].join('\n'),
    );
    expect(reports.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(losses).toEqual([]);
    expect(sum('calls')).toBeGreaterThanOrEqual(calls);
    expect(sum('seenAllowed')).toBeGreaterThan(delays.length / 2);
    expect(sum('limitedAllowed')).toBeLessThanOrEqual(world.limit);
    expect(sum('limitedAllowed')).toBeGreaterThan(0);
    const longestTurnMs = Math.max(...reports.map((report) => report.longestTurnMs));
    expect(at(1)).toBeLessThan(boundMs + Math.max(slackMs, longestTurnMs));
  },
);
