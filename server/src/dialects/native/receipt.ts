// Endings over HTTP: deactivating and deleting can answer whom they have reached, instead of nothing, and can end what
// the subject made too.

import { EndingQuery, Receipt, ReceiptQuery } from '@keyward/sdk/wire';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../../core/caller/caller.ts';
import type { Core } from '../../core/core.ts';
import type { Ending } from '../../core/credentials/lineage.ts';
import type { Descendant } from '../../core/credentials/records.ts';
import { receiptWaitIn } from '../../core/feed/receipt-wait.ts';
import { ById, NoBody, Nothing } from './action.ts';
import { callerOf, type Scope } from './caller.ts';

/** The parts of a schema that an act which ends access has. */
export const endsAccess = { querystring: EndingQuery, response: { 200: Receipt, 204: Nothing } };

/**
 * As `mountAct`, for an act on a `subject` that ends access: with `?receipt=` it answers 200 and a receipt, with
 * `?descendants=true` it ends what the subject made too.
 */
export function mountEnding(
  scope: Scope,
  core: Core,
  method: 'POST' | 'DELETE',
  url: string,
  subject: Descendant['type'],
  act: (caller: Caller, id: string) => Promise<unknown>,
): void {
  const schema = { ...endsAccess, params: ById, body: NoBody };
  const how = method === 'DELETE' ? 'delete' : 'deactivate';
  scope.route({
    method,
    url,
    schema,
    handler: async (request, reply) => {
      const caller = callerOf(request);
      const { id } = request.params;
      return end(core, caller, { type: subject, id }, how, request.query, reply, () => act(caller, id));
    },
  });
}

/** As `mountEnding`, for what ends with all that is in it: an organization, an application, what was allowed one, a federated credential. */
export function mountEndingAlone(
  scope: Scope,
  core: Core,
  method: 'POST' | 'DELETE',
  url: string,
  subject: 'organization' | 'application' | 'authorization' | 'federated_credential',
  act: (caller: Caller, id: string) => Promise<unknown>,
): void {
  const schema = { ...endsAccess, querystring: ReceiptQuery, params: ById, body: NoBody };
  scope.route({
    method,
    url,
    schema,
    handler: async (request, reply) => {
      const caller = callerOf(request);
      const { id } = request.params;
      const waitMs = receiptWaitIn(request.query.receipt);
      await act(caller, id);
      return answerEnding(core, caller, { type: subject, id }, waitMs, reply);
    },
  });
}

/** Does the act, to what the subject made too if that is wanted, waits for the receipt if one is wanted, and answers. */
export async function end(
  core: Core,
  caller: Caller,
  subject: Pick<Descendant, 'type' | 'id'>,
  how: Ending,
  { receipt, descendants }: EndingQuery,
  reply: FastifyReply,
  act: () => Promise<unknown>,
  options: { cutOff?: boolean } = {},
): Promise<FastifyReply> {
  const waitMs = receiptWaitIn(receipt);
  if (descendants === 'true') await core.endWithDescendants(caller, subject, how, options);
  else await act();
  return answerEnding(core, caller, subject, waitMs, reply);
}

async function answerEnding(
  core: Core,
  caller: Caller,
  subject: { type: string; id: string },
  waitMs: number | null,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (waitMs === null) return reply.code(204).send(null);
  return reply.code(200).send(await core.receiptFor(caller, subject, AbortSignal.timeout(waitMs)));
}
