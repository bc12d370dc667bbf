// Holders and their ledger in a made-up world: true time, clocks that disagree about it, messages that take their time or
// are lost, holders that die. What is admitted is logged at the true time and checked against the limit in every window.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changeRule,
  closeAll,
  createHolding,
  isLow,
  isSettled,
  leftOf,
  lookLeased,
  refuse,
  requestOf,
  spendLeased,
  takeFailure,
  takeGrant,
} from './lease.ts';
import { createLedger, fromSaved, grant, type Ledger, toSaved } from './ledger.ts';
import type { LimitRule } from './limit.ts';

interface World {
  rule: LimitRule;
  /** Offered units per window in all, over the limit. */
  load: number;
  nodes: { offsetMs: number; drift: number; share: number; diesAt?: number }[];
  windows: number;
  cost?: () => number;
  /** How long one message takes. */
  latencyMs?: () => number;
  isLost?: () => boolean;
  random?: () => number;
}

interface Outcome {
  offered: number;
  admitted: number;
  /** The most that any half-open window has admitted. */
  most: number;
  requests: number;
}

/** Runs a world to its end. The messages' order and times are all its own; only holders and ledger are real. */
function live({
  rule,
  load,
  nodes,
  windows,
  cost = () => 1,
  latencyMs = () => 0,
  isLost = () => false,
  random,
}: World) {
  let ledger: Ledger = createLedger(rule);
  const events: { at: number; order: number; run: () => void }[] = [];
  let order = 0;
  let now = 0;
  const after = (ms: number, run: () => void) => {
    order += 1;
    const event = { at: now + ms, order, run };
    let place = events.length;
    while (place > 0 && isLater(events[place - 1], event)) place -= 1;
    events.splice(place, 0, event);
  };
  const log: { at: number; cost: number }[] = [];
  const outcome: Outcome = { offered: 0, admitted: 0, most: 0, requests: 0 };
  const end = windows * rule.windowMs;
  const timeoutMs = 2000;

  for (const [index, { offsetMs, drift, share, diesAt = Number.POSITIVE_INFINITY }] of nodes.entries()) {
    const holding = createHolding(`node${index}`, rule);
    const clock = () => 1e6 + offsetMs + now * drift;
    let waiting: { cost: number }[] = [];
    let underWay = false;
    const admit = (units: number) => {
      if (now >= diesAt) return;
      log.push({ at: now, cost: units });
      outcome.admitted += units;
    };

    const send = (renews: boolean) => {
      if (now >= diesAt) return;
      underWay = true;
      outcome.requests += 1;
      const needed = waiting.reduce((sum, one) => sum + one.cost, 0);
      const sentAt = clock();
      const request = requestOf(holding, sentAt, { needed, first: waiting[0]?.cost ?? 0, renews });
      const sent = JSON.stringify(request);
      const isForFirst = waiting.length > 0;
      let answered = false;
      const lost = isLost();
      const lostBack = isLost();
      after(latencyMs(), () => {
        if (lost) return;
        // Through JSON and back, as in a database.
        ledger = fromSaved(JSON.parse(JSON.stringify(toSaved(ledger))));
        const given = grant(ledger, rule, JSON.parse(sent), 5e6 + now);
        after(latencyMs(), () => {
          if (lostBack || answered) return;
          answered = true;
          takeGrant(holding, request, given, sentAt, clock());
          serve(isForFirst);
        });
      });
      after(timeoutMs, () => {
        if (answered) return;
        answered = true;
        takeFailure(holding);
        waiting = [];
        underWay = false;
      });
    };

    const serve = (isForFirst: boolean) => {
      underWay = false;
      const served = waiting;
      waiting = [];
      for (const [place, one] of served.entries()) {
        let own = spendLeased(holding, clock(), one.cost);
        if (own === null && isForFirst && place === 0) own = refuse(holding, clock(), one.cost);
        if (own === null) waiting.push(one);
        else if (own.admitted) admit(one.cost);
      }
      if (waiting.length > 0) send(true);
    };

    const call = () => {
      const units = cost();
      outcome.offered += units;
      const own = spendLeased(holding, clock(), units);
      if (own === null) {
        waiting.push({ cost: units });
        if (!underWay) send(true);
      } else if (own.admitted) {
        admit(units);
        if (!underWay && isLow(holding, clock())) send(true);
      }
      const gap = (rule.windowMs / (rule.limit * load * share)) * units;
      if (now + gap < end) after(random === undefined ? gap : gap * -Math.log(1 - random()), call);
    };
    const tidy = () => {
      if (!underWay && !isSettled(holding, clock())) send(false);
      if (now < end) after(Math.min(500, rule.windowMs / 100), tidy);
    };
    after((rule.windowMs / (rule.limit * load * share)) * (index / nodes.length), call);
    after(0, tidy);
  }

  for (let event = events.shift(); event !== undefined && now <= end; event = events.shift()) {
    now = Math.max(now, event.at);
    event.run();
  }
  let [from, sum] = [0, 0];
  for (const one of log) {
    sum += one.cost;
    for (let first = log[from]; first !== undefined && one.at - first.at >= rule.windowMs; first = log[from]) {
      sum -= first.cost;
      from += 1;
    }
    outcome.most = Math.max(outcome.most, sum);
  }
  return outcome;
}

