// What is known of others' servers when they are compared with Keyward: a process, how it is asked, and against what it
// is held. How each is started is its own file's business.

import type { Contestant } from '../contestant.ts';
import type { Work } from '../works.ts';

export interface Peer {
  /** What it is and does, as its rows call it. */
  name: string;
  contestant: Pick<Contestant, 'pid' | 'url'>;
  work: Work;
  /** Requests before the first round, where those of the warm-up rounds are too few. */
  warmUp?: number;
  /** The work of Keyward's that its rows are about; marks are those of `performance.md`, where it has some. */
  against: readonly { own: OwnWork; marks?: readonly [floor: number, goal: number] }[];
}

/** What others are held against, as rows call it. */
export const ownWorks = {
  token: '`GET /v1/check` of an API token',
  jwt: '`GET /v1/check` of a JWT',
  grant: '`POST /oauth/token`, signed ES256',
  introspection: '`POST /oauth/introspect` of a JWT',
} as const;
export type OwnWork = keyof typeof ownWorks;

/** Peers that were started together, and end together. */
export interface Peers {
  peers: readonly Peer[];
  stop(): Promise<void>;
}

/** Keys or JWTs that each of them knows. */
export const credentials = 1000;
