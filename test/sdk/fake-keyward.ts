// A server that speaks as Keyward does to verifiers, and would let anybody in: whatever a verifier refuses before it, the
// verifier itself has refused. It counts what it is asked. For tests only.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Lease, LeaseRequest, VerifyRequest, VerifyResponse, WantedLease } from '../../sdk/src/wire.ts';
import { answerJson, type Call, type RecordingServer, startRecordingServer } from './recording-server.ts';

export interface FakeKeyward extends RecordingServer {
  /** The kids, each with what signs under it. */
  keys: { oauth: SigningKey; debricked: SigningKey };
  /** How often a path was asked for. */
  count(path: string): number;
  /** Sends an event to everybody who follows; opens and closes the taps of the feed. */
  feed: FeedTap;
  /** What is said instead of yes. */
  answers: {
    verify?: (request: VerifyRequest) => VerifyResponse | Promise<VerifyResponse>;
    lease?: (wanted: WantedLease) => FakeLease;
    /** Answers a path by itself if it returns true. */
    instead?: (call: Call, response: ServerResponse) => boolean;
  };
}

export type FakeLease = Omit<Lease, 'organization' | 'whenUnavailable'> & Partial<Pick<Lease, 'whenUnavailable'>>;

export interface SigningKey {
  kid: string;
  alg: 'ES256' | 'RS256';
  typ: string;
  privateKey: KeyObject;
  publicJwk: object;
}

export interface FeedTap {
  /** The newest entry. */
  head: number;
  /** False: heartbeats stop, the connections stay. */
  beats: boolean;
  /** Of the organization `o1` unless another is named, or none, as for what concerns all. */
  change(type: string, id: string, action?: string, organizationId?: string | null): void;
  /** Breaks the connections; new ones are answered 503 until `open`. */
  shut(): void;
  open(): void;
  /** The cursors that were asked for and acknowledged, in order. */
  askedFor: (string | null)[];
  acknowledged: number[];
}

/** For tests of a feed that is late: soon, and still longer than a busy machine keeps a process waiting. */
export const heartbeatMs = 500;
/** For all others: a feed that is never late. */
const neverLateMs = 60_000;

