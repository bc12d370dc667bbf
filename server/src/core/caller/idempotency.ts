// A request that carries an idempotency key makes one thing however often it is sent: its answer is kept, sealed, in the
// transaction that made the thing, and told again for a day (S118). What is made is for each operation to say.

import type { Clocked } from '../clock.ts';
import { KeywardError } from '../errors.ts';
import type { Sealer } from '../sealer.ts';
import { digestOf } from '../secret.ts';
import type { Caller } from './caller.ts';
import type { AnswerReads } from './ports.ts';

/** How long an answer is kept. */
export const keptMs = 24 * 3_600_000;

export interface KeyedRequest {
  key: string;
  /** All that two requests with the same key must have in common, as one text: method, path and body. */
  content: string;
}

export interface OneAnswer {
  /** Plain JSON. */
  answer: unknown;
  isRepeated: boolean;
}

/**
 * Does what `act` does, as the caller that it is given, unless that was done before for the same caller, organization and
 * request: then the answer from then. `answerOf` turns what `act` and its one change resolve to into the answer. Throws
 * `idempotency_key_reused` if the key came with another request, and as `act`, which then made nothing.
 */
export async function answerOnce(
  ports: { store: { answers: AnswerReads }; sealer: Pick<Sealer, 'seal' | 'open'> } & Clocked,
  caller: Caller,
  request: KeyedRequest,
  act: (caller: Caller) => Promise<unknown>,
  answerOf: (made: unknown) => unknown,
): Promise<OneAnswer> {
  const organizationId = caller.organization.id;
  // The key is the client's own text: what is kept of it is of one length, and nobody else's.
  const id = digestOf(JSON.stringify([organizationId, caller.type, caller.id, request.key]));
  const requestDigest = digestOf(request.content);
  const before = await recall(ports, id, requestDigest);
  if (before !== null) return before;
  const keepAnswer: Caller['keepAnswer'] = async (answers, made) => {
    const at = ports.clock();
    const sealed = ports.sealer.seal('kept-answer', JSON.stringify(answerOf(made)), id);
    const kept = { id, organizationId, requestDigest, sealed, expiresAt: at + keptMs };
    // Another request with this key came first; what this one has made is undone.
    if (!(await answers.insert(kept, at))) throw madeMeanwhile();
  };
  try {
    return { answer: answerOf(await act({ ...caller, keepAnswer })), isRepeated: false };
  } catch (error) {
    // Whatever failed, be it over a name that the same request has just taken: what was made is told.
    const meanwhile = await recall(ports, id, requestDigest);
    if (meanwhile === null) throw error;
    return meanwhile;
  }
}

async function recall(
  ports: Parameters<typeof answerOnce>[0],
  id: string,
  requestDigest: string,
): Promise<OneAnswer | null> {
  const kept = await ports.store.answers.find(id);
  if (kept === null || kept.expiresAt <= ports.clock()) return null;
  if (kept.requestDigest !== requestDigest) {
    throw new KeywardError(
      'idempotency_key_reused',
      'This Idempotency-Key came with another request within the last 24 hours. Use a new key for each thing that is to be made.',
    );
  }
  const text = ports.sealer.open('kept-answer', kept.sealed, id);
  if (text !== null) return { answer: JSON.parse(text), isRepeated: true };
  throw new KeywardError(
    'conflict',
    'This was done, and its answer was sealed under a key that this server lacks now.',
  );
}

function madeMeanwhile(): KeywardError {
  return new KeywardError('conflict', 'The same request is being answered. Send it again.');
}
