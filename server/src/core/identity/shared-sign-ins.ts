// Guessing at people's passwords over several nodes: what one node lets through, all of them together let through no more often.
// Each attempt takes a unit of the ledgers that all share, as a call does of a limit, and gives it back unless it fails.

import { createHash, randomUUID } from 'node:crypto';
import type { LeaseGrant, LeaseRequest } from '@keyward/rules/ledger';
import type { LimitRule } from '@keyward/rules/limit';
import { placeOf, type SignInLimiter, signInRules, tooManyWrong } from './sign-in-limiter.ts';

/** Where failures are counted for all nodes. Rejects with KeywardError `unavailable`: then nobody signs in. */
export interface SharedFailures {
  /** If one has not as much left as `atLeast`, none grants anything. */
  grantAll(questions: readonly { key: string; rule: LimitRule; request: LeaseRequest }[]): Promise<LeaseGrant[]>;
}

export interface SharedSignInsOptions {
  /** This node's own: it remembers who signed in here, and spares the others a flood. */
  local: SignInLimiter;
  failures: SharedFailures;
  /** A name that no other node has, or had. */
  node: string;
  perMinute: number;
  /** Other failures than those of passwords are counted by themselves. */
  kind: string;
}

/** A unit of each, taken under this name. */
interface Taken {
  questions: readonly { key: string; rule: LimitRule }[];
  lease: string;
}

const minute = 60_000;

export function sharedSignIns({ local, failures, node, perMinute, kind }: SharedSignInsOptions): SignInLimiter {
  const rules = signInRules(perMinute);
  /** Who signed in here before: others' failures do not keep them out (S25). */
  const known = new Set<string>();
  // Names and addresses stand in no table.
  const about = (what: keyof typeof rules, text: string) => ({
    key: `sign-in ${kind} ${what} ${createHash('sha256').update(text, 'utf8').digest('base64url')}`,
    rule: rules[what],
  });
  const pairOf = (name: string, address: string) => `${name.length}:${name}${address}`;

  async function take(wanted: readonly { key: string; rule: LimitRule; cost: number }[]): Promise<Taken | number> {
    const lease = `${node}/${randomUUID()}`;
    const grants = await failures.grantAll(
      wanted.map(({ key, rule, cost }) => ({
        key,
        rule,
        request: { holder: node, lease, needed: 1, atLeast: cost, wanted: 0, settled: [] },
      })),
    );
    if (grants.every(({ granted }) => granted > 0)) return { questions: wanted, lease };
    return Math.max(...grants.map(({ granted, retryAfterMs }) => (granted > 0 ? 0 : retryAfterMs)));
  }

  /** What is not given back counts as a failure, as it does if this node dies meanwhile. */
  function settle({ questions, lease }: Taken, hasFailed: boolean): void {
    const settled = [{ lease, spent: hasFailed ? ([[0, 1]] as const) : [] }];
    const request = { holder: node, lease: `${node}/${randomUUID()}`, needed: 0, atLeast: 0, wanted: 0, settled };
    failures.grantAll(questions.map(({ key, rule }) => ({ key, rule, request }))).catch(() => {});
  }

  /** Throws `too_many_requests` unless all nodes together have room for another failure. */
  async function enter(name: string | null, address: string): Promise<Taken> {
    const place = { ...about('address', address), cost: 1 };
    if (name === null) return orThrow(await take([place]), minute);
    const pair = { ...about('pair', pairOf(name, address)), cost: 1 };
    if (known.has(pairOf(name, address))) return orThrow(await take([place, pair]), minute);
    const taken = await take([place, pair, { ...about('name', name), cost: 1 }]);
    if (typeof taken !== 'number') return taken;
    // Too often everywhere, perhaps: that leaves each address its first guess in a minute.
    return orThrow(await take([place, { ...pair, cost: pair.rule.limit }]), minute);
  }

  return {
    attempt: (name, from, run, failed) =>
      local.attempt(
        name,
        from,
        async () => {
          const address = placeOf(from);
          const taken = await enter(name, address);
          let hasFailed = false;
          try {
            const outcome = await run();
            hasFailed = failed(outcome);
            if (!hasFailed && name !== null) remember(pairOf(name, address));
            return outcome;
          } finally {
            settle(taken, hasFailed);
          }
        },
        failed,
      ),
    attemptCode: (name, from, run) =>
      local.attemptCode(name, from, async () => {
        if (known.has(pairOf(name, placeOf(from)))) return run();
        const taken = orThrow(await take([{ ...about('code', name), cost: 1 }]), rules.code.windowMs);
        let isRight = true;
        try {
          isRight = await run();
          return isRight;
        } finally {
          settle(taken, !isRight);
        }
      }),
  };

  function remember(pair: string): void {
    if (known.size >= mostKnown) known.clear();
    known.add(pair);
  }
}

const mostKnown = 100_000;

function orThrow(taken: Taken | number, longestMs: number): Taken {
  if (typeof taken === 'number') throw tooManyWrong(Math.min(taken, longestMs));
  return taken;
}
