// The part of the plan's budget that this verifier may spend by itself. It spends what is leased and nothing else, so
// that all verifiers together never spend more than the plan; where nothing is to be leased, each call is Keyward's.
//
// A lease is replaced when it is used up or at its end, and what is left of it is given back with the same request:
// nothing of it is spent from then on, whether or not an answer comes. Calls that come in between wait for that answer.

import { createSingleFlight } from '@keyward/rules/single-flight';
import { KeywardError } from '../errors.ts';
import type { LeaseRequest, LeaseResponse } from '../wire/leases.ts';
import type { WhenUnavailable } from '../wire/plans.ts';
import type { LimitState } from './verdict.ts';

/** `lease`: wait for `lease()`, then spend again. `ask`: let Keyward decide this call, and count it. */
export type Spending = LimitState | null | 'lease' | 'ask';

export interface Limits {
  /** Counts the times that the plan may have become another. */
  readonly epoch: number;
  /**
   * Spends `cost`, a whole number from 0 on, and says what is left; refused if `retryAfterMs` is not 0. Null: nothing is
   * limited, or nothing was to be spent. `now` is monotonic, in milliseconds.
   */
  spend(cost: number, now: number): Spending;
  /** Leases anew; one request however many wait. Rejects with KeywardError `unavailable`, but where the plan lets calls in then. */
  lease(cost: number): Promise<void>;
  /**
   * Keyward has refused a call of this cost: until it can pass, such calls are refused without asking. Nothing is noted of
   * what was asked in an earlier `epoch`.
   */
  noteRefusal(limit: LimitState, cost: number, now: number, epoch: number): void;
  /** Keyward did not answer when it was asked about a call. */
  noteFailure(error: unknown): void;
  /** The plan may be another now. */
  restart(): void;
  /** What can be spent at this moment without asking. */
  leased(now: number): number;
  /** Gives back what is left. Never rejects. */
  close(): Promise<void>;
}

/** Clocks that run at slightly different speeds: a lease is used for a little shorter than it is. */
const drift = 0.999;
/** Wanted where nothing is known of the rate of calls yet. */
const firstWanted = 100;
const leastWanted = 10;
const mostWanted = 1_000_000;
/** How long Keyward is not asked for a lease after it did not answer. */
const pauseMs = 1000;
/** How long each call is Keyward's where it leases nothing to this verifier, for want of a permission or of leases. */
const refusedMs = 10_000;
/** How long it is believed that nothing is limited; a change of plan is heard of at once. */
const unlimitedMs = 60_000;