/** `beatMs`: how often it promises a heartbeat; it sends more. */
export async function startFakeKeyward(beatMs = neverLateMs): Promise<FakeKeyward> {
  const keys = { oauth: newKey('ES256', 'at+jwt', 'oauth-1'), debricked: newKey('RS256', 'JWT', 'debricked-1') };
  const answers: FakeKeyward['answers'] = {};
  const subscribers = new Set<ServerResponse>();
  const journal: string[] = [];
  let isShut = false;
  const tap: FeedTap = {
    head: 0,
    beats: true,
    askedFor: [],
    acknowledged: [],
    change(type, id, action = `${type}.changed`, concerned = 'o1') {
      tap.head += 1;
      const organizationId = ['plan', 'signing_key', 'api'].includes(type) ? null : concerned;
      const data = { seq: tap.head, at: new Date().toISOString(), organizationId, action, subject: { type, id } };
      journal[tap.head] = event('change', data, tap.head);
      for (const follower of subscribers) follower.write(journal[tap.head]);
    },
    shut() {
      isShut = true;
      for (const follower of subscribers) follower.destroy();
      subscribers.clear();
    },
    open() {
      isShut = false;
    },
  };

  function follow(call: Call, response: ServerResponse): void {
    if (isShut) return void response.writeHead(503).end();
    const asked = new URL(call.url, 'http://x').searchParams.get('cursor');
    tap.askedFor.push(asked);
    const isKnown = asked !== null && Number(asked) <= tap.head;
    const cursor = isKnown ? Number(asked) : tap.head;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(event('hello', { cursor, reset: !isKnown, heartbeatMs: beatMs }));
    for (let seq = cursor + 1; seq <= tap.head; seq += 1) response.write(journal[seq]);
    subscribers.add(response);
    response.on('close', () => subscribers.delete(response));
  }

  const beating = setInterval(
    () => {
      if (!tap.beats) return;
      for (const follower of subscribers) follower.write(event('heartbeat', { cursor: tap.head }));
    },
    Math.min(beatMs / 5, 1000),
  );

  const server = await startRecordingServer((call, response) => {
    const path = call.url.split('?')[0];
    if (answers.instead?.(call, response)) return;
    if (isProbe(call)) return answerJson(response, 200, { allowed: false, reason: 'missing' });
    if (path === '/.well-known/jwks.json') {
      return answerJson(response, 200, { keys: Object.values(keys).map(({ publicJwk }) => publicJwk) });
    }
    if (path === '/v1/feed') return follow(call, response);
    if (path === '/v1/feed/acknowledgements') {
      tap.acknowledged.push(JSON.parse(call.body).cursor);
      return void response.writeHead(204).end();
    }
    if (path === '/v1/leases') return answerJson(response, 200, { leases: leasesFor(JSON.parse(call.body)) });
    if (path !== '/v1/verify') return void response.writeHead(404).end();
    Promise.resolve((answers.verify ?? yes)(JSON.parse(call.body))).then(
      (answer) => answerJson(response, 200, answer),
      () => response.destroy(),
    );
  });
  function leasesFor({ leases }: LeaseRequest): Lease[] {
    return leases.map((wanted) => {
      const lease = (answers.lease ?? unlimited)(wanted);
      return { organization: wanted.organization ?? 'o1', whenUnavailable: 'local', ...lease };
    });
  }

  return {
    ...server,
    get calls() {
      return server.calls.filter((call) => !isProbe(call));
    },
    keys,
    answers,
    feed: tap,
    count: (path) => server.calls.filter((call) => call.url.split('?')[0] === path && !isProbe(call)).length,
    close() {
      clearInterval(beating);
      return server.close();
    },
  };
}

/** Whether a verifier may ask at all is asked before it is ready, about nobody. */
function isProbe({ url, body }: Call): boolean {
  return url === '/v1/verify' && JSON.parse(body).credential === '';
}

export function principalOf(id: string, permissions: string[] = ['read:x'], organizationId = 'o1') {
  return {
    id,
    type: 'api_token' as const,
    name: `The one called ${id}`,
    externalId: null,
    organization: { id: organizationId, name: organizationId === 'o1' ? 'acme' : organizationId, externalId: null },
    permissions,
    expiresAt: null,
    organizationId,
    ownerId: 'u1',
  };
}

/** Whoever shows an API token is called as it is; a JWT's holder as its `src` says. */
export function yes({ credential }: VerifyRequest): VerifyResponse {
  const claims = credential.startsWith('ey')
    ? JSON.parse(Buffer.from(credential.split('.')[1] ?? '', 'base64url').toString())
    : {};
  const id = typeof claims.src === 'string' ? (claims.src.split(':')[1] ?? '') : credential.slice(3, 25);
  const expiresAt = typeof claims.exp === 'number' ? new Date(claims.exp * 1000).toISOString() : null;
  return { allowed: true, principal: { ...principalOf(id), expiresAt } };
}

function unlimited(): FakeLease {
  return { plan: null, limit: 0, windowMs: 0, granted: 0, expiresInMs: 0, retryAfterMs: 0 };
}

function newKey(alg: 'ES256' | 'RS256', typ: string, kid: string): SigningKey {
  const pair =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicJwk = { ...pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  return { kid, alg, typ, privateKey: pair.privateKey, publicJwk };
}

function event(name: string, data: unknown, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function encode(part: unknown): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

/** A compact JWS with a good signature of `key`, whatever header and claims say. */
export function signed(key: Pick<SigningKey, 'privateKey'>, header: unknown, claims: unknown): string {
  const input = `${encode(header)}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}
