// Verifiers over HTTP: who follows the feed, and the last receipt that this node gave.

import { isReason } from '@keyward/rules/reason';
import { LatestReceipt, ReportTaken, type Verifier, VerifierList, VerifierReport } from '@keyward/sdk/wire';
import type { VerifierReport as Report } from '../../core/checking/calls/verifier-report.ts';
import type { Core } from '../../core/core.ts';
import { invalid } from '../../core/errors.ts';
import type { ListedVerifier } from '../../core/feed/feed.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { wholeList } from './paging.ts';
import { fromTime, toTime, toTimeOrNull } from './time.ts';

/** Bytes: those of 200 calls and 100 observations with all that each may say, and of 5000 uses. */
const reportLimit = 2 * 1024 * 1024;

export function mountVerifiers(scope: Scope, core: Core): void {
  const list = { querystring: NoQuery, response: { 200: VerifierList } };
  scope.get('/v1/verifiers', { schema: list }, async (request) =>
    wholeList(await core.listVerifiers(callerOf(request)), toWire),
  );

  const report = { body: VerifierReport, querystring: NoQuery, response: { 200: ReportTaken } };
  scope.post('/v1/verifier-reports', { schema: report, bodyLimit: reportLimit }, async (request) => ({
    taken: await core.takeReport(callerOf(request), reportIn(request.body)),
  }));

  const latest = { querystring: NoQuery, response: { 200: LatestReceipt } };
  scope.get('/v1/receipts/latest', { schema: latest }, async (request) => {
    const receipt = core.latestReceipt(callerOf(request));
    return { receipt: receipt === null ? null : { ...receipt, at: toTime(receipt.at) } };
  });
}

function toWire(state: ListedVerifier): Verifier {
  return {
    name: state.name,
    address: state.address,
    connectedAt: toTime(state.connectedAt),
    disconnectedAt: toTimeOrNull(state.disconnectedAt),
    cursor: state.cursor,
    lagMs: state.lagMs,
    acknowledgedAt: toTimeOrNull(state.acknowledgedAt),
    node: state.node,
    findings: state.findings.map(({ at, ...one }) => ({ ...one, at: toTime(at) })),
  };
}

function reportIn(report: VerifierReport): Report {
  const { verifier, sentAt, calls = [], findings = [], uses = [], observed = [] } = report;
  return {
    verifier,
    sentAt: fromTime('sentAt', sentAt),
    findings,
    uses: uses.map(({ credential, permissions = [], apis = [], addresses = [] }) => ({
      source: credential,
      permissions,
      apis,
      addresses,
    })),
    observed: observed.map(({ credential, until, reason, last, ...of }, index) => {
      const { at, route, refusal, ...call } = last;
      return {
        ...of,
        source: credential,
        until: fromTime(`observed.${index}.until`, until),
        reason: reasonIn(reason, index),
        last: {
          ...call,
          at: fromTime(`observed.${index}.last.at`, at),
          ...(route !== undefined && { rule: route }),
          refusalId: refusal,
        },
      };
    }),
    calls: calls.map(({ at, credential, route, refusal = null, skipped = 0, verdict, ...call }, index) => ({
      ...call,
      at: fromTime(`calls.${index}.at`, at),
      source: credential,
      ...(route !== undefined && { rule: route }),
      verdict: verdictIn(verdict, index),
      refusalId: refusal,
      skipped,
    })),
  };
}

function reasonIn(text: string, index: number): Report['observed'][number]['reason'] {
  if (isReason(text)) return text;
  throw invalid(['body', 'observed', index, 'reason'], 'Use a reason such as missing_permission.');
}

function verdictIn(text: string, index: number): Report['calls'][number]['verdict'] {
  if (text === 'allowed' || isReason(text)) return text;
  throw invalid(['body', 'calls', index, 'verdict'], 'Use allowed, or a reason such as missing_permission.');
}
