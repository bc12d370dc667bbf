// Questions between workers and their answers, in the supervisor's memory: core's NodeQuestions for one machine.

import type { NodeQuestions } from '../core/checking/calls/question.ts';

interface Kept {
  id: string;
  node: string;
  body: string;
  at: number;
  answers: Map<string, string>;
}

/** `now`: monotonic milliseconds. */
export function memoryQuestions(now: () => number): NodeQuestions {
  const kept = new Map<string, Kept>();

  return {
    async ask(question) {
      kept.set(question.id, { ...question, at: now(), answers: new Map() });
    },
    async open(node, withinMs) {
      const open = [...kept.values()].filter(
        (one) => one.node !== node && one.at > now() - withinMs && !one.answers.has(node),
      );
      return open.map(({ id, body }) => ({ id, body }));
    },
    async answer({ questionId, node, body }) {
      kept.get(questionId)?.answers.set(node, body);
    },
    async answers(questionId) {
      const answers = kept.get(questionId)?.answers ?? new Map<string, string>();
      return [...answers].map(([node, body]) => ({ node, body }));
    },
    async remove(questionId) {
      kept.delete(questionId);
    },
    async deleteOlder(thanMs) {
      for (const [id, { at }] of kept) if (at < now() - thanMs) kept.delete(id);
    },
  };
}
