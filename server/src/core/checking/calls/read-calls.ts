// Recent calls for those who may see them: one's own, with `read:call` the organization's, and for the operator also those of
// credentials that nobody knows. Each node answers of what it remembers.

import { actingPermission, type Caller, demand, demandOperator, isOperating, may } from '../../caller/caller.ts';
import { notFound } from '../../errors.ts';
import type { Reading } from '../ports.ts';
import { explanationOf } from './explanation.ts';
import type { Grounds, KeptCall } from './kept-call.ts';
import { answerFrom, type CallsQuestion, type OtherNodes } from './question.ts';
import type { RecentCalls } from './recent-calls.ts';

export interface ReadingCallsPorts extends Reading<'names'> {
  calls: RecentCalls;
  /** Null where there is but one. */
  otherNodes: OtherNodes | null;
}

export interface NamedCall extends KeptCall {
  sourceName: string | null;
  organizationName: string | null;
}

export type CallsRequest = Pick<CallsQuestion, 'source' | 'verdict' | 'since' | 'limit'> & {
  /** True for those of all organizations. */
  ofAll?: boolean;
};

/** The newest first, and which nodes were asked. Throws `forbidden` where all organizations' are asked for by who may not see them. */
export async function readCalls(
  ports: ReadingCallsPorts,
  caller: Caller,
  { ofAll = false, ...wanted }: CallsRequest,
): Promise<{ calls: NamedCall[]; nodes: { node: string; answered: boolean }[] }> {
  if (ofAll) demandAll(caller);
  const question = { ...wanted, ...(ofAll ? { organizationId: null, isOfNobody: true } : ownOf(caller)) };
  const { calls, nodes } = await askAll(ports, question);
  return { calls: await named(ports, calls), nodes };
}

export interface ExplainedRefusal {
  call: NamedCall;
  text: string;
}

/**
 * Why a call was refused, by the id of its answer, or would have been by what is only observed so far. Throws `not_found` for what is not the caller's to see, as for what no node
 * remembers.
 */
export async function explainRefusal(
  ports: ReadingCallsPorts,
  caller: Caller,
  refusalId: string,
): Promise<ExplainedRefusal> {
  const whose = seesAll(caller) ? { organizationId: null, isOfNobody: true } : ownOf(caller);
  const { calls } = await askAll(ports, { ...whose, refusalId, limit: 1 });
  const [call] = await named(ports, calls);
  if (call === undefined || call.grounds === null) throw notFound('refusal');
  return { call, text: textOf(call.grounds, call.observedUntil) };
}

function textOf(grounds: Grounds, observedUntil: number | null): string {
  const text = explanationOf(grounds);
  if (observedUntil === null) return text;
  return `It was let in: what would refuse it is only observed until ${new Date(observedUntil).toISOString()}, and then counts. ${text}`;
}

function seesAll(caller: Caller): boolean {
  return caller.organization.isOperator && may(caller, 'read:call') && isOperating(caller);
}

function demandAll(caller: Caller): void {
  demandOperator(caller, 'read:call');
  if (!isOperating(caller)) demand(caller, actingPermission);
}

function ownOf(caller: Caller): Pick<CallsQuestion, 'organizationId' | 'isOfNobody' | 'ownerId'> {
  const { id: organizationId, isOperator } = caller.organization;
  if (may(caller, 'read:call')) return { organizationId, isOfNobody: isOperator };
  return { organizationId, isOfNobody: false, ownerId: caller.owner.id };
}

async function askAll({ calls, otherNodes }: ReadingCallsPorts, question: CallsQuestion) {
  const own = answerFrom(calls, question);
  const isFound = question.refusalId !== undefined && own.length > 0;
  const others = otherNodes === null || isFound ? [] : await otherNodes.ask(question);
  const all = [...own, ...others.flatMap((other) => other.calls ?? [])].sort((one, other) => other.at - one.at);
  const nodes = others.map((other) => ({ node: other.node, answered: other.calls !== null }));
  return { calls: all.slice(0, question.limit), nodes: [{ node: calls.node, answered: true }, ...nodes] };
}

async function named({ store }: Reading<'names'>, calls: readonly KeptCall[]): Promise<NamedCall[]> {
  const ids = [...new Set(calls.flatMap(({ organizationId }) => organizationId ?? []))];
  const organizations = await store.names.ofOrganizations(ids);
  const names = new Map<string, string>();
  for (const id of ids) {
    const sources = calls.flatMap(({ organizationId, source }) =>
      organizationId === id && source !== null ? source : [],
    );
    for (const [key, name] of await store.names.of(id, sources)) names.set(key, name);
  }
  return calls.map((call) => ({
    ...call,
    sourceName: call.source === null ? null : (names.get(`${call.source.type}:${call.source.id}`) ?? null),
    organizationName: organizations.get(call.organizationId ?? '') ?? null,
  }));
}
