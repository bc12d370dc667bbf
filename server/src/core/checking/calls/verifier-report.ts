// What verifiers elsewhere tell of calls that they have checked: remembered beside those of this node, as far as the verifier may know
// of the credentials, and what they found wrong with themselves; what credentials were used for, and would have been refused.

import { parseAddressRange } from '@keyward/rules/address';
import { isPermission } from '@keyward/rules/permission';
import { type Caller, demand } from '../../caller/caller.ts';
import type { CachedCredentialLookup } from '../../caller/ports.ts';
import { principalOf } from '../../caller/principal.ts';
import type { CredentialRecord } from '../../caller/records.ts';
import type { AccessTokenSource } from '../../caller/source.ts';
import type { ApiCache } from '../../catalogue/api-cache.ts';
import type { Clocked } from '../../clock.ts';
import { KeywardError } from '../../errors.ts';
import type { ReachRecorder, UsedReach } from '../advice/recorder.ts';
import { lackingOf } from '../lacking.ts';
import type { ObservationRecorder } from '../observed/recorder.ts';
import { observedShadow, type ReportedRefusals, tellReported } from '../observed/reported.ts';
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

interface ReportedUse extends UsedReach {
  source: AccessTokenSource;
}

interface ReportedObservation extends ReportedRefusals {
  source: AccessTokenSource;
  last: ReportedRefusals['last'] & Pick<ReportedCall, 'at' | 'method' | 'api' | 'match'>;
}

export interface VerifierReport {
  /** The verifier's name. */
  verifier: string;
  /** By its clock. */
  sentAt: number;
  calls: readonly ReportedCall[];
  findings: readonly { kind: FindingKind; count: number }[];
  uses: readonly ReportedUse[];
  observed: readonly ReportedObservation[];
}

type ReportPorts = Clocked & {
  calls: RecentCalls;
  credentials: Pick<CachedCredentialLookup, 'bySource'>;
  findings: VerifierFindings;
  observations: ObservationRecorder;
  reaches: ReachRecorder;
  apis: Pick<ApiCache, 'has'>;
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
  const theirs = async (source: AccessTokenSource) => {
    const record = await ports.credentials.bySource(source);
    return organization.isOperator || record?.organization.id === organization.id ? record : null;
  };
  for (const { source, ...used } of report.uses) {
    const record = await theirs(source);
    if (record !== null) takeUse(ports, record, used, now);
  }
  for (const { source, ...refusals } of report.observed) {
    const record = await theirs(source);
    if (record !== null) takeObserved(ports, record, refusals, report, now);
  }
  return taken;
}

/** What is nothing that there is, is nothing that a token could be left with. */
function takeUse(ports: ReportPorts, record: CredentialRecord, used: UsedReach, now: number): void {
  const permissions = used.permissions.filter(isPermission);
  const apis = used.apis.filter((api) => ports.apis.has(api));
  const addresses = used.addresses.filter((one) => one === 'unknown' || parseAddressRange(one) !== null);
  ports.reaches.used(record.source, record.organization.id, { permissions, apis, addresses }, now);
}

function takeObserved(
  ports: ReportPorts,
  record: CredentialRecord,
  refusals: Omit<ReportedObservation, 'source'>,
  report: VerifierReport,
  now: number,
): void {
  const would = observedShadow(record, refusals);
  if (would === null) return;
  tellReported(ports.observations, record, refusals);
  const { last, until: observedUntil } = refusals;
  const call = { ...last, source: record.source, verdict: 'allowed', skipped: 0 } as const;
  const grounds = groundsOf({ ...would, credential: null, call: last, keep, now });
  ports.calls.keep({ ...keptOf(call, record, report, now), refusalId: last.refusalId, grounds, observedUntil });
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
    observedUntil: null,
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
