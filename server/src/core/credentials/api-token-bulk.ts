// One act upon many API tokens. Each is checked, done and journalled as if it came alone; those that wait together share a
// commit.

import { type Caller, demand, managesOwn } from '../caller/caller.ts';
import { invalid, KeywardError } from '../errors.ts';
import { activateApiToken, deactivateApiToken, deleteApiToken, restoreApiToken } from './api-token-lifecycle.ts';
import { endWithDescendants } from './lineage.ts';

export type BulkAction = 'activate' | 'deactivate' | 'delete' | 'restore';

export interface BulkOutcome {
  /** Each once, in the order asked. */
  done: string[];
  /** With what the refusal says. */
  failed: { id: string; detail: string }[];
}

const most = 200;

/**
 * With `descendants` what the tokens made ends with them. Needs what the act on one token needs: without any right to it at all it is refused whole, otherwise token by token.
 * Rejects with `unavailable` only if nothing could be done.
 */
export async function changeApiTokens(
  ports: Parameters<typeof endWithDescendants>[0],
  caller: Caller,
  ids: readonly string[],
  action: BulkAction,
  { descendants = false }: { descendants?: boolean } = {},
): Promise<BulkOutcome> {
  if (ids.length === 0 || ids.length > most) throw invalid('ids', `Name 1 to ${most} tokens.`);
  if (!managesOwn(caller)) demand(caller, needs[action]);
  const once = [...new Set(ids)];
  const act = descendants ? withDescendants(action) : acts[action];
  const settled = await Promise.allSettled(once.map((id) => act(ports, caller, id)));
  const outcome: BulkOutcome = { done: [], failed: [] };
  for (const [index, result] of settled.entries()) {
    const id = once[index] ?? '';
    if (result.status === 'fulfilled') outcome.done.push(id);
    else if (result.reason instanceof KeywardError) outcome.failed.push({ id, detail: result.reason.message });
    else throw result.reason;
  }
  const [first] = settled;
  if (outcome.done.length === 0 && first?.status === 'rejected' && first.reason.code === 'unavailable') {
    throw first.reason;
  }
  return outcome;
}

const needs: Record<BulkAction, string> = {
  activate: 'update:organization_api_key',
  deactivate: 'update:organization_api_key',
  delete: 'delete:organization_api_key',
  restore: 'delete:organization_api_key',
};

type Act = (ports: Parameters<typeof endWithDescendants>[0], caller: Caller, id: string) => Promise<unknown>;

function withDescendants(action: BulkAction): Act {
  if (action === 'activate' || action === 'restore') {
    throw invalid('descendants', 'Leave it out: only deactivating and deleting reach what a token made.');
  }
  return (ports, caller, id) => endWithDescendants(ports, caller, { type: 'api_token', id }, action);
}

const acts: Record<BulkAction, Act> = {
  activate: (ports, caller, id) => activateApiToken(ports, caller, { id }),
  deactivate: (ports, caller, id) => deactivateApiToken(ports, caller, { id }),
  delete: (ports, caller, id) => deleteApiToken(ports, caller, { id }),
  restore: restoreApiToken,
};