function isLater(one: { at: number; order: number } | undefined, other: { at: number; order: number }): boolean {
  return one !== undefined && (one.at > other.at || (one.at === other.at && one.order > other.order));
}

const even = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    offsetMs: (index - 1.5) * 40_000,
    drift: 1 + index * 1e-4,
    share: 1 / count,
  }));

describe('holders of one limit', () => {
  it.each([
    { load: 0.9, limit: 4000, windowMs: 60_000 },
    { load: 1, limit: 4000, windowMs: 60_000 },
    { load: 10, limit: 4000, windowMs: 60_000 },
    { load: 1, limit: 20_000, windowMs: 3_600_000 },
    { load: 10, limit: 4000, windowMs: 1000 },
  ])(
    'four at load $load admit never more than $limit in $windowMs ms, and at most 1 % less than they could [S93] [S94]',
    ({ load, limit, windowMs }) => {
      const windows = load > 1 ? 10 : 4;
      const latencyMs = () => windowMs / 20_000;
      const outcome = live({ rule: { limit, windowMs }, load, nodes: even(4), windows, latencyMs });
      expect(outcome.most).toBeLessThanOrEqual(limit);
      expect(outcome.admitted / Math.min(outcome.offered, limit * windows)).toBeGreaterThanOrEqual(0.99);
      // They ask seldom: each at most once per ten calls that are admitted or once per refusing sub-window.
      expect(outcome.requests).toBeLessThan(outcome.admitted / 2);
    },
  );

  it('never refuse an even load of 98 %', () => {
    const outcome = live({ rule: { limit: 4000, windowMs: 60_000 }, load: 0.98, nodes: even(4), windows: 3 });
    expect(outcome.admitted).toBe(outcome.offered);
  });

  it('cost the ledger nothing while their limit is exhausted', () => {
    const rule = { limit: 4000, windowMs: 60_000 };
    const asked = (load: number) => live({ rule, load, nodes: even(4), windows: 0.9 }).requests;
    // A hundred times the limit is offered instead of ten times, and all of what comes on top is refused.
    expect(asked(100)).toBeLessThan(asked(10) * 1.5);
  });

  const clocks = fc.record({
    offsetMs: fc.integer({ min: -60_000, max: 60_000 }),
    drift: fc.double({ min: 0.9995, max: 1.0005, noNaN: true }),
    share: fc.constantFrom(1, 0.5, 0.1),
    diesAt: fc.option(fc.integer({ min: 1, max: 200_000 }), { freq: 4, nil: Number.POSITIVE_INFINITY }),
  });
  const worlds = fc.record({
    rule: fc.record({
      limit: fc.oneof(fc.constantFrom(1, 50, 64, 100, 256, 300, 1000), fc.integer({ min: 2, max: 3000 })),
      windowMs: fc.constantFrom(1000, 10_000, 60_000),
    }),
    load: fc.constantFrom(0.5, 1, 3, 10),
    nodes: fc.array(clocks, { minLength: 1, maxLength: 5 }),
    seed: fc.nat(),
    slowMs: fc.constantFrom(0, 5, 200, 1500),
    lost: fc.constantFrom(0, 0.05, 0.3),
    costs: fc.constantFrom(1, 3, 20),
  });

  it('never admit more than the limit in any window, whatever becomes of messages, holders and clocks [S93] [S94]', () => {
    let admitted = 0;
    fc.assert(
      fc.property(worlds, ({ rule, load, nodes, seed, slowMs, lost, costs }) => {
        const random = generator(seed);
        const outcome = live({
          rule,
          load,
          nodes,
          windows: 2.5,
          random,
          latencyMs: () => random() * slowMs,
          isLost: () => random() < lost,
          cost: () => 1 + Math.floor(random() * costs),
        });
        admitted += outcome.admitted;
        expect(outcome.most).toBeLessThanOrEqual(rule.limit);
      }),
      { numRuns: 150 },
    );
    expect(admitted).toBeGreaterThan(10_000);
  });
});

