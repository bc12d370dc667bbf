// A request that carries an idempotency key makes one thing however often it is sent: its answer is kept, sealed, in the
// transaction that made the thing, and told again for a day (S118). What is made is for each operation to say.

import type { Clocked } from '../clock.ts';
import { KeywardError } from '../errors.ts';
import type { Sealer } from '../sealer.ts';
import { digestOf } from '../secret.ts';
import { type Caller, confirmedUntil, demandConfirmed } from './caller.ts';
import type { AnswerReads, CachedCredentialLookup } from './ports.ts';
import { mayStill, type Standing } from './write-as.ts';

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

type AnsweringPorts = {
  store: { answers: AnswerReads };
  sealer: Pick<Sealer, 'seal' | 'open'>;
  credentials: Pick<CachedCredentialLookup, 'bySource'>;
} & Clocked;

/**
 * Does what `act` does, as the caller that it is given, unless that was done before for the same caller, organization and
 * request: then the answer from then. `answerOf` turns what `act` and its one change resolve to into the answer. Throws
 * `idempotency_key_reused` if the key came with another request, and as `act`, which then made nothing. The answer is told
 * again only to who may still do all that they could when it was made: else `forbidden` or `confirmation_required`.
 */
export async function answerOnce(
  ports: AnsweringPorts,
  caller: Caller,
  request: KeyedRequest,
  act: (caller: Caller) => Promise<unknown>,
  answerOf: (made: unknown) => unknown,
): Promise<OneAnswer> {
  const organizationId = caller.organization.id;
  // The key is the client's own text: what is kept of it is of one length, and nobody else's.
  const id = digestOf(JSON.stringify([organizationId, caller.type, caller.id, request.key]));
  const requestDigest = digestOf(request.content);
  const standing = await standingOf(ports, caller);
  const before = await recall(ports, caller, id, requestDigest);
  if (before !== null) return before;
  const keepAnswer: Caller['keepAnswer'] = async (answers, made) => {
    const at = ports.clock();
    const content: KeptContent = { answer: answerOf(made), by: standing };
    const sealed = ports.sealer.seal('kept-answer', JSON.stringify(content), id);
    const kept = { id, organizationId, requestDigest, sealed, expiresAt: at + keptMs };
    // Another request with this key came first; what this one has made is undone.
    if (!(await answers.insert(kept, at))) throw madeMeanwhile();
  };
  try {
    return { answer: answerOf(await act({ ...caller, keepAnswer })), isRepeated: false };
  } catch (error) {
    // Whatever failed, be it over a name that the same request has just taken: what was made is told.
    const meanwhile = await recall(ports, caller, id, requestDigest);
    if (meanwhile === null) throw error;
    return meanwhile;
  }
}

interface KeptContent {
  answer: unknown;
  by?: StandingThen;
}

/** What an operation may have asked of whoever had it done. */
interface StandingThen extends Standing {
  /** Of an API token, where, when, for what and how much it is good. */
  reach: string | null;
  /** No session, whose password would have to be asked for, or one in which it just was. */
  isConfirmed: boolean;
}

async function standingOf({ credentials, clock }: AnsweringPorts, caller: Caller): Promise<StandingThen> {
  const { type, id, permissions, held, owner, session } = caller;
  const record = type === 'api_token' ? await credentials.bySource({ type, id }) : null;
  const { addresses, apis, limits } = record?.token ?? {};
  return {
    permissions,
    held,
    owner: { role: owner.role },
    reach: record === null ? null : JSON.stringify([addresses, apis, limits, record.expiresAt]),
    isConfirmed: session === undefined || confirmedUntil(session, clock()) !== null,
  };
}

async function recall(
  ports: AnsweringPorts,
  caller: Caller,
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
  if (text !== null) {
    const { answer, by }: KeptContent = JSON.parse(text);
    await demandStanding(ports, caller, by);
    return { answer, isRepeated: true };
  }
  throw new KeywardError(
    'conflict',
    'This was done, and its answer was sealed under a key that this server lacks now.',
  );
}

/** What was kept says whether it was allowed then; here, whether it would be now. */
async function demandStanding(ports: AnsweringPorts, caller: Caller, then: StandingThen | undefined): Promise<void> {
  const now = await standingOf(ports, caller);
  // An answer that an older version kept says nothing of it.
  if (then === undefined || !mayStill(now, then) || now.reach !== then.reach) {
    const text =
      'This was done, and what you may do was changed since: its answer is not told again. See what there is.';
    throw new KeywardError('forbidden', text);
  }
  if (then.isConfirmed) demandConfirmed(caller, ports.clock());
}

function madeMeanwhile(): KeywardError {
  return new KeywardError('conflict', 'The same request is being answered. Send it again.');
}
