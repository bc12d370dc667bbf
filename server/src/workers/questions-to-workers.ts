// A question to several workers, gathered into one answer: of those that answer in time.

import type { Question } from './messages.ts';

export interface AskedWorker {
  worker: number;
  ask(id: number, question: Question): void;
}

export interface WorkerQuestions {
  ask(question: Question, of: readonly AskedWorker[]): Promise<{ worker: number; said: string }[]>;
  /** A worker has said something to the question of this id. Ignored when it is over. */
  said(id: number, worker: number, said: string): void;
}

/** Who takes longer hangs, or has just died. */
const longestMs = 1000;

export function workerQuestions(): WorkerQuestions {
  const open = new Map<number, { answers: Map<number, string>; expected: number; over(): void }>();
  let asked = 0;

  return {
    ask(question, of) {
      if (of.length === 0) return Promise.resolve([]);
      asked += 1;
      const id = asked;
      const answers = new Map<number, string>();
      return new Promise((resolve) => {
        const over = () => {
          clearTimeout(timer);
          open.delete(id);
          resolve([...answers].map(([worker, said]) => ({ worker, said })));
        };
        const timer = setTimeout(over, longestMs);
        open.set(id, { answers, expected: of.length, over });
        for (const { ask } of of) ask(id, question);
      });
    },
    said(id, worker, said) {
      const one = open.get(id);
      if (one === undefined) return;
      one.answers.set(worker, said);
      if (one.answers.size >= one.expected) one.over();
    },
  };
}