/** `ask` makes one request; `clock` is monotonic, in milliseconds. */
export function createLimits(
  verifier: string,
  ask: (request: LeaseRequest) => Promise<LeaseResponse>,
  clock: () => number,
): Limits {
  /** What is done while no lease can be had. A lease is given up before the next is asked for, so `deny` is as `local`. */
  let policy: WhenUnavailable = 'local';
  let mode: 'unknown' | 'unlimited' | 'leased' | 'ask' = 'unknown';
  let plan = '';
  let [limit, windowMs] = [0, 0];
  /** Of the lease: how much it was, what is left, and when it ends; without one, until when the mode lasts. */
  let [amount, left, until] = [0, 0, 0];
  let [askedAt, spent, lengthMs] = [0, 0, 0];
  let unspent = 0;
  let refusal = { limit: null as LimitState | null, cost: 0, until: 0 };
  let failure = { error: null as unknown, until: 0 };
  const requests = createSingleFlight<void>();
  let epoch = 0;
  let timer: NodeJS.Timeout | undefined;

  function stateOf(now: number, retryAfterMs: number, remaining: number): LimitState {
    return { plan, limit, windowMs, remaining, resetMs: Math.max(retryAfterMs, until - now), retryAfterMs };
  }

  /** Keyward has not answered just now, and the plan lets calls in all the same. */
  const isUncounted = (now: number) => policy === 'allow' && now < failure.until;

  /** Ends the lease: what was left of it may be given back. */
  function stop(): void {
    if (mode === 'leased') unspent = left;
    mode = 'unknown';
    [amount, left] = [0, 0];
    clearTimeout(timer);
  }

  async function request(wanted: number): Promise<void> {
    stop();
    const returned = unspent;
    // If this request is lost nobody knows whether it was heard: to give back twice would be to spend twice.
    unspent = 0;
    const [began, sentAt] = [epoch, clock()];
    try {
      const answer = await ask({ verifier, wanted, ...(returned > 0 && { returned }) });
      if (began !== epoch) unspent = answer.granted;
      else if (wanted > 0) take(answer, sentAt, clock());
    } catch (error) {
      if (!mayAskInstead(error)) {
        failure = { error, until: clock() + pauseMs };
        throw error;
      }
      mode = 'ask';
      until = clock() + refusedMs;
    }
  }

  function take(answer: LeaseResponse, sentAt: number, now: number): void {
    failure = { error: null, until: 0 };
    policy = answer.whenUnavailable ?? 'local';
    plan = answer.plan ?? '';
    ({ limit, windowMs } = answer);
    [askedAt, spent] = [sentAt, 0];
    if (answer.plan === null) {
      mode = 'unlimited';
      until = now + unlimitedMs;
    } else if (answer.granted > 0) {
      mode = 'leased';
      lengthMs = answer.expiresInMs * drift;
      [amount, left, until] = [answer.granted, answer.granted, sentAt + lengthMs];
      timer = setTimeout(finish, Math.max(0, until - now) + 1).unref();
    } else {
      // Spent, or too little to be divided. Only Keyward can tell, and will say when it is worth while to come again.
      mode = 'ask';
      until = now + Math.max(pauseMs, Math.min(answer.retryAfterMs, windowMs / 20));
    }
  }

  /** At the end of a lease: the next one if calls come in, else what is left goes back. */
  function finish(): void {
    if (mode !== 'leased' || requests.current('lease') !== undefined) return;
    if (clock() < until) timer = setTimeout(finish, 1).unref();
    else run(spent > 0 ? wantedNow(0) : 0).catch(() => {});
  }

  function run(wanted: number): Promise<void> {
    return requests.join('lease', () => request(wanted));
  }

  /** Half as much again as is spent in the length of a lease at the present rate. */
  function wantedNow(cost: number): number {
    const rate = spent / Math.max(1, clock() - askedAt);
    const guess = lengthMs === 0 ? firstWanted : Math.ceil(rate * lengthMs * 1.5);
    return Math.min(mostWanted, Math.max(leastWanted, guess, cost));
  }

  return {
    get epoch() {
      return epoch;
    },
    spend(cost, now) {
      if (cost === 0) return null;
      if (mode === 'leased' && now < until && cost <= left) {
        left -= cost;
        spent += cost;
        return stateOf(now, 0, left);
      }
      if (now < refusal.until && cost >= refusal.cost && refusal.limit !== null) {
        const waitMs = refusal.until - now;
        return { ...refusal.limit, resetMs: waitMs, retryAfterMs: waitMs };
      }
      if (isUncounted(now)) return { ...stateOf(now, 0, 0), unavailable: policy };
      if (now >= until || mode === 'unknown') return 'lease';
      if (mode === 'unlimited') return null;
      if (mode === 'ask' || cost > amount) return 'ask';
      return 'lease';
    },
    lease(cost) {
      if (requests.current('lease') === undefined && clock() < failure.until) return Promise.reject(failure.error);
      return run(wantedNow(cost)).catch((error: unknown) => {
        // What waited for it is let in when it looks again.
        if (!isUncounted(clock())) throw error;
      });
    },
    noteRefusal(state, cost, now, asked) {
      if (asked !== epoch) return;
      // Known already, and for less.
      if (now < refusal.until && refusal.cost < cost) return;
      refusal = { limit: { ...state }, cost, until: now + state.retryAfterMs };
    },
    noteFailure(error) {
      if (policy !== 'allow' || !(error instanceof KeywardError) || error.code !== 'unavailable') return;
      failure = { error, until: clock() + pauseMs };
    },
    restart() {
      epoch += 1;
      policy = 'local';
      stop();
      refusal.until = 0;
    },
    leased: (now) => (mode === 'leased' && now < until ? left : 0),
    async close() {
      await requests.current('lease')?.catch(() => {});
      stop();
      if (unspent > 0) await request(0).catch(() => {});
      failure = { error: new KeywardError('closed', 'It has been closed.'), until: Number.POSITIVE_INFINITY };
    },
  };
}

/** True if Keyward does answer, only not this. */
function mayAskInstead(error: unknown): boolean {
  return error instanceof KeywardError && (error.code === 'forbidden' || error.code === 'unexpected_answer');
}
