// Every error's way out: one place where it becomes a failure, is logged if it is ours, and is sent in a dialect's words.
// What a failure is called is for failure.ts, and whose words it takes for speaker.ts.

import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { KeywardError } from '../core/errors.ts';
import type { Answer } from '../dialects/dialect.ts';
import { rateLimitHeaders } from '../dialects/rate-limit.ts';
import { failureOf } from './failure.ts';
import { type Speaker, sendAnswer, wordsFor } from './speaker.ts';

/** A path that nobody knows, or one that is known under other methods (RFC 9110 section 15.5.6). */
export function unmatched(app: FastifyInstance, request: FastifyRequest): KeywardError {
  const allow = app.supportedMethods.filter(
    (method) => app.findRoute({ method: method as HTTPMethods, url: request.url }) !== null,
  );
  if (allow.length === 0) return new KeywardError('not_found', 'There is nothing at this path.');
  return new KeywardError('method_not_allowed', `This path answers ${allow.join(', ')}.`, { allow });
}

/**
 * Sends any error in the words of whoever speaks here. A bug is logged under an id, and the id is all that the client
 * learns (S84).
 */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  speaker: Speaker,
): FastifyReply {
  const failure = failureOf(error, request) ?? reportBug(error, request);
  if (failure.code === 'unavailable') logFailure('warn', failure, request, 'unavailable');
  const answer = wordSafely(failure, request, speaker);
  if (failure.detail.budget !== undefined) reply.headers(rateLimitHeaders(failure.detail.budget));
  if (failure.detail.allow !== undefined) reply.header('allow', failure.detail.allow.join(', '));
  return sendAnswer(reply, answer);
}

function reportBug(error: unknown, request: FastifyRequest): KeywardError {
  const id = randomBytes(8).toString('hex');
  logFailure('error', error, request, 'internal error', id);
  return new KeywardError('internal', `Internal error. Its id in the log is ${id}.`);
}

function wordSafely(failure: KeywardError, request: FastifyRequest, speaker: Speaker): Answer {
  try {
    const dialect = speaker(request);
    if (dialect !== undefined) return wordsFor(dialect, failure, request);
  } catch (error) {
    logFailure('error', error, request, 'a dialect failed to word an answer');
  }
  const headers = { 'content-type': 'application/problem+json' };
  return { status: 500, headers, body: { type: 'about:blank', title: 'Internal error', status: 500 } };
}

function logFailure(level: 'warn' | 'error', err: unknown, request: FastifyRequest, what: string, id?: string): void {
  const { id: reqId, method, routeOptions } = request;
  request.log[level]({ reqId, err, method, route: routeOptions.url, id }, what);
}
