// What verifiers elsewhere tell of calls that they have checked: remembered beside those of this node, as far as the verifier may know
// of the credentials, and what they found wrong with themselves.

import { type Caller, demand } from '../../caller/caller.ts';
import type { CachedCredentialLookup } from '../../caller/ports.ts';
import { principalOf } from '../../caller/principal.ts';
import type { CredentialRecord } from '../../caller/records.ts';
import type { Clocked } from '../../clock.ts';
import { KeywardError } from '../../errors.ts';
import { lackingOf } from '../verify.ts';
import { groundsOf } from './grounds.ts';
import type { KeptCall } from './kept-call.ts';
import { ownSecrets, textKeeper } from './kept-texts.ts';
import type { RecentCalls } from './recent-calls.ts';
import type { SeenVerdict } from './recorder.ts';
import type { FindingKind, VerifierFindings } from './verifier-findings.ts';

export interface ReportedCall extends Pick<KeptCall, 'at' | 'source' | 'verdict' | 'refusalId' | 'skipped'> {
  rule?: string;
  method?: string;
  api?: string;
  permissions?: readonly string[];
  match?: 'all' | 'any';
  address?: string;
  /** With `rate_limited`. */
  limit?: { plan: string; name: string; limit: number; windowMs: number; retryAfterMs: number };
}

export interface VerifierReport {
  /** The verifier's name. */
  verifier: string;
  /** By its clock. */
  sentAt: number;
  calls: readonly ReportedCall[];
  findings: readonly { kind: FindingKind; count: number }[];
}

type ReportPorts = Clocked & {
  calls: RecentCalls;
  credentials: Pick<CachedCredentialLookup, 'bySource'>;
  findings: VerifierFindings;
};

const keep = textKeeper(ownSecrets);

/** Farther apart no clocks may be that agree. */
const skewMs = 5000;
/** Older calls are as old as this. */
const oldestMs = 10 * 60_000;

/**
 * Needs `follow:feed`. How many of the calls were taken: from the operator's organization all of them, from any other those of
 * its own credentials. Throws `too_many_requests` for one that reports all the time.
 */
export async function takeReport(ports: ReportPorts, caller: Caller, report: VerifierReport): Promise<number> {
  demand(caller, 'follow:feed');
  const now = ports.clock();
  const { organization } = caller;
  if (!ports.findings.mayReport(caller.id, now)) {
    const text = 'This verifier reports too often. One report in five seconds is enough.';
    throw new KeywardError('too_many_requests', text, { retryAfterMs: 10_000 });
  }
  const skewed = Math.abs(now - report.sentAt) > skewMs ? [{ kind: 'clock_skew', count: 1 } as const] : [];
  ports.findings.note(organization.id, report.verifier, [...report.findings, ...skewed], now);
  let taken = 0;
  for (const call of report.calls) {
    const record = call.source === null ? null : await ports.credentials.bySource(call.source);
    const isTheirs = organization.isOperator || record?.organization.id === organization.id;
    if (!isTheirs) continue;
    ports.calls.keep(keptOf(call, record, report, now));
    taken += 1;
  }
  return taken;
}

function keptOf(call: ReportedCall, record: CredentialRecord | null, report: VerifierReport, now: number): KeptCall {
  const { rule = '', method = null, api = null, permissions = [], address = null, verdict, refusalId, skipped } = call;
  const age = Math.min(oldestMs, Math.max(0, report.sentAt - call.at));
  return {
    // By this clock: how long before the report it was is all that the other says.
    at: now - age,
    node: report.verifier,
    organizationId: record?.organization.id ?? null,
    source: record?.source ?? null,
    ownerId: record?.owner.id ?? null,
    rule,
    method,
    api,
    permissions,
    verdict,
    grounds: verdict === 'allowed' ? null : groundsIn(call, verdict, record, now),
    address,
    userAgent: null,
    refusalId: verdict === 'allowed' ? null : refusalId,
    skipped,
  };
}

function groundsIn(
  call: ReportedCall,
  reason: Exclude<KeptCall['verdict'], 'allowed'>,
  record: CredentialRecord | null,
  now: number,
): KeptCall['grounds'] {
  const { permissions = [], limit } = call;
  const known = record && { principal: principalOf(record), lacking: lackingOf(record, null, permissions) };
  const verdict: SeenVerdict =
    reason === 'rate_limited'
      ? { allowed: false, reason, ...(limit !== undefined && { budget: limit }) }
      : { allowed: false, reason, ...known };
  return groundsOf({ record, credential: null, call, keep, verdict, now });
}
