// What this node remembers of recent calls, and, where the database has other nodes, how they are asked of theirs.

import { createNodeQuestions } from '../chores/node-questions.ts';
import type { OtherNodes } from '../core/checking/calls/question.ts';
import { createRecentCalls, type RecentCalls } from '../core/checking/calls/recent-calls.ts';
import type { Clock } from '../core/clock.ts';
import { goneAfterMs } from '../core/feed/subscribers.ts';
import type { OpenStore } from '../storage/open.ts';
import type { Chore } from './chores.ts';

export interface OpenRecentCalls {
  calls: RecentCalls;
  otherNodes: OtherNodes | null;
  chores: readonly Chore[];
}

/** How soon a node hears what another asks; a look at a table that is nearly always empty. */
const pollMs = 100;
/** Questions of a node that died before it took them back. */
const sweepMs = 60_000;

/** `node`: this node's name, a new one with each start. */
export function openRecentCalls(
  { presence, questions }: Pick<OpenStore, 'presence' | 'questions'>,
  node: string,
  now: Clock,
): OpenRecentCalls {
  const calls = createRecentCalls({ node });
  if (presence === null || questions === null) return { calls, otherNodes: null, chores: [] };
  const sync = createNodeQuestions({ questions, presence, calls, node: presenceName(node), goneAfterMs, now });
  const chores: readonly Chore[] = [
    [pollMs, sync.answer],
    [sweepMs, () => questions.deleteOlder(sweepMs)],
  ];
  return { calls, otherNodes: sync, chores };
}

/** As a node is called among verifiers. */
export function presenceName(node: string): string {
  return `node-${node}`;
}
