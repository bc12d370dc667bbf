// How an answer that says no becomes something a form can show.

import { expect, test } from 'vitest';
import { ApiProblem, problemIn, problemOf } from './problem.ts';

const answer = (body: unknown, status: number, headers: Record<string, string> = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });

test('takes code, words and fields from problem+json', async () => {
  const problem = await problemIn(
    answer(
      {
        type: 'https://auth.example.com/problems/invalid_request',
        title: 'Invalid request',
        detail: 'name is taken.',
        errors: [
          { at: '/body/name', message: 'is taken' },
          { at: '/body/addresses/0', message: 'is no address' },
          { at: '/query/limit', message: 'is too large' },
        ],
      },
      400,
    ),
  );
  expect([problem.code, problem.status, problem.message]).toEqual(['invalid_request', 400, 'name is taken.']);
  expect(problem.fields()).toEqual({ name: 'is taken', 'addresses/0': 'is no address' });
});

test('knows registered types, and when to try again', async () => {
  const type = 'https://iana.org/assignments/http-problem-types#quota-exceeded';
  const problem = await problemIn(answer({ type, title: 'Too many' }, 429, { 'retry-after': '7' }));
  expect([problem.code, problem.message, problem.retryAfterMs]).toEqual(['quota-exceeded', 'Too many', 7000]);
});

test.each(['<html>', '', 'null', '7'])('makes do with an answer of %j', async (body) => {
  const problem = await problemIn(answer(body, 502));
  expect([problem.code, problem.status, problem.message]).toEqual(['internal', 502, 'The server answered 502.']);
});

test('keeps a problem as it is, and owns up to everything else', () => {
  const problem = new ApiProblem('conflict', 409, 'Taken.');
  expect(problemOf(problem)).toBe(problem);
  expect(problemOf(new TypeError('x is undefined'))).toMatchObject({ code: 'portal_fault', message: 'x is undefined' });
});
