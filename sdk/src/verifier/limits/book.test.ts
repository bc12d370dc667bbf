// A book beside others of the same budget, and beside calls that Keyward counts itself: whatever is lost on the way, whichever
// node answers and however late, all together never spend more than the limit in any window.

import { createLedger, grant, spendBeside } from '@keyward/rules/ledger';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Lease, WantedLease } from '../../wire/leases.ts';
import { type Book, endIfOver, fail, newBook, restart, spend, take, wantedOf } from './book.ts';

const rule = { limit: 400, windowMs: 10_000 };
const nothing = { organization: 'acme', plan: 'free', ...rule, whenUnavailable: 'local' } as const;

interface Question {
  lease: WantedLease;
  epoch: number;
  sentAt: number;
  /** Null until Keyward has heard it. */
  answer: Lease | null;
}

/** Three verifiers, two nodes that share a ledger and know each only the leases that they lent themselves. */
function world() {
  const ledger = createLedger(rule);
  const nodes = [0, 1].map(() => new Map<number, { name: string; amount: number }>());
  const books: Book[] = [0, 1, 2].map(() => newBook('acme', undefined));
  const questions = new Map<number, Question>();
  const admitted: { at: number; cost: number }[] = [];
  let [now, named, leased] = [0, 0, 0];

  return {
    admitted,
    leased: () => leased,
    advance(ms: number) {
      now += ms;
    },
    spend(who: number, cost: number, times: number) {
      for (let n = 0; n < times; n += 1) {
        const state = spend(books[who] as Book, cost, now);
        if (state === 'ask' && !spendBeside(ledger, now, cost, true).admitted) continue;
        if (state !== 'ask') leased += 1;
        admitted.push({ at: now, cost });
      }
    },
    ask(who: number) {
      if (questions.has(who)) return;
      const book = books[who] as Book;
      endIfOver(book, now);
      questions.set(who, { lease: wantedOf(book, now), epoch: book.epoch, sentAt: now, answer: null });
    },
    /** As lease.ts of the server does it. */
    hear(who: number, node: number) {
      const question = questions.get(who);
      if (question === undefined || question.answer !== null) return;
      const { wanted, returned = 0, kept = 0 } = question.lease;
      const lent = nodes[node] as (typeof nodes)[0];
      const before = lent.get(who);
      lent.delete(who);
      const keeps = Math.min(kept, Math.max(0, (before?.amount ?? 0) - returned));
      const spent = (before?.amount ?? 0) - Math.min(before?.amount ?? 0, returned + keeps);
      const settled = before === undefined ? [] : [{ lease: before.name, spent: [[0, spent] as const] }];
      named += 1;
      const [holder, lease] = [`h${who}`, `h${who}/${named}`];
      const given = grant(ledger, rule, { holder, lease, needed: 0, atLeast: 0, wanted, settled, kept: keeps }, now);
      if (given.granted + keeps > 0) lent.set(who, { name: lease, amount: given.granted + keeps });
      const { granted, forMs: expiresInMs, retryAfterMs } = given;
      question.answer = { ...nothing, granted, expiresInMs, retryAfterMs };
    },
    /** Without an answer, or with one that is lost, the request has failed. */
    end(who: number, isLost: boolean) {
      const question = questions.get(who);
      if (question === undefined) return;
      questions.delete(who);
      const { answer, lease, epoch, sentAt } = question;
      if (answer === null || isLost) fail(books[who] as Book, now);
      else if (lease.wanted > 0) take(books[who] as Book, answer, epoch, sentAt, now);
    },
    restart: (who: number) => restart(books[who] as Book),
  };
}

type World = ReturnType<typeof world>;
type Step = (world: World) => void;

const who = fc.nat({ max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(who, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 40 })).map(
      ([one, cost, times]): Step =>
        (at) =>
          at.spend(one, cost, times),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 600 }), fc.nat({ max: 6000 })).map(
      (ms): Step =>
        (at) =>
          at.advance(ms),
    ),
  },
  {
    weight: 5,
    arbitrary: who.map(
      (one): Step =>
        (at) =>
          at.ask(one),
    ),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(who, fc.nat({ max: 1 })).map(
      ([one, node]): Step =>
        (at) =>
          at.hear(one, node),
    ),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(who, fc.nat({ max: 4 })).map(
      ([one, luck]): Step =>
        (at) =>
          at.end(one, luck === 0),
    ),
  },
  // The whole way at once, as it mostly goes.
  {
    weight: 5,
    arbitrary: fc.tuple(who, fc.nat({ max: 1 })).map(
      ([one, node]): Step =>
        (at) => {
          at.ask(one);
          at.hear(one, node);
          at.end(one, false);
        },
    ),
  },
  {
    weight: 1,
    arbitrary: who.map(
      (one): Step =>
        (at) =>
          at.restart(one),
    ),
  },
);

test('never spends, with all others, more than the limit in any window [S93]', () => {
  let leased = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 250, size: 'max' }), (steps) => {
      const at = world();
      for (const one of steps) one(at);
      leased += at.leased();
      const { admitted } = at;
      let [from, sum] = [0, 0];
      for (const { at: time, cost } of admitted) {
        sum += cost;
        for (
          let first = admitted[from];
          first !== undefined && first.at <= time - rule.windowMs;
          first = admitted[from]
        ) {
          sum -= first.cost;
          from += 1;
        }
        expect(sum).toBeLessThanOrEqual(rule.limit);
      }
    }),
    { numRuns: 400 },
  );
  expect(leased).toBeGreaterThan(1000);
});
