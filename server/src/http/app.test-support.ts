// What this room's tests share: two small dialects, a core that gives fixed answers, and a client that writes raw bytes.
// For tests only.

import { connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Principal } from '../core/caller/records.ts';
import type { Budget } from '../core/checking/limit.ts';
import type { Call, Inspection, Requirement, Verdict } from '../core/checking/verify.ts';
import type { Core } from '../core/core.ts';
import { KeywardError } from '../core/errors.ts';
import { type Dialect, identify } from '../dialects/dialect.ts';
import { type AppOptions, createApp } from './app.ts';
import { createLogger } from './log.ts';

export const principal: Principal = {
  type: 'api_token',
  id: 'tok_1',
  name: 'Łódź ☃\r\nX-Evil: 1',
  externalId: 'till 7/Łódź',
  organization: { id: 'org_1', name: 'acme', isOperator: false, externalId: 'cus_1', entitlement: null },
  owner: { type: 'user', id: 'usr_1', name: 'Ann', number: 7, role: 'admin' },
  permissions: ['read:items', 'write:*'],
  held: ['read:items', 'write:*'],
  apis: null,
  expiresAt: null,
};

/** Of a call that was let in. */
export const budget: Budget = {
  plan: 'free',
  name: 'free',
  limit: 500,
  windowMs: 3_600_000,
  admitted: true,
  remaining: 499,
  resetMs: 1_500,
  retryAfterMs: 0,
};

/** Every inspection that was asked for, newest last. */
export interface StubCore extends Core {
  asked: { credential: string | null; requirement: Requirement | undefined }[];
}

/** Accepts the credential `good`; `weak` lacks a permission; the organization must be `acme`. */
export function stubCore(changes: Partial<Core> = {}): StubCore {
  const asked: StubCore['asked'] = [];
  const inspect = async (credential: string | null, requirement?: Requirement): Promise<Inspection> => {
    asked.push({ credential, requirement });
    if (credential === null || credential === '') return { allowed: false, reason: 'missing' };
    if (credential === 'weak') return { allowed: false, reason: 'missing_permission', principal };
    if (credential !== 'good') return { allowed: false, reason: 'unknown' };
    if ((requirement?.organization ?? 'acme') !== 'acme') return { allowed: false, reason: 'wrong_organization' };
    return { allowed: true, principal };
  };
  const verify = async (credential: string | null, call?: Call): Promise<Verdict> => {
    const seen = await inspect(credential, call);
    return seen.allowed ? { ...seen, budget: null } : seen;
  };
  const admit = async () => ({ allowed: true, budget: null }) as const;
  const publicKeys = () => ({ keys: [{ kty: 'EC', kid: 'k1' }] });
  return {
    inspect,
    recognise: inspect,
    verify,
    admit,
    publicKeys,
    publicAddress: () => 'https://auth.example',
    resourceMetadataOf: () => undefined,
    ready: async () => undefined,
    tellOwnUse: () => undefined,
    ...changes,
    asked,
    sawInClear: async () => undefined,
  } as Partial<StubCore> as StubCore;
}

const statuses: Partial<Record<KeywardError['code'], number>> = {
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  too_large: 413,
  uri_too_long: 414,
  unsupported_media_type: 415,
  internal: 500,
  unavailable: 503,
};

/** A dialect that says everything it was told, so that a test can see it. */
export function stubDialect(name: Dialect['name'], paths: readonly string[], more: Partial<Dialect> = {}): Dialect {
  return {
    name,
    paths,
    accepts: ['api_token'],
    bodies: ['json', 'form'],
    reference: { about: 'A stub.', error: Type.Object({}), operations: {} },
    mount: () => undefined,
    refuse: ({ reason }) => ({
      status: reason === 'missing_permission' ? 403 : 401,
      headers: { 'www-authenticate': `Bearer realm="${name}"` },
      body: { by: name, reason },
    }),
    fail: ({ code, message, detail }) => ({
      status: statuses[code] ?? 400,
      body: { by: name, code, message, faults: detail.faults, allow: detail.allow },
    }),
    ...more,
  };
}

/** Native with a few endpoints of each sort. */
export const native = stubDialect('native', ['/v1'], {
  mount(scope: FastifyInstance, core: Core) {
    const person = {
      type: 'object',
      required: ['name'],
      additionalProperties: false,
      properties: {
        name: { type: 'string', maxLength: 10 },
        tags: { type: 'array', items: { type: 'string' } },
      },
    };
    scope.get('/v1/self', async (request) => (await identify(request, core)).id);
    scope.get('/v1/query', (request) => ({ query: request.query }));
    scope.get('/v1/items/:id', (request) => ({ params: request.params }));
    scope.post('/v1/items/search', () => ({ found: [] }));
    scope.post('/v1/people', { schema: { body: person } }, (request) => ({ body: request.body }));
    scope.post('/v1/echo', (request) => ({ body: request.body ?? 'nothing' }));
    scope.get('/v1/bug', () => {
      throw new Error('SELECT secret FROM /etc/passwd');
    });
    scope.get('/v1/down', () => {
      throw new KeywardError('unavailable', 'Try again.', { cause: new Error('the database is gone') });
    });
    scope.get('/v1/bare401', (_request, reply) => reply.code(401).send({}));
  },
});

export interface Running {
  app: FastifyInstance;
  core: StubCore;
  /** `http://127.0.0.1:port` */
  url: string;
  port: number;
  logged: string[];
  close(): Promise<void>;
}

/**
 * Starts an app on a free port; the demo's leniency towards plain loopback is on unless said otherwise, and so is the fast
 * path, unless KEYWARD_FAST_PATH is `false`: tests run with it and without.
 */
export async function start(options: Partial<AppOptions> = {}, host = '127.0.0.1'): Promise<Running> {
  const logged: string[] = [];
  const core = (options.core as StubCore | undefined) ?? stubCore();
  const logger = createLogger('debug', { write: (line: string) => logged.push(line) });
  const fastPath = process.env.KEYWARD_FAST_PATH !== 'false';
  const app = createApp({ dialects: [native], logger, allowPlainLoopback: true, fastPath, ...options, core });
  const url = await app.listen({ host, port: 0 });
  return { app, core, url, port: Number(new URL(url).port), logged, close: () => app.close() };
}

/**
 * Writes bytes as they are and gives back all that is answered until that `isWhole`, or the other side closes or falls
 * silent. A slow machine has longer for its first byte.
 */
export function sendRaw(
  port: number,
  bytes: string | Buffer,
  silenceMs = 3_000,
  isWhole: (answer: string) => boolean = () => false,
): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    const end = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(Math.max(silenceMs, 5_000), end);
    socket.on('data', (piece) => {
      socket.setTimeout(silenceMs);
      answer += piece.toString('latin1');
      if (isWhole(answer)) end();
    });
    socket.on('error', end);
    socket.on('close', end);
  });
}

/** Writes one request on a connection that stays open, and gives back its answer once that is whole by its own length. */
export function sendOne(port: number, bytes: string | Buffer, isHead = false): Promise<string> {
  return sendRaw(port, bytes, 10_000, (answer) => {
    const head = answer.indexOf('\r\n\r\n');
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(answer.slice(0, head))?.[1] ?? 0);
    return head >= 0 && answer.length >= head + 4 + (isHead ? 0 : length);
  });
}

/** The status of a raw answer, or 0 where the connection was closed without one. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}
