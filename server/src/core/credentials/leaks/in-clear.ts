// API tokens that came over plain HTTP, where whoever stands on the way has read them (S2). Each that is in force is told of in the
// journal, and ends by its organization's policy where the operator wishes so. Whether it came in clear is decided by whoever tells.

import type { Clock } from '../../clock.ts';
import { digestOf } from '../../secret.ts';
import { type LeakPorts, reportOne } from './report.ts';

/** `revoke`: as a report would. `flag`: it is told of only. `off`: it is not looked at. */
export const inClearPolicies = ['revoke', 'flag', 'off'] as const;
export type InClearPolicy = (typeof inClearPolicies)[number];

export interface InClear {
  policy: InClearPolicy;
  /** False once so many were ended in an hour: as if a proxy did not say that its clients come over HTTPS. */
  mayEnd(): boolean;
  /** By digest, those that this node has told of. */
  told: Map<string, number>;
  underWay: number;
}

const hourMs = 3_600_000;
const mostEndedPerHour = 20;
const mostTold = 10_000;
/** More at a time are passed over: their clients try again. */
const mostUnderWay = 16;

/** `now`: monotonic milliseconds. */
export function createInClear(policy: InClearPolicy, now: Clock): InClear {
  let began = Number.NEGATIVE_INFINITY;
  let ended = 0;
  return {
    policy,
    mayEnd() {
      if (now() - began >= hourMs) [began, ended] = [now(), 0];
      ended += 1;
      return ended <= mostEndedPerHour;
    },
    told: new Map(),
    underWay: 0,
  };
}

/** For the machine itself. Nobody is told what came of it; each token is told of once an hour. */
export async function sawInClear(ports: LeakPorts & { inClear: InClear }, text: string): Promise<void> {
  const { inClear, clock } = ports;
  const { policy, told, mayEnd } = inClear;
  const digest = digestOf(text);
  const isTold = (told.get(digest) ?? Number.NEGATIVE_INFINITY) + hourMs > clock();
  if (policy === 'off' || isTold || inClear.underWay >= mostUnderWay) return;
  inClear.underWay += 1;
  try {
    const reporter = { by: 'server', mayEnd: () => policy === 'revoke' && mayEnd() } as const;
    const { isKnown } = await reportOne(ports, reporter, text, { url: '', source: 'plain HTTP' });
    if (!isKnown) return;
    told.delete(digest);
    if (told.size >= mostTold) for (const oldest of told.keys()) if (told.delete(oldest)) break;
    told.set(digest, clock());
  } finally {
    inClear.underWay -= 1;
  }
}
