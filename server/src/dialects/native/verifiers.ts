// Verifiers over HTTP: who follows the feed, and the last receipt that this node gave.

import { LatestReceipt, type Verifier, VerifierList } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import type { ConnectedVerifier } from '../../core/feed/subscribers.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { wholeList } from './paging.ts';
import { toTime, toTimeOrNull } from './time.ts';

export function mountVerifiers(scope: Scope, core: Core): void {
  const list = { querystring: NoQuery, response: { 200: VerifierList } };
  scope.get('/v1/verifiers', { schema: list }, async (request) =>
    wholeList(await core.listVerifiers(callerOf(request)), toWire),
  );

  const latest = { querystring: NoQuery, response: { 200: LatestReceipt } };
  scope.get('/v1/receipts/latest', { schema: latest }, async (request) => {
    const receipt = core.latestReceipt(callerOf(request));
    return { receipt: receipt === null ? null : { ...receipt, at: toTime(receipt.at) } };
  });
}

function toWire(state: ConnectedVerifier): Verifier {
  return {
    name: state.name,
    address: state.address,
    connectedAt: toTime(state.connectedAt),
    disconnectedAt: toTimeOrNull(state.disconnectedAt),
    cursor: state.cursor,
    lagMs: state.lagMs,
    acknowledgedAt: toTimeOrNull(state.acknowledgedAt),
    node: state.node,
  };
}
