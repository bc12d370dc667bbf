// Tells Keyward, every few seconds, of some of the calls that were checked here and of what went wrong, so that both are seen
// where all others are. It never holds up a check, and what cannot be told is dropped.

import type { FindingKind, ReportedCall, VerifierReport } from '../../wire/verifier-reports.ts';
import type { Refused, Requirement, Verdict } from '../verdict.ts';

export interface Report {
  /** Remembers the call, or not; a refusal that has no id yet gets one. Gives the verdict back. */
  note<V extends Verdict>(verdict: V, requirement: Requirement): V;
  found(kind: FindingKind): void;
  /** Tells what is left, without being waited for. */
  close(): void;
}

export interface ReportOptions {
  /** The verifier's name. */
  name: string;
  /** Twelve hexadecimal digits that no other verifier has. */
  id: string;
  send(report: VerifierReport): Promise<void>;
  /** Milliseconds since the epoch. */
  clock: () => number;
  /** False: nothing is told, and refusals have their ids all the same. */
  isTold: boolean;
}

const everyMs = 5000;
/** Calls in a report, and of each kind those at its beginning that are all in it; after these ever fewer are. */
const mostCalls = 200;
const mostAtFirst = 40;
/** After Keyward did not take one: an older server has no place for them. */
const refusedPauseMs = 10 * 60_000;

export function createReport({ name, id, send, clock, isTold }: ReportOptions): Report {
  let calls: ReportedCall[] = [];
  const findings = new Map<FindingKind, number>();
  let refusals = 0;
  let [allowed, refused] = [newPace(), newPace()];
  let timer: NodeJS.Timeout | undefined;
  let silentUntil = 0;

  function schedule(): void {
    if (!isTold || timer !== undefined) return;
    timer = setTimeout(tell, everyMs);
    timer.unref?.();
  }

  function tell(): void {
    clearTimeout(timer);
    timer = undefined;
    const report = takeReport();
    if (report === null || clock() < silentUntil) return;
    send(report).catch(() => {
      silentUntil = clock() + refusedPauseMs;
    });
  }

  function takeReport(): VerifierReport | null {
    [allowed, refused] = [newPace(), newPace()];
    const taken = { calls, findings: [...findings].map(([kind, count]) => ({ kind, count })) };
    calls = [];
    findings.clear();
    if (taken.calls.length + taken.findings.length === 0) return null;
    return { verifier: name, sentAt: new Date(clock()).toISOString(), ...taken };
  }

  function keep(verdict: Verdict, requirement: Requirement, pace: Pace): void {
    pace.next = pace.seen < mostAtFirst ? pace.seen + 1 : pace.seen * 2;
    schedule();
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

  return {
    note(verdict, requirement) {
      if (!verdict.allowed) noteRefusal(verdict, requirement);
      else {
        allowed.seen += 1;
        if (allowed.seen < allowed.next) allowed.skipped += 1;
        else keep(verdict, requirement, allowed);
      }
      return verdict;
    },
    found(kind) {
      findings.set(kind, (findings.get(kind) ?? 0) + 1);
      schedule();
    },
    close: tell,
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

/** Longer texts would have the whole report refused. */
function callOf(verdict: Verdict, requirement: Requirement, at: string, skipped: number): ReportedCall {
  const { permissions, match, api, address, method, route } = requirement;
  const { principal } = verdict;
  return {
    at,
    credential: principal === null ? null : { type: principal.type, id: principal.id },
    verdict: verdict.allowed ? 'allowed' : verdict.reason,
    ...(permissions !== undefined && { permissions: permissions.slice(0, 20).map((one) => one.slice(0, 129)) }),
    ...(match !== undefined && { match }),
    ...(api !== undefined && { api }),
    ...(address !== undefined && address.length <= 64 && { address }),
    ...(method !== undefined && method.length <= 16 && { method }),
    ...(route !== undefined && { route: route.slice(0, 200) }),
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
