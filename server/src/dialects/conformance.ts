// What holds in every language: each reason and each failure has an answer that a client can live with. all.test.ts
// runs it for every dialect. What a dialect says in particular belongs to its own tests.

import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Refusal } from '../core/caller/refusal.ts';
import type { Core } from '../core/core.ts';
import { type CredentialReason, type ErrorCode, KeywardError, type KeywardErrorDetail } from '../core/errors.ts';
import { presentedCredential } from './credential-location.ts';
import type { Answer, Dialect } from './dialect.ts';

const reasons = Object.keys({
  missing: true,
  unknown: true,
  inactive: true,
  revoked: true,
  expired: true,
  exchange_only: true,
  wrong_organization: true,
  wrong_api: true,
  address_not_allowed: true,
  wrong_key: true,
  invalid_proof: true,
  nonce_required: true,
  missing_permission: true,
} satisfies Record<CredentialReason, true>) as CredentialReason[];

/** Only who has a good credential is refused for these. */
const knownReasons: ReadonlySet<CredentialReason> = new Set([
  'missing_permission',
  'wrong_organization',
  'wrong_api',
  'address_not_allowed',
]);

/** The statuses that may stand for a failure; a wire may have its own idea of some. */
const statuses: Record<ErrorCode, readonly number[]> = {
  invalid_request: [400, 401, 422],
  unauthenticated: [401],
  forbidden: [401, 403],
  not_found: [400, 404],
  method_not_allowed: [405],
  conflict: [400, 409],
  idempotency_key_reused: [400, 409, 422],
  too_large: [413],
  uri_too_long: [414],
  unsupported_media_type: [415],
  insecure_transport: [400, 403, 426],
  second_factor_required: [401, 403],
  confirmation_required: [403],
  too_many_requests: [429],
  unavailable: [503],
  internal: [500],
};

/** `unauthenticated` never reaches `fail`: http has it worded as the refusal that it is. */
const codes = (Object.keys(statuses) as ErrorCode[]).filter((code) => code !== 'unauthenticated');

const secret = 'kw_secretsecretsecretsecret_0123456789';
const inside = 'insideinsideinside';

/** What holds in all languages, for one of them. */
export function describeDialect(dialect: Dialect): void {
  describe(`the ${dialect.name} dialect`, () => {
    let asked: Asked;
    beforeAll(async () => {
      asked = await openRequest();
    });
    afterAll(() => asked.app.close());

    test.each(reasons)('answers %s with a refusal that tells the refused nothing', (reason) => {
      const answer = dialect.refuse(refusalFor(reason), asked.request(reason === 'missing' ? undefined : secret));
      expect(answer.status, `${reason} is 401 or 403`).toBeOneOf([401, 403]);
      const isKnown = knownReasons.has(reason);
      if (!isKnown) expect(answer.status, `403 would tell that there is such a credential: ${reason} is 401`).toBe(401);
      expectReadable(answer);
      expectSilent(answer);
    });

    test('challenges without an error code when no credential was sent [S7]', () => {
      const answer = dialect.refuse({ allowed: false, reason: 'missing' }, asked.request());
      expectChallenge(answer);
      expect(
        answer.headers?.['www-authenticate'],
        'no error="…" where nothing was sent (RFC 6750, section 3.1)',
      ).not.toContain('error');
    });

    test.each(codes)('answers %s with a status of its kind', (code) => {
      const answer = dialect.fail(failureOf(code), asked.request(secret));
      expect(statuses[code], `fail() answers ${code} with ${answer.status}, not with one of these`).toContain(
        answer.status,
      );
      expectReadable(answer);
      expectSilent(answer);
    });

    test.each(['too_many_requests', 'unavailable'] as const)('says after how many whole seconds %s ends', (code) => {
      const retryAfter = (detail: KeywardErrorDetail) =>
        dialect.fail(new KeywardError(code, 'Later.', detail), asked.request()).headers?.['retry-after'];
      expect(retryAfter({ retryAfterMs: 1500 }), 'the headers of fail() hold those of retryAfter(error)').toBe('2');
      expect(retryAfter({ retryAfterMs: 0 })).toBe('1');
      expect(retryAfter({})).toMatch(/^[1-9]\d*$/);
    });

    test('gives no leave to ask again where what was asked for may have been done', () => {
      const detail = { isOutcomeUnknown: true, retryAfterMs: 1500 };
      const { status, headers } = dialect.fail(new KeywardError('unavailable', 'Later.', detail), asked.request());
      expect(status).toBe(503);
      expect(headers ?? {}).not.toHaveProperty('retry-after');
    });

    test('names the id of an internal error, which is all that a client learns of it [S84]', () => {
      const answer = dialect.fail(
        new KeywardError('internal', 'Internal error. Its id in the log is abc123.'),
        asked.request(),
      );
      expect(textOf(answer), 'the body of fail() holds the message of the error').toContain('abc123');
    });

    test('registers its endpoints under its own paths, and asks core for nothing while it does', async () => {
      const app = Fastify({ exposeHeadRoutes: false });
      const urls: string[] = [];
      app.addHook('onRoute', ({ url }) => {
        urls.push(url);
      });
      app.register(async (scope) => dialect.mount(scope, {} as Core));
      await app.ready();
      for (const url of urls) {
        expect(
          dialect.paths.some((path) => url === path || url.startsWith(`${path}/`)),
          `${url} is under one of the dialect's paths: ${dialect.paths.join(', ')}`,
        ).toBe(true);
      }
      for (const path of dialect.paths) expect(path).toMatch(/^\/.*[^/]$/);
      await app.close();
    });
  });
}

