// Receipts over HTTP: deactivating and deleting can answer whom they have reached, instead of nothing.

import { Receipt, ReceiptQuery } from '@keyward/sdk/wire';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../../core/caller/caller.ts';
import type { Core } from '../../core/core.ts';
import { invalid } from '../../core/errors.ts';
import { ById, NoBody, Nothing } from './act.ts';
import { callerOf, type Scope } from './caller.ts';

/** The parts of a schema that an act with a receipt has. */
export const withReceipt = { querystring: ReceiptQuery, response: { 200: Receipt, 204: Nothing } };

/** As `mountAct`, for an act on a `subject` that ends access: with `?receipt=` it answers 200 and a receipt. */
export function mountEnding(
  scope: Scope,
  core: Core,
  method: 'POST' | 'DELETE',
  url: string,
  subject: string,
  act: (caller: Caller, id: string) => Promise<unknown>,
): void {
  const schema = { ...withReceipt, params: ById, body: NoBody };
  scope.route({
    method,
    url,
    schema,
    handler: async (request, reply) => {
      const caller = callerOf(request);
      const { id } = request.params;
      return end(core, caller, { type: subject, id }, request.query, reply, () => act(caller, id));
    },
  });
}

/** Does the act, waits for the receipt if one is wanted, and answers. */
export async function end(
  core: Core,
  caller: Caller,
  subject: { type: string; id: string },
  { receipt }: ReceiptQuery,
  reply: FastifyReply,
  act: () => Promise<unknown>,
): Promise<FastifyReply> {
  const waitMs = receipt === undefined ? null : waitIn(receipt);
  await act();
  if (waitMs === null) return reply.code(204).send(null);
  return reply.code(200).send(await core.receiptFor(caller, subject, AbortSignal.timeout(waitMs)));
}

function waitIn(text: string): number {
  const ms = /^\d{2,5}$/.test(text) ? Number(text) : 0;
  if (ms >= 50 && ms <= 10_000) return ms;
  throw invalid(['query', 'receipt'], 'Use a number of milliseconds from 50 to 10000.');
}
