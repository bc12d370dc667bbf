// Every error's way out: one place where it becomes a failure, is logged if it is ours, and is sent in a dialect's words.
// What a failure is called is for error-mapping.ts, and whose words it takes for dialect-selection.ts.

import { randomBytes } from 'node:crypto';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { budgetDetailOf } from '../core/checking/budget-error.ts';
import { KeywardError } from '../core/errors.ts';
import type { Answer } from '../dialects/dialect.ts';
import { rateLimitHeaders } from '../dialects/rate-limit.ts';
import { type DialectContext, type SelectDialect, sendAnswer, wordsFor } from './dialect-selection.ts';
import { type FailedRequest, failureOf } from './error-mapping.ts';
import type { UnavailableLog } from './unavailable-log.ts';

/** What an error's answer is made of, and what of a request is logged with it. Fastify's request is one. */
export interface ErrorContext extends DialectContext, FailedRequest {
  readonly id: string;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
}

/** A path that nobody knows, or one that is known under other methods (RFC 9110 section 15.5.6). */
export function unmatched(app: FastifyInstance, request: FastifyRequest): KeywardError {
  const allow = app.supportedMethods.filter(
    (method) => app.findRoute({ method: method as HTTPMethods, url: request.url }) !== null,
  );
  if (allow.length === 0) return new KeywardError('not_found', 'There is nothing at this path.');
  return new KeywardError('method_not_allowed', `This path answers ${allow.join(', ')}.`, { allow });
}

/** Sends the answer to an error. */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  selectDialect: SelectDialect,
  unavailable: Pick<UnavailableLog, 'failed'>,
): FastifyReply {
  return sendAnswer(reply, errorAnswer(error, request, selectDialect, unavailable));
}

/**
 * The answer to any error, in the words of whoever speaks here. A bug is logged under an id, and the id is all that the
 * client learns (S84).
 */
export function errorAnswer(
  error: unknown,
  request: ErrorContext,
  selectDialect: SelectDialect,
  unavailable: Pick<UnavailableLog, 'failed'>,
): Answer {
  const failure = failureOf(error, request) ?? reportBug(error, request);
  if (failure.code === 'unavailable') unavailable.failed(failure, request);
  const answer = wordSafely(failure, request, selectDialect);
  const { allow } = failure.detail;
  const { budget } = budgetDetailOf(failure);
  const headers = {
    ...(budget !== undefined && rateLimitHeaders(budget)),
    ...(allow !== undefined && { allow: allow.join(', ') }),
    ...answer.headers,
  };
  return { ...answer, headers };
}

function reportBug(error: unknown, request: ErrorContext): KeywardError {
  const id = randomBytes(8).toString('hex');
  logFailure(error, request, 'internal error', id);
  return new KeywardError('internal', `Internal error. Its id in the log is ${id}.`);
}

function wordSafely(failure: KeywardError, request: ErrorContext, selectDialect: SelectDialect): Answer {
  try {
    const dialect = selectDialect(request);
    if (dialect !== undefined) return wordsFor(dialect, failure, request);
  } catch (error) {
    logFailure(error, request, 'a dialect failed to word an answer');
  }
  const headers = { 'content-type': 'application/problem+json' };
  return { status: 500, headers, body: { type: 'about:blank', title: 'Internal error', status: 500 } };
}

function logFailure(err: unknown, request: ErrorContext, what: string, id?: string): void {
  const { id: reqId, method, routeOptions } = request;
  request.log.error({ reqId, err, method, route: routeOptions.url, id }, what);
}
