// What is asked of the calls that nodes remember, of this one's own and of others' alike; and how other nodes are reached.
// Who may ask what is decided in read-calls.ts.

import type { AccessTokenSource } from '../../caller/source.ts';
import type { KeptCall } from './kept-call.ts';
import type { RecentCalls } from './recent-calls.ts';

export interface CallsQuestion {
  /** Whose: an organization's, and with `isOfNobody` also calls of unknown credentials; null for everybody's. */
  organizationId: string | null;
  isOfNobody: boolean;
  /** Only of this user or API user, and of the API tokens that it owns. */
  ownerId?: string;
  source?: AccessTokenSource;
  /** `refused` for every reason. */
  verdict?: KeptCall['verdict'] | 'refused';
  /** Milliseconds since the epoch. */
  since?: number;
  refusalId?: string;
  limit: number;
}

/** What a node said; null if it did not answer in time. */
export interface NodeAnswer {
  node: string;
  calls: readonly KeptCall[] | null;
}

/** The other nodes on the same database. */
export interface OtherNodes {
  /** Resolves when all nodes that are there have answered, or too much time has passed. Rejects with KeywardError `unavailable`. */
  ask(question: CallsQuestion): Promise<NodeAnswer[]>;
}

/** Where nodes that share a database leave questions for one another. Everything rejects with KeywardError `unavailable` when the database does not answer. */
export interface NodeQuestions {
  ask(question: { id: string; node: string; body: string }): Promise<void>;
  /** Questions of other nodes within `withinMs` that this one has not answered. */
  open(node: string, withinMs: number): Promise<{ id: string; body: string }[]>;
  answer(answer: { questionId: string; node: string; body: string }): Promise<void>;
  answers(questionId: string): Promise<{ node: string; body: string }[]>;
  /** Takes a question back, with its answers. */
  remove(questionId: string): Promise<void>;
  deleteOlder(thanMs: number): Promise<void>;
}

/** From the newest to the oldest. */
export function answerFrom(calls: Pick<RecentCalls, 'each' | 'find'>, question: CallsQuestion): KeptCall[] {
  const { refusalId, limit } = question;
  if (refusalId !== undefined) {
    const found = calls.find(refusalId, (call) => isAsked(call, question));
    return found === null ? [] : [found];
  }
  const found: KeptCall[] = [];
  calls.each((call) => {
    if (isAsked(call, question)) found.push(call);
    return found.length < limit;
  });
  return found;
}

function isAsked(call: KeptCall, question: CallsQuestion): boolean {
  const { organizationId, isOfNobody, ownerId, source, verdict, since = 0 } = question;
  const isTheirs =
    call.organizationId === null ? isOfNobody : call.organizationId === (organizationId ?? call.organizationId);
  if (!isTheirs || call.at < since) return false;
  if (ownerId !== undefined && call.ownerId !== ownerId) return false;
  if (source !== undefined && (call.source?.id !== source.id || call.source.type !== source.type)) return false;
  if (verdict === undefined) return true;
  return verdict === 'refused' ? call.verdict !== 'allowed' : call.verdict === verdict;
}
