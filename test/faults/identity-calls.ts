// A thousand identities that call at the same time, on every way on which Keyward says who is calling: a worker, so that
// the server has a thread of its own. It breaks off calls at random, and tells of every answer that is another's.

import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createVerifier, KeywardError, type Principal } from '../../sdk/src/index.ts';
import { type Answer, callOf, openPipeline } from './pipeline.ts';

export interface Identity {
  id: string;
  organization: { id: string; name: string };
  /** What nobody else holds. */
  permission: string;
  /** The token itself, and access tokens made from it. */
  credentials: readonly string[];
  /** Its token is deactivated and activated all the time, so that it may be refused as well. */
  isFlapping: boolean;
}

export interface Task {
  url: string;
  identities: readonly Identity[];
  /** By organization id: an API token that may verify its credentials and follow the feed. */
  askers: Readonly<Record<string, string>>;
  /** Calls that are to be answered. */
  calls: number;
  /** True while the database is restarted: 503 is then an answer. */
  isShaken: boolean;
}

export interface Outcome {
  answered: Record<string, number>;
  refused: number;
  unavailable: number;
  brokenOff: number;
  /** Connections that the server ended by itself. */
  lost: number;
  /** In words, the first of them. */
  wrong: string[];
}

const lanes = 48;
const { url, identities, askers, calls, isShaken } = workerData as Task;

const outcome: Outcome = { answered: {}, refused: 0, unavailable: 0, brokenOff: 0, lost: 0, wrong: [] };
let begun = 0;

/** Who an answer says is calling. */
type Seen = Pick<Identity, 'id' | 'permission'> & { organization: string };

/** A way over HTTP: the call's bytes, and who its answer (200) is about. */
interface Way {
  share: number;
  call(identity: Identity, credential: string): string;
  seen(answer: Answer): Seen | null;
}

const https = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '198.51.100.7' };
const as = (credential: string) => ({ ...https, Authorization: `Bearer ${credential}` });

const ways: Record<string, Way> = {
  check: { share: 30, call: (_, credential) => callOf('GET', '/v1/check', as(credential)), seen: inHeaders },
  'check by query': {
    share: 5,
    // Only API tokens travel so.
    call: ({ credentials: [token = ''] }) => callOf('GET', `/v1/check?apiToken=${token}`, https),
    seen: inHeaders,
  },
  'forward-auth': {
    share: 25,
    call: (_, credential) =>
      callOf('GET', '/forward-auth', {
        ...as(credential),
        'X-Forwarded-Method': 'GET',
        'X-Forwarded-Uri': '/guarded/thing',
      }),
    seen: inHeaders,
  },
  gateway: {
    share: 10,
    call: (_, credential) => callOf('GET', '/guarded/thing', as(credential)),
    // The upstream says who it was told that is calling.
    seen: ({ body }) => JSON.parse(body) as Seen,
  },
  verify: {
    share: 15,
    call: ({ organization }, credential) =>
      callOf('POST', '/v1/verify', as(askers[organization.id] ?? ''), JSON.stringify({ credential, cost: 1 })),
    seen({ body }) {
      const { allowed, principal } = JSON.parse(body);
      return allowed ? seenIn(principal) : null;
    },
  },
  self: {
    share: 5,
    call: (_, credential) => callOf('GET', '/v1/self', as(credential)),
    seen({ body }) {
      const { id, permissions, organization } = JSON.parse(body);
      return { id, permission: permissions.join(), organization: organization.id };
    },
  },
};
const weightedWays = Object.entries(ways).flatMap(([name, { share }]) => Array.from({ length: share }, () => name));
/** The rest of a hundred. */
const verifierShare = 100 - weightedWays.length;

function inHeaders({ headers }: Answer): Seen {
  const of = (name: string) => headers.get(`x-auth-${name}`) ?? '';
  return { id: of('principal'), permission: of('permissions'), organization: of('organization') };
}

function seenIn({ id, permissions, organizationId }: Principal): Seen {
  return { id, permission: permissions.join(), organization: organizationId };
}

