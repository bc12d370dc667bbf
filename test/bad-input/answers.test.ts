// What the flood of bad requests would notice: each fault, on an answer made up for it.

import { expect, test } from 'vitest';
import { comparable, faultsOf } from './answers.ts';
import { endpoints } from './endpoints.ts';
import { canary } from './headers.ts';
import type { Reply } from './http-client.ts';

const [endpoint] = endpoints;
if (endpoint === undefined) throw new Error('There are no endpoints.');
const request = { endpoint, call: { method: 'POST', target: '/v1/login', headers: [] }, refused: true };

const problem = {
  type: 'https://auth.example/problems/invalid_request',
  title: 'Invalid request',
  status: 400,
  detail: 'd',
};
const reply = (status: number, body: object | string = problem, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: new Map(Object.entries({ 'content-type': 'application/problem+json', ...headers })),
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

test.each<[string, Reply]>([
  ['answered 500', reply(500)],
  ['answered 503', reply(503)],
  ['answered 302', reply(302)],
  ['answered 200 where only a 4xx may come', reply(200)],
  ['redirects', reply(400, problem, { location: '/x' })],
  ['401 without a challenge', reply(401)],
  ['repeats a secret', reply(400, { ...problem, detail: `No ${canary}.` })],
  ['tells of its inside', reply(400, { ...problem, detail: 'SQLITE_ERROR' })],
  ['tells of its inside', reply(400, { ...problem, detail: 'at read (/x/form.ts:3:1)' })],
  ['does not speak its dialect', reply(400, { error: 'x' })],
  ['does not speak its dialect', reply(400, problem, { 'content-type': 'application/json' })],
  ['does not speak its dialect', reply(400, { ...problem, type: 'about:blank' })],
])('notices an answer that "%s"', (fault, answer) => {
  expect(faultsOf(request, answer)).toContain(fault);
});

test('has nothing against a refusal in the words of its dialect', () => {
  expect(faultsOf(request, reply(400))).toEqual([]);
});

test('compares what two databases answer, but for ids', () => {
  const id = () => crypto.randomUUID();
  const told = (detail: string) => comparable(request, reply(404, { ...problem, detail }));
  expect(told(`No ${id()}.`)).toBe(told(`No ${id()}.`));
  expect(told('one')).not.toBe(told('other'));
});
