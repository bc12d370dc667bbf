// Asks other nodes what they remember of recent calls, and answers them, over the database that they share: the one thing
// that all of them reach. It knows nothing of who may ask.

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { KeptCall } from '../core/checking/calls/kept-call.ts';
import {
  answerFrom,
  type CallsQuestion,
  type NodeAnswer,
  type NodeQuestions,
  type OtherNodes,
} from '../core/checking/calls/question.ts';
import type { RecentCalls } from '../core/checking/calls/recent-calls.ts';
import type { PresenceStore } from '../core/feed/ports.ts';

export interface NodeQuestionsOptions {
  questions: NodeQuestions;
  presence: Pick<PresenceStore, 'read'>;
  calls: RecentCalls;
  /** As presence knows this node. */
  node: string;
  /** A node that has said nothing for so long has gone. */
  goneAfterMs: number;
  /** How long answers are waited for; 2,000 unless told. */
  longestMs?: number;
  now: () => number;
}

export interface NodeQuestionsSync extends OtherNodes {
  /** Answers what other nodes have asked. */
  answer(): Promise<void>;
}

const readEveryMs = 30;

export function createNodeQuestions(options: NodeQuestionsOptions): NodeQuestionsSync {
  const { questions, presence, calls, node, goneAfterMs, longestMs = 2000, now } = options;

  async function others(): Promise<string[]> {
    const entries = await presence.read(null, goneAfterMs);
    const nodes = entries.filter((entry) => entry.organizationId === null).map((entry) => entry.node);
    return [...new Set(nodes)].filter((one) => one !== node);
  }

  async function wait(id: string, expected: readonly string[], isFound: (calls: readonly KeptCall[]) => boolean) {
    const until = now() + longestMs;
    for (;;) {
      const answers = new Map((await questions.answers(id)).map((one) => [one.node, callsIn(one.body)]));
      const isOver = expected.every((one) => answers.has(one)) || [...answers.values()].some(isFound);
      if (isOver || now() >= until) {
        return expected.map((one): NodeAnswer => ({ node: one, calls: answers.get(one) ?? null }));
      }
      await pause(readEveryMs);
    }
  }

  return {
    async ask(question) {
      const expected = await others();
      if (expected.length === 0) return [];
      const id = randomUUID();
      await questions.ask({ id, node, body: JSON.stringify(question) });
      try {
        const answers = await wait(id, expected, (found) => question.refusalId !== undefined && found.length > 0);
        return answers.map((one) => ({ ...one, node: nameOf(one.node) }));
      } finally {
        // What is left is removed with what is old.
        await questions.remove(id).catch(() => {});
      }
    },
    async answer() {
      for (const { id, body } of await questions.open(node, longestMs)) {
        const found = answerFrom(calls, JSON.parse(body) as CallsQuestion);
        await questions.answer({ questionId: id, node, body: JSON.stringify(found) });
      }
    },
  };
}

function callsIn(body: string): KeptCall[] {
  return JSON.parse(body) as KeptCall[];
}

/** As refusals name it. */
function nameOf(node: string): string {
  return node.replace(/^node-/, '');
}
