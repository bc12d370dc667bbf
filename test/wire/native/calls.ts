// What the native tests share: one call, ways to get a credential, and what a problem looks like. For tests only.

import { expect } from 'vitest';
import type { LoginResponse, Problem } from '../../../sdk/src/wire.ts';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { type Person, type TestServer, unlimited } from '../../server.ts';

export interface Answered<T = unknown> {
  status: number;
  headers: Headers;
  text: string;
  /** The body if it is JSON. Its type is what the test expects, which is the test's to prove. */
  body: T;
}

/** One call. A body that is not a string is sent as JSON. Of an answer without an end, as the feed's, only the start is read. */
export async function call<T = Record<string, unknown>>(
  server: Pick<TestServer, 'url'>,
  method: string,
  path: string,
  bearer?: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answered<T>> {
  const response = await fetch(server.url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await (isEndless(response) ? startOf(response) : response.text());
  const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

/** The challenge of Keyward's own API: with what was wrong, and where the metadata is (RFC 9728). */
export function challengeOf({ url }: Pick<TestServer, 'url'>, wrong = ''): string {
  return `Bearer realm="keyward"${wrong}, resource_metadata="${url}/.well-known/oauth-protected-resource"`;
}

function isEndless({ headers }: Response): boolean {
  return headers.get('content-type') === 'text/event-stream';
}

async function startOf({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return Buffer.from(first?.value ?? '').toString();
}

/** A signed-in user's access token. */
export async function signIn(server: Pick<TestServer, 'url'>, person: Pick<Person, 'email' | 'password'>) {
  const { email, password } = person;
  const answer = await call<LoginResponse>(server, 'POST', '/v1/login', undefined, { email, password });
  if (answer.status !== 200) throw new Error(`Signing in answered ${answer.status}: ${answer.text}`);
  return answer.body.accessToken;
}

/** The secret of an API token of this person with these permissions. */
export async function bearerOf(server: TestServer, person: Pick<Person, 'caller'>, permissions = ['*:*']) {
  return (await server.core.createApiToken(person.caller, { permissions })).secret;
}

/** A new user with this role, and the secret of an API token that may do all that its owner may. */
export async function bearerWithRole(server: TestServer, organization: { id: string; name: string }, role: string) {
  const email = `${role}.${Math.random().toString(36).slice(2)}@roles.example`;
  const { user } = await server.core.createUser(systemIn(organization), { email, name: role, role });
  const caller = await server.callerFor({ type: 'user', id: user.id });
  // Made in its name with every permission: not every role may make a token, or grant that.
  const { secret } = await server.core.createApiToken(unlimited(caller), { permissions: ['*:*'] });
  return { secret, id: user.id };
}

/** Expects a problem (RFC 9457) of this status and code, and answers it. */
export function expectProblem(answer: Answered, status: number, code: string): Problem {
  const body = answer.body as Problem;
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(body).toMatchObject({ type: expect.stringMatching(`^http.*/problems/${code}$`), status });
  expect(body.title).toMatch(/\w/);
  expect(body.detail).toMatch(/\w/);
  expect(answer.text).not.toMatch(/\bat .*\.ts:|select |insert |node_modules|sqlite|postgres/i);
  return body;
}

/** Expects 400 for what stands at these places, and no others. */
export function expectFaults(answer: Answered, ...places: string[]): void {
  const { errors = [] } = expectProblem(answer, 400, 'invalid_request');
  expect(errors.map(({ at }) => at).sort()).toEqual([...places].sort());
}

/** Expects 403 that names this permission. */
export function expectForbidden(answer: Answered, permission: string): void {
  expect(expectProblem(answer, 403, 'forbidden').permissions).toEqual([permission]);
}

export const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const nobody = '00000000-0000-4000-8000-000000000000';
