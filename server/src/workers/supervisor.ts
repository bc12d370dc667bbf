// The supervisor: starts the workers, fills the place of one that dies, lets one after the other write, and keeps what they
// say of themselves. It answers no request and opens no database. What a process is, is for whoever calls it to say.

import { randomBytes } from 'node:crypto';
import { memoryPresence } from './memory-presence.ts';
import { memoryQuestions } from './memory-questions.ts';
import type { Asked, FromSupervisor, FromWorker } from './messages.ts';
import { type AskedWorker, workerQuestions } from './questions-to-workers.ts';
import { createRestarts, type Restarts } from './restarts.ts';
import { createWriteTurns } from './write-turns.ts';

/** A worker's process as it was started. */
export interface WorkerProcess {
  send(message: FromSupervisor): void;
  /** `kill` ends it at once, whatever it does. */
  signal(name: 'SIGTERM' | 'SIGKILL' | 'SIGHUP'): void;
}

export interface SupervisorOptions {
  count: number;
  /** Starts a process whose messages and end are told to `heard` and `ended`, never before this has returned. */
  start(on: { heard(message: FromWorker): void; ended(code: number): void }): WorkerProcess;
  /** Told of a worker that died and of one that was killed. */
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
  /** The machine's monotonic clock in milliseconds, the same in every process. */
  now(): number;
  /** Milliseconds since the epoch. */
  clock(): number;
}

export interface Supervisor {
  /** Resolves when all workers take requests; with an exit code if the very first one could not start. */
  ready: Promise<number | null>;
  /** Has all workers look at their settings anew; one that is not ready yet, when it is. */
  reload(): void;
  /** Has all workers finish what they do. Resolves with the exit code when they have ended. */
  stop(): Promise<number>;
}

/** Who writes for so long hangs: a batch takes milliseconds, and a migration is nobody's turn. */
const longestTurnMs = 15_000;
const watchMs = 1000;

interface Place {
  number: number;
  process: WorkerProcess | null;
  startedAt: number;
  restarts: Restarts;
  timer: NodeJS.Timeout | null;
  isReady: boolean;
  isToReload: boolean;
}

export function supervise({ count, start, log, now, clock }: SupervisorOptions): Supervisor {
  const startId = randomBytes(16).toString('base64url');
  const epochAt = clock() - now();
  const turns = createWriteTurns(now);
  const presence = memoryPresence(now, clock);
  const questions = memoryQuestions(now);
  const talk = workerQuestions();
  const places: Place[] = [];
  /** What the first one takes is everybody's, also where any free one will do. */
  let port: number | null = null;
  let waitingFor = count;
  let isStopping = false;
  let worst = 0;
  let settleReady: (code: number | null) => void = () => {};
  let settleStopped: (code: number) => void = () => {};
  const ready = new Promise<number | null>((resolve) => {
    settleReady = resolve;
  });
  const stopped = new Promise<number>((resolve) => {
    settleStopped = resolve;
  });

  function fill(place: Place, isFirst: boolean): void {
    place.isReady = false;
    // It reads them as they are now.
    place.isToReload = false;
    place.timer = null;
    place.startedAt = now();
    const answers: Asked = {
      place: async () => ({ number: place.number, isFirst, startId, epochAt, port }),
      turn: () => turns.ask(place.number),
      presencePut: presence.put,
      presenceRemove: presence.remove,
      presenceRead: presence.read,
      presenceAcknowledge: presence.acknowledge,
      presenceDeleteOlder: presence.deleteOlder,
      others: (question) => talk.ask(question, othersThan(place)),
      questionsAsk: questions.ask,
      questionsOpen: questions.open,
      questionsAnswer: questions.answer,
      questionsAnswers: questions.answers,
      questionsRemove: questions.remove,
      questionsDeleteOlder: questions.deleteOlder,
    };
    const worker = start({
      heard(message) {
        if (place.process !== worker) return;
        if (message.keyward === 'turnOver') {
          turns.over(place.number);
          if (message.committed) tellOthers(worker);
        } else if (message.keyward === 'said') {
          talk.said(message.id, place.number, message.said);
        } else if (message.keyward === 'ready') {
          if (place.isReady) return;
          place.isReady = true;
          port = message.port;
          // Before that it might not know the signal, and end of it.
          if (place.isToReload) worker.signal('SIGHUP');
          becameReady(isFirst);
        } else {
          const { id, name, args } = message;
          (answers[name] as (...given: readonly unknown[]) => Promise<unknown>)(...args).then(
            (value) => worker.send({ keyward: 'answer', id, value }),
            (error: Error) => worker.send({ keyward: 'refusal', id, message: error.message }),
          );
        }
      },
      ended(code) {
        place.process = null;
        turns.left(place.number);
        if (isStopping) {
          worst = Math.max(worst, code);
          return settleIfOver();
        }
        if (isFirst && !place.isReady) {
          isStopping = true;
          return settleReady(code === 0 ? 1 : code);
        }
        const pauseMs = place.restarts.pauseAfter(now() - place.startedAt);
        log.warn({ worker: place.number, code, pauseMs }, 'a worker ended, and is started again');
        place.timer = setTimeout(() => fill(place, false), pauseMs);
      },
    });
    place.process = worker;
  }

  /** The first one makes what is missing, such as tables and keys; nobody else is there meanwhile. */
  function becameReady(isFirst: boolean): void {
    if (waitingFor > 0) waitingFor -= 1;
    if (isFirst) for (let number = 2; number <= count; number += 1) add(number, false);
    if (waitingFor === 0) settleReady(null);
  }

  function add(number: number, isFirst: boolean): void {
    const place: Place = {
      number,
      process: null,
      startedAt: now(),
      restarts: createRestarts(),
      timer: null,
      isReady: false,
      isToReload: false,
    };
    places.push(place);
    fill(place, isFirst);
  }

  function tellOthers(worker: WorkerProcess): void {
    for (const { process } of places) if (process !== null && process !== worker) process.send({ keyward: 'news' });
  }

  function othersThan(asking: Place): AskedWorker[] {
    return places.flatMap((place) => {
      const { process, number } = place;
      if (process === null || place === asking) return [];
      return [{ worker: number, ask: (id, question) => process.send({ keyward: 'question', id, question }) }];
    });
  }

  function settleIfOver(): void {
    if (places.every(({ process }) => process === null)) settleStopped(worst);
  }

  const watch = setInterval(() => {
    const current = turns.current();
    if (current === null || now() - current.since < longestTurnMs) return;
    log.error({ worker: current.worker }, 'a worker did not end its write, and is killed');
    places.find(({ number }) => number === current.worker)?.process?.signal('SIGKILL');
  }, watchMs);
  watch.unref();

  add(1, true);
  return {
    ready,
    reload() {
      for (const place of places) {
        if (place.isReady) place.process?.signal('SIGHUP');
        else place.isToReload = true;
      }
    },
    async stop() {
      isStopping = true;
      for (const { process, timer } of places) {
        if (timer !== null) clearTimeout(timer);
        process?.signal('SIGTERM');
      }
      settleIfOver();
      const code = await stopped;
      clearInterval(watch);
      return code;
    },
  };
}
