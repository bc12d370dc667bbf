// What the supervisor and its workers say to one another over the channel between their processes. Shapes only.

import type { NodeQuestions } from '../core/checking/calls/question.ts';
import type { PresenceStore } from '../core/feed/ports.ts';

/** What one worker is told of itself when it asks. */
export interface WorkerPlace {
  /** From 1; whoever takes the place of one that died has its number. */
  number: number;
  /** True for the very first one: what a start has to say is said once. */
  isFirst: boolean;
  /** Of this start of the server, which no other start has: 128 random bits in base64url. */
  startId: string;
  /** Milliseconds since the epoch when the machine's monotonic clock was zero, as the supervisor found it. */
  epochAt: number;
  /** The port that the first one has taken; null to the first one itself. */
  port: number | null;
}

/** What a worker may ask, by name. All of it travels as JSON. */
export interface Asked {
  place(): Promise<WorkerPlace>;
  /** Resolves when no other worker is writing, nor will be before `turnOver`. */
  turn(): Promise<void>;
  presencePut: PresenceStore['put'];
  presenceRemove: PresenceStore['remove'];
  presenceRead: PresenceStore['read'];
  presenceAcknowledge: PresenceStore['acknowledge'];
  presenceDeleteOlder: PresenceStore['deleteOlder'];
  /** What the other workers say to a question; whoever does not say it in time is left out. */
  others(question: Question): Promise<{ worker: number; said: string }[]>;
  questionsAsk: NodeQuestions['ask'];
  questionsOpen: NodeQuestions['open'];
  questionsAnswer: NodeQuestions['answer'];
  questionsAnswers: NodeQuestions['answers'];
  questionsRemove: NodeQuestions['remove'];
  questionsDeleteOlder: NodeQuestions['deleteOlder'];
}

/** What workers ask one another: the text of their metrics. */
export type Question = 'metrics';

export type FromWorker =
  | { keyward: 'ask'; id: number; name: keyof Asked; args: readonly unknown[] }
  | { keyward: 'turnOver'; committed: boolean }
  | { keyward: 'ready'; port: number }
  | { keyward: 'said'; id: number; said: string };

export type FromSupervisor =
  | { keyward: 'answer'; id: number; value: unknown }
  | { keyward: 'refusal'; id: number; message: string }
  /** Another worker has committed something. */
  | { keyward: 'news' }
  /** Another worker wants to know. */
  | { keyward: 'question'; id: number; question: Question };

/** Other messages share the channel: Node's own. */
export function isOurs(message: unknown): message is { keyward: string } {
  return typeof message === 'object' && message !== null && 'keyward' in message;
}