describe('a holder', () => {
  const rule = { limit: 1000, windowMs: 60_000 };

  /** A holder that asks and is answered at once. */
  function alone(limit = rule) {
    const holding = createHolding('one', limit);
    const ledger = createLedger(limit);
    const ask = (now: number, needed: number, renews = true) => {
      const request = requestOf(holding, now, { needed, first: needed, renews });
      const given = grant(ledger, limit, request, now);
      takeGrant(holding, request, given, now, now);
      return given;
    };
    return { holding, ledger, ask };
  }

  it('spends nothing that it has not leased, and nothing after the lease has ended', () => {
    const { holding, ask } = alone();
    expect(spendLeased(holding, 0, 1)).toBeNull();
    const { granted, forMs } = ask(0, 1);
    expect(granted).toBeGreaterThan(1);
    expect(spendLeased(holding, 1, granted)).toMatchObject({ admitted: true, remaining: 1000 - granted });
    expect(spendLeased(holding, 1, 1)).toBeNull();
    ask(2, 1);
    expect(leftOf(holding, 2 + forMs * 0.99)).toBeGreaterThan(0);
    expect(leftOf(holding, 2 + forMs)).toBe(0);
    expect(spendLeased(holding, 2 + forMs, 1)).toBeNull();
  });

  it('gives back what it has not spent, and what it has spent counts from when it did', () => {
    const { holding, ledger, ask } = alone();
    ask(0, 100);
    spendLeased(holding, 10, 70);
    closeAll(holding);
    expect(isSettled(holding, 20)).toBe(false);
    expect(ask(20, 0, false)).toMatchObject({ granted: 0, remaining: 930 });
    expect(isSettled(holding, 20)).toBe(true);
    expect(ledger.leases).toEqual([]);
    expect(ask(60_000 + 10 + 60_000 / 256, 0, false)).toMatchObject({ remaining: 1000 });
  });

  it('says again what it settled when it does not know whether it was heard, which counts once', () => {
    const { holding, ledger, ask } = alone();
    ask(0, 100);
    spendLeased(holding, 10, 100);
    closeAll(holding);
    const request = requestOf(holding, 20, { needed: 0, first: 0, renews: false });
    expect(grant(ledger, rule, request, 20).remaining).toBe(900);
    takeFailure(holding);
    expect(isSettled(holding, 30)).toBe(false);
    expect(ask(30, 0, false)).toMatchObject({ remaining: 900 });
  });

  it('refuses by itself while nothing can have come back, and asks about a cost that it knows nothing of', () => {
    const { holding, ask } = alone();
    ask(0, 990, false);
    spendLeased(holding, 0, 990);
    ask(0, 20, false);
    const refused = spendLeased(holding, 1, 20);
    expect(refused).toMatchObject({ admitted: false, remaining: 10 });
    expect(refused?.retryAfterMs).toBeGreaterThanOrEqual(refused?.resetMs ?? Number.NaN);
    expect(spendLeased(holding, 1, 30)).toBeNull();
    expect(spendLeased(holding, 1, 5)).toBeNull();
    expect(lookLeased(holding, 1, 20)).toMatchObject({ admitted: false });
    expect(spendLeased(holding, 70_000, 20)).toBeNull();
    expect(spendLeased(holding, 1, 1001)).toMatchObject({ admitted: false, retryAfterMs: expect.any(Number) });
  });

  it('asks under a new limit, whatever it is told meanwhile of the old one', () => {
    const { holding, ledger, ask } = alone();
    ask(0, 1000, false);
    spendLeased(holding, 0, 1000);
    const request = requestOf(holding, 1, { needed: 1, first: 1, renews: true });
    const refused = grant(ledger, rule, request, 1);
    expect(refused).toMatchObject({ granted: 0, remaining: 0 });
    changeRule(holding, { ...rule, limit: 2000 });
    takeGrant(holding, request, refused, 1, 2);
    expect(spendLeased(holding, 3, 1)).toBeNull();
    // Had the limit stayed, there would be nothing to ask.
    changeRule(holding, rule);
    takeGrant(holding, request, refused, 1, 2);
    expect(spendLeased(holding, 3, 1)).toMatchObject({ admitted: false });
  });

  it('renews in time when it spends fast', () => {
    const { holding, ask } = alone({ limit: 100_000, windowMs: 60_000 });
    ask(0, 1);
    let asked = 0;
    for (let now = 1; now < 20_000; now += 1) {
      if (isLow(holding, now)) {
        ask(now, 0);
        asked += 1;
      }
      expect(spendLeased(holding, now, 1)?.admitted).toBe(true);
    }
    expect(asked).toBeLessThan(50);
  });
});

/** Random numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
