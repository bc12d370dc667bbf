// A worker's end of the channel to its supervisor: what it asks, and what it is told. One for a process.

import type { NodeQuestions } from '../core/checking/calls/question.ts';
import type { PresenceStore } from '../core/feed/ports.ts';
import {
  type Asked,
  type FromSupervisor,
  type FromWorker,
  isOurs,
  type Question,
  type WorkerPlace,
} from './messages.ts';

export interface WorkerLink {
  place: WorkerPlace;
  /** Resolves when this worker may write, with what ends its turn; `committed` has the others told of news. */
  writeTurn(): Promise<(committed: boolean) => void>;
  presence: PresenceStore;
  questions: NodeQuestions;
  /** Milliseconds since the epoch, as all workers count. */
  clock(): number;
  /** What the other workers say. */
  others: Asked['others'];
  /** How this one answers the others. */
  onQuestion(answer: (question: Question) => Promise<string>): void;
  /** Has `heard` called whenever another worker has committed something. */
  onNews(heard: () => void): void;
  /** This worker takes requests now, on this port. */
  ready(port: number): void;
  /** Lets the process end. */
  close(): void;
}

/** The part of a process that this needs. */
export interface Channel {
  send(message: FromWorker): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The machine's monotonic clock in milliseconds, the same in every process. */
  monotonic(): number;
  close(): void;
}

/** Resolves when the supervisor has said which worker this is. */
export async function openLink(channel: Channel): Promise<WorkerLink> {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const listeners: (() => void)[] = [];
  let answer: ((question: Question) => Promise<string>) | null = null;
  let asked = 0;

  channel.onMessage((message) => {
    if (!isOurs(message)) return;
    const said = message as FromSupervisor;
    if (said.keyward === 'news') {
      for (const heard of listeners) heard();
      return;
    }
    if (said.keyward === 'question') {
      const { id, question } = said;
      // Who cannot answer is left out.
      answer?.(question).then(
        (text) => channel.send({ keyward: 'said', id, said: text }),
        () => {},
      );
      return;
    }
    const one = waiting.get(said.id);
    waiting.delete(said.id);
    if (said.keyward === 'answer') one?.resolve(said.value);
    else one?.reject(new Error(said.message));
  });

  const ask =
    <Name extends keyof Asked>(name: Name) =>
    (...args: Parameters<Asked[Name]>): ReturnType<Asked[Name]> =>
      new Promise((resolve, reject) => {
        asked += 1;
        waiting.set(asked, { resolve: resolve as (value: unknown) => void, reject });
        channel.send({ keyward: 'ask', id: asked, name, args });
      }) as ReturnType<Asked[Name]>;

  const turn = ask('turn');
  const place = await ask('place')();
  return {
    place,
    clock: () => place.epochAt + channel.monotonic(),
    async writeTurn() {
      await turn();
      return (committed) => channel.send({ keyward: 'turnOver', committed });
    },
    presence: {
      put: ask('presencePut'),
      remove: ask('presenceRemove'),
      read: ask('presenceRead'),
      acknowledge: ask('presenceAcknowledge'),
      deleteOlder: ask('presenceDeleteOlder'),
    },
    questions: {
      ask: ask('questionsAsk'),
      open: ask('questionsOpen'),
      answer: ask('questionsAnswer'),
      answers: ask('questionsAnswers'),
      remove: ask('questionsRemove'),
      deleteOlder: ask('questionsDeleteOlder'),
    },
    others: ask('others'),
    onQuestion: (given) => {
      answer = given;
    },
    onNews: (heard) => void listeners.push(heard),
    ready: (port) => channel.send({ keyward: 'ready', port }),
    close: () => channel.close(),
  };
}