function judge(way: string, identity: Identity, seen: Seen | null): void {
  outcome.answered[way] = (outcome.answered[way] ?? 0) + 1;
  if (seen === null) {
    outcome.refused += 1;
    if (!identity.isFlapping) note(`${way}: ${identity.id} was refused.`);
    return;
  }
  const isItself =
    seen.id === identity.id &&
    seen.permission === identity.permission &&
    [identity.organization.id, identity.organization.name].includes(seen.organization);
  if (!isItself) note(`${way}: ${identity.id} was called ${JSON.stringify(seen)}.`);
}

function note(wrong: string): void {
  if (outcome.wrong.length < 20) outcome.wrong.push(wrong);
}

function judgeAnswer(name: string, identity: Identity, answer: Answer): void {
  const { status } = answer;
  if (status === 503 && isShaken) outcome.unavailable += 1;
  else if (status === 401) judge(name, identity, null);
  else if (status !== 200) note(`${name}: ${identity.id} was answered ${status} ${answer.body.slice(0, 200)}`);
  else judge(name, identity, ways[name]?.seen(answer) ?? null);
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T;
}

/** One connection at a time: single calls, several in one breath, and calls that nobody waits for any more. */
async function callOverHttp(): Promise<void> {
  let connection = openPipeline(url);
  while (begun < calls) {
    const batch = Array.from({ length: Math.random() < 0.1 ? 2 + Math.floor(Math.random() * 3) : 1 }, () => {
      const [name, identity] = [pick(weightedWays), pick(identities)];
      return { name, identity, bytes: ways[name]?.call(identity, pick(identity.credentials)) ?? '' };
    });
    if (!connection.isOpen) connection = openPipeline(url);
    if (Math.random() < 0.03) {
      await breakOff(batch.map(({ bytes }) => bytes).join(''));
      connection.break();
      continue;
    }
    begun += batch.length;
    const answers = await Promise.allSettled(batch.map(({ bytes }) => connection.send(bytes)));
    answers.forEach((answer, at) => {
      const { name = '', identity } = batch[at] ?? {};
      if (identity === undefined) return;
      if (answer.status === 'fulfilled') judgeAnswer(name, identity, answer.value);
      else outcome.lost += 1;
    });
  }
  connection.break();

  async function breakOff(bytes: string): Promise<void> {
    const isWhole = Math.random() < 0.7;
    connection.leave(isWhole ? bytes : bytes.slice(0, Math.floor(Math.random() * bytes.length)));
    outcome.brokenOff += 1;
    if (Math.random() < 0.7) await pause(Math.random() * 4);
  }
}

/** In this process, as the SDK checks; each organization has its verifier. */
async function callVerifiers(): Promise<void> {
  const verifiers = new Map(
    Object.entries(askers).map(([id, apiToken]) => [
      id,
      createVerifier({ url, credential: { apiToken }, exchange: 'none', name: `of ${id}` }),
    ]),
  );
  for (const verifier of verifiers.values()) await verifier.ready();
  const one = async () => {
    const identity = pick(identities);
    const verifier = verifiers.get(identity.organization.id);
    const credential = pick(identity.credentials);
    try {
      const verdict = verifier?.verifySync(credential) ?? (await verifier?.verify(credential));
      judge('SDK', identity, verdict?.allowed === true ? seenIn(verdict.principal) : null);
    } catch (error) {
      if (!isShaken || !(error instanceof KeywardError)) throw error;
      outcome.unavailable += 1;
    }
  };
  // In step with the calls over HTTP.
  const wanted = () => Math.min(begun, calls) * (verifierShare / 100);
  for (let done = 0; begun < calls || done < wanted(); ) {
    while (done < wanted()) {
      await Promise.all(Array.from({ length: 20 }, one));
      begun += 20;
      done += 20;
    }
    await pause(1);
  }
  await Promise.all([...verifiers.values()].map((verifier) => verifier.close()));
}

await Promise.all([...Array.from({ length: lanes }, callOverHttp), callVerifiers()]);
parentPort?.postMessage(outcome);
