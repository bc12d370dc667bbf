// Tells Keyward, every few seconds, of some of the calls that were checked here and of what went wrong, so that both are seen
// where all others are; of all that credentials were used for; and of all that something observed would have refused. It never
// holds up a check, and single calls that cannot be told are dropped.

import type { FindingKind, ReportedCall, VerifierReport } from '../../wire/verifier-reports.ts';
import type { ObservedEntry } from '../cache/credential-entry.ts';
import type { Allowed, Principal, Refused, Requirement, Verdict } from '../verdict.ts';
import { saidOf } from './said.ts';
import { createUses, type User } from './uses.ts';
import { createWouldBe, toReported } from './would-be.ts';

export interface Report {
  /** Remembers the call, or not; a refusal that has no id yet gets one. Gives the verdict back. */
  note<V extends Verdict>(verdict: V, requirement: Requirement): V;
  found(kind: FindingKind): void;
  /** A call that is let in by what is known here of `user`. */
  used(user: User, requirement: Requirement): void;
  /** A call that is let in, and that `bound` would have refused; `note` is told of it after that. */
  wouldRefuse(principal: Principal, bound: ObservedEntry, reason: string, call: Requirement): void;
  /** Tells what is left. It never rejects. */
  close(): Promise<void>;
}

export interface ReportOptions {
  /** The verifier's name. */
  name: string;
  /** Twelve hexadecimal digits that no other verifier has. */
  id: string;
  send(report: VerifierReport): Promise<void>;
  /** Milliseconds since the epoch. */
  clock: () => number;
  /** The same, of the day on which something is used. */
  today: () => number;
  /** Where calls go that name no API. */
  api: string;
  /** False: nothing is told, and refusals have their ids all the same. */
  isTold: boolean;
}

const everyMs = 5000;
/** Calls in a report, and of each kind those at its beginning that are all in it; after these ever fewer are. */
const mostCalls = 200;
const mostAtFirst = 40;
/** After Keyward did not take one: an older server has no place for them. */
const refusedPauseMs = 10 * 60_000;

export function createReport({ name, id, send, clock, today, api, isTold }: ReportOptions): Report {
  let calls: ReportedCall[] = [];
  const findings = new Map<FindingKind, number>();
  const uses = createUses(api, today);
  const wouldBe = createWouldBe(clock);
  let refusals = 0;
  let [allowed, refused] = [newPace(), newPace()];
  let silentUntil = 0;
  let isToldOf = false;
  const timer = isTold ? setInterval(tell, everyMs) : undefined;
  timer?.unref?.();

  async function tell(): Promise<void> {
    if (!isTold) return;
    [allowed, refused] = [newPace(), newPace()];
    const single = { calls, findings: [...findings].map(([kind, count]) => ({ kind, count })) };
    calls = [];
    findings.clear();
    if (clock() < silentUntil) return;
    const [used, would] = [uses.take(), wouldBe.take()];
    if (single.calls.length + single.findings.length + used.length + would.length === 0) return;
    const observed = would.map(toReported);
    const report: VerifierReport = { verifier: name, sentAt: new Date(clock()).toISOString(), ...single };
    try {
      await send({ ...report, ...(used.length > 0 && { uses: used }), ...(observed.length > 0 && { observed }) });
    } catch {
      silentUntil = clock() + refusedPauseMs;
      uses.forget();
      wouldBe.giveBack(would);
    }
  }

  function keep(verdict: Verdict, requirement: Requirement, pace: Pace): void {
    pace.next = pace.seen < mostAtFirst ? pace.seen + 1 : pace.seen * 2;
    if (!isTold || calls.length >= mostCalls) return;
    const { skipped } = pace;
    pace.skipped = 0;
    calls.push(callOf(verdict, requirement, new Date(clock()).toISOString(), skipped));
  }

  function noteRefusal(verdict: Refused, requirement: Requirement): void {
    // Keyward itself has refused it, and knows.
    if (verdict.refusal !== undefined) return;
    refusals += 1;
    verdict.refusal = `v${id}-${refusals}`;
    refused.seen += 1;
    if (refused.seen < refused.next) refused.skipped += 1;
    else keep(verdict, requirement, refused);
  }

  function noteAllowed(verdict: Allowed, requirement: Requirement): void {
    // It is told with what would have refused it.
    const isTwice = isToldOf;
    isToldOf = false;
    allowed.seen += 1;
    if (allowed.seen < allowed.next) allowed.skipped += 1;
    else if (!isTwice) keep(verdict, requirement, allowed);
  }

  return {
    note(verdict, requirement) {
      if (verdict.allowed) noteAllowed(verdict, requirement);
      else noteRefusal(verdict, requirement);
      return verdict;
    },
    found(kind) {
      findings.set(kind, (findings.get(kind) ?? 0) + 1);
    },
    used: isTold ? uses.saw : () => {},
    wouldRefuse(principal, bound, reason, call) {
      if (!isTold) return;
      refusals += 1;
      isToldOf = true;
      wouldBe.saw(principal, bound, reason, call, `v${id}-${refusals}`);
    },
    close() {
      clearInterval(timer);
      return tell();
    },
  };
}

interface Pace {
  seen: number;
  /** Which is kept next. */
  next: number;
  skipped: number;
}

function newPace(): Pace {
  return { seen: 0, next: 1, skipped: 0 };
}

function callOf(verdict: Verdict, requirement: Requirement, at: string, skipped: number): ReportedCall {
  const { principal } = verdict;
  return {
    at,
    credential: principal === null ? null : { type: principal.type, id: principal.id },
    verdict: verdict.allowed ? 'allowed' : verdict.reason,
    ...saidOf(requirement),
    ...(!verdict.allowed && verdict.refusal !== undefined && { refusal: verdict.refusal }),
    ...(!verdict.allowed &&
      verdict.reason === 'rate_limited' &&
      verdict.limit !== null && { limit: limitOf(verdict.limit) }),
    ...(skipped > 0 && { skipped }),
  };
}

function limitOf({ plan, name = plan, limit, windowMs, retryAfterMs }: NonNullable<Refused['limit']>) {
  return { plan, name, limit, windowMs, retryAfterMs };
}