interface Asked {
  app: FastifyInstance;
  request(credential?: string): FastifyRequest;
}

/** A request as a dialect sees it, kept beyond its answer. */
async function openRequest(): Promise<Asked> {
  const app = Fastify();
  let kept: FastifyRequest | undefined;
  app.decorateRequest('presented', function (this: FastifyRequest) {
    return presentedCredential({ authorization: this.headers.authorization, acceptsApiToken: true, apiTokens: [] });
  });
  app.get('/probe', (request) => {
    kept = request;
    return '';
  });
  await app.inject('/probe');
  if (kept === undefined) throw new Error('No request was made.');
  const request = kept as FastifyRequest;
  const { headers } = request.raw;
  return {
    app,
    request(credential) {
      if (credential === undefined) delete headers.authorization;
      else headers.authorization = `Bearer ${credential}`;
      return request;
    },
  };
}

function refusalFor(reason: CredentialReason): Refusal {
  const owner = { type: 'user', id: inside, name: inside, number: 1, role: inside } as const;
  const organization = { id: inside, name: inside, isOperator: false, externalId: inside, entitlement: null };
  const principal = {
    type: 'user',
    id: inside,
    name: inside,
    organization,
    owner,
    permissions: [],
    held: [],
    apis: null,
    expiresAt: null,
    externalId: inside,
  } as const;
  const known = reason === 'missing_permission' || reason === 'wrong_organization';
  return {
    allowed: false,
    reason,
    ...(reason === 'missing_permission' && { required: ['read:funds'] }),
    ...(known && { principal }),
  };
}

function failureOf(code: ErrorCode): KeywardError {
  return new KeywardError(code, 'What is wrong, for people.', {
    faults: [{ at: ['body', 'name'], kind: 'invalid', message: 'is wrong' }],
    reason: 'unknown',
    permission: 'read:funds',
    retryAfterMs: 1500,
    allow: ['GET'],
    cause: new Error(inside),
  });
}

/** A body that is announced as JSON is JSON, a 401 challenges (RFC 9110 section 15.5.2), no header is broken. */
function expectReadable(answer: Answer): void {
  const { headers = {}, body, status } = answer;
  for (const [name, value] of Object.entries(headers)) {
    expect(name, 'names of header fields are in lower case').toBe(name.toLowerCase());
    expect(value, `${name} holds what a header field may hold`).toMatch(/^[\t\x20-\x7e]*$/);
  }
  const type = headers['content-type'] ?? (typeof body === 'string' ? 'text/plain' : 'application/json');
  if (body !== undefined && /json/.test(type)) expect(JSON.parse(textOf(answer))).toBeTypeOf('object');
  if (status === 401) expectChallenge(answer);
}

function expectChallenge({ headers = {} }: Answer): void {
  const challenge = headers['www-authenticate'] ?? '';
  expect(challenge, 'a 401 says in www-authenticate how to come in: Bearer, apiToken or Basic').toMatch(
    /^(?:Bearer|apiToken|Basic)\b/,
  );
}

/** Neither what was presented nor whom it belongs to, nor what went wrong inside. */
function expectSilent(answer: Answer): void {
  const all = `${textOf(answer)}${JSON.stringify(answer.headers ?? {})}`;
  expect(all, 'no answer repeats what was presented').not.toContain(secret);
  expect(all, 'no answer tells whose a credential is, or what went wrong inside').not.toContain(inside);
}

function textOf({ body }: Answer): string {
  if (body === undefined) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}
