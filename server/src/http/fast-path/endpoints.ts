// The endpoints that are asked before every call of a guarded API are answered ahead of the router, which costs more than
// the answer. Only requests to which no request rule could object are answered here; all others go on to the router, where
// the rules are applied. So nobody is refused here for a request's form, and nothing is decided but what the route decides.

import type { FastifyContextConfig, FastifyInstance, RouteOptions } from 'fastify';
import type { Awaitable } from '../../core/awaitable.ts';
import type { AnswerLinks } from '../../dialects/answer-links.ts';
import type { Presented } from '../../dialects/credential-location.ts';
import type { AfterBody, Answer, FastAnswer, RequestView } from '../../dialects/dialect.ts';
import { readForm, readJson } from '../body-parsers.ts';
import { clientOf, isLoopback, type TrustedProxies } from '../client-address.ts';
import { credentialIn } from '../credential.ts';
import type { DialectContext, LinksOf, SelectDialect } from '../dialect-selection.ts';
import { bodyText, mediaTypeOf } from '../dialect-selection.ts';
import { type ErrorContext, errorAnswer } from '../error-handler.ts';
import type { Logger } from '../log.ts';
import { memoized } from '../memoize.ts';
import { showsKey } from '../proof/proof.ts';
import { refusalHeader, requestId } from '../request-id.ts';
import { bodyLimit, strictQueryOf } from '../request-rules.ts';
import { hsts } from '../require-https.ts';
import type { RequestLog } from '../tracing/request-log.ts';
import { tracedAnswers } from '../tracing/traced-requests.ts';
import type { Tracer } from '../tracing/tracer.ts';
import type { UnavailableLog } from '../unavailable-log.ts';
import type { AnswerFast } from './connection.ts';
import { type RawRequest, requestFromNode } from './request.ts';
import { headerLines, type RawResponse } from './response.ts';

/** What the fast path needs of its surroundings. */
interface FastPathParts {
  selectDialect: SelectDialect;
  linksOf: LinksOf;
  trusted: TrustedProxies;
  acceptsApiToken: boolean;
  allowPlainLoopback: boolean;
  /** True if browsers' calls are the router's, which says who may read its answers. */
  hasCors: boolean;
  logger: Logger;
  unavailable: Pick<UnavailableLog, 'failed'>;
  /** Null if no answer leaves a line. */
  requestLog: RequestLog;
  /** Records what is answered here; without it nothing of that is on the way of a check. */
  tracer?: Tracer | undefined;
  isClosing(): boolean;
}

/** A route that is answered here too. */
interface FastEndpoint {
  answer: FastAnswer;
  body: BodyKind;
  routeOptions: { url: string; config: FastifyContextConfig };
}

/** A request on the fast path, with all that Fastify's request has and answers are made of. */
interface FastRequest extends Omit<RequestView, 'routeOptions'>, ErrorContext {
  id: string;
  body: unknown;
  readonly parseBody: BodyKind['parse'];
  readonly raw: RawRequest;
  readonly isSecure: boolean;
  /** Where the log is told how long it took. */
  readonly began: number | undefined;
  readonly traceId: string | undefined;
}

/**
 * Has the app's server try this way first, for all routes that are registered after this and have a `fastAnswer`. Gives
 * back what answers a request that Node has not read; it says false to what is for the router.
 */
export function mountFastPath(app: FastifyInstance, parts: FastPathParts): AnswerFast {
  const { trusted, allowPlainLoopback, logger, requestLog, tracer } = parts;
  const routes: RouteOptions[] = [];
  /** By path, then by method. */
  const endpoints = new Map<string, Map<string, FastEndpoint>>();
  const presented = function (this: DialectContext): Presented {
    return credentialIn(this, parts.acceptsApiToken);
  };
  const links = function (this: DialectContext): AnswerLinks {
    return parts.linksOf(this);
  };

  const proof = (): never => {
    throw new Error('A call that shows a key is for the router.');
  };

  /** False if the request is for the router. */
  const answerUntraced = (raw: RawRequest): boolean => {
    const { url, method, headers } = raw;
    const mark = url.indexOf('?');
    const fastAnswer = endpoints.get(mark < 0 ? url : url.slice(0, mark))?.get(method);
    if (fastAnswer === undefined || parts.isClosing() || !isPlain(raw, fastAnswer.body)) return false;
    if (url.length > longestTarget || (parts.hasCors && headers.origin !== undefined)) return false;
    if (showsKey(headers)) return false;
    const query = mark < 0 ? noQuery : queryIn(url.slice(mark + 1));
    if (query === null) return false;
    const { address, secure } = clientOf(raw, trusted);
    if (!secure && !(allowPlainLoopback && isLoopback(raw))) return false;
    const request: FastRequest = {
      id: '',
      method,
      url,
      originalUrl: url,
      headers,
      query,
      params: undefined,
      body: undefined,
      parseBody: fastAnswer.body.parse,
      clientAddress: address,
      asked: null,
      refusalId: null,
      routeOptions: fastAnswer.routeOptions,
      presented,
      links,
      proof,
      log: logger,
      raw,
      isSecure: secure,
      began: requestLog.isOn() ? performance.now() : undefined,
      traceId: requestLog.isOn() ? requestLog.traceId() : undefined,
    };
    const answer = attempt(request, () => fastAnswer.answer(request));
    if (answer === null) return false;
    settle(request, answer);
    return true;
  };

  const attempt = <T>(request: FastRequest, make: () => T): T | Answer => {
    try {
      return make();
    } catch (error) {
      return failed(request, error);
    }
  };

  const failed = (request: FastRequest, error: unknown): Answer => {
    request.id ||= requestId(request.headers);
    return errorAnswer(error, request, parts.selectDialect, parts.unavailable);
  };

  const settle = (request: FastRequest, answer: Awaitable<Answer | AfterBody>): void => {
    if (answer instanceof Promise) {
      answer.then(
        (one) => settle(request, one),
        (error) => reply(request, failed(request, error)),
      );
    } else if (typeof answer === 'function') {
      request.raw.readBody((bytes) =>
        settle(
          request,
          attempt(request, () => {
            request.body = request.parseBody(bytes);
            return answer(request.body);
          }),
        ),
      );
    } else {
      reply(request, answer);
    }
  };

  const reply = (request: FastRequest, answer: Answer): void => {
    try {
      send(request, answer);
    } catch (error) {
      // Such as a header that cannot be sent. What is said instead is made of our own words alone.
      send(request, failed(request, error));
    }
  };

  /** The same line as the router's answers get, once this one is out. */
  const watch = (
    { id, began = 0, headers, method, routeOptions, clientAddress: address, refusalId, traceId }: FastRequest,
    status: number,
  ): void => {
    const ms = performance.now() - began;
    const known = id || requestId(headers);
    requestLog.tell({ id: known, method, route: routeOptions.url, status, ms, address, refusalId, traceId });
  };

  const send = (request: FastRequest, answer: Answer): void => {
    const outgoing = refusalNamed(responseOf(request, answer, parts.isClosing()), request.refusalId);
    request.raw.send(outgoing, request.began === undefined ? undefined : () => watch(request, outgoing.status));
  };

  const answerFast = tracer === undefined ? answerUntraced : tracedAnswers(answerUntraced, tracer);

  app.addHook('onRoute', (route) => {
    if (route.config?.fastAnswer !== undefined) routes.push(route);
  });
  app.addHook('onReady', (done) => {
    // Only now has every scope said what it has to say about its routes.
    for (const { url, method, config = {} } of routes) {
      const answer = config.fastAnswer;
      if (answer === undefined) continue;
      const methods = endpoints.get(url) ?? new Map<string, FastEndpoint>();
      const body = bodyKinds[config.fastBodies ?? 'json'];
      for (const one of [method].flat()) methods.set(one, { answer, body, routeOptions: { url, config } });
      endpoints.set(url, methods);
    }
    done();
  });
  app.server.removeAllListeners('request');
  app.server.on('request', (raw, response) => {
    const request = requestFromNode(raw, response);
    if (request === undefined || !answerFast(request)) app.routing(raw, response);
  });
  return answerFast;
}

const noQuery = Object.freeze({});

/** Longer ones are left to the rule about lengths. */
const longestTarget = 1024;

/** No body but one of this kind, of a known length: to that no request rule objects. */
function isPlain({ method, headers }: RawRequest, { isNamedBy }: BodyKind): boolean {
  const { 'content-type': mediaType, 'content-length': length } = headers;
  if (length === undefined || length === '0') return mediaType === undefined || method !== 'POST';
  return method === 'POST' && mediaType !== undefined && isNamedBy.test(mediaType) && Number(length) <= bodyLimit;
}

interface BodyKind {
  isNamedBy: RegExp;
  parse(bytes: Buffer): unknown;
}

const bodyKinds: Readonly<Record<'json' | 'form', BodyKind>> = {
  json: { isNamedBy: /^application\/json(?:; charset=utf-8)?$/, parse: readJson },
  form: { isNamedBy: /^application\/x-www-form-urlencoded(?:; ?charset=utf-8)?$/i, parse: readForm },
};

/** A query by the rules of our own endpoints; null where they refuse it. */
function queryIn(text: string): object | null {
  try {
    return readQuery(text);
  } catch {
    return null;
  }
}

/** What is refused may hold a credential, and is not remembered. */
const readQuery = memoized(1000, (text) => {
  if (text.includes('#')) throw new Error('This is a fragment.');
  return Object.freeze(strictQueryOf(`?${text}`));
});

/** The same head as the router's answers have, whoever words them. */
function responseOf({ isSecure }: FastRequest, answer: Answer, isLast: boolean): RawResponse {
  const kept = isSecure ? keptSecure : keptInClear;
  const known = isLast ? undefined : kept.get(answer);
  if (known !== undefined) return known;
  const { status, headers = noHeaders, body } = answer;
  const text = body === undefined ? '' : bodyText(body);
  const own = answer.lines === undefined ? linesBeside(headers, status, body, text) : answer.lines + uncached;
  const outgoing = { status, headers, lines: own + (isSecure ? secureLines : standardLines), text, isLast };
  if (isLast || !Object.isFrozen(answer)) return outgoing;
  const whole = { ...outgoing, headers: noHeaders, lines: headerLines(headers) + outgoing.lines };
  kept.set(answer, whole);
  return whole;
}

/** The answer to a refused call says what it can be found by; the rest of it may be the same each time. */
function refusalNamed(answer: RawResponse, refusalId: string | null): RawResponse {
  if (refusalId === null) return answer;
  return { ...answer, lines: `${answer.lines}${refusalHeader}: ${refusalId}\r\n` };
}

/** Of answers that are frozen, since they are the same each time: as text, once. */
const [keptSecure, keptInClear] = [new WeakMap<Answer, RawResponse>(), new WeakMap<Answer, RawResponse>()];

const noHeaders = Object.freeze({});
const uncached = 'cache-control: no-store\r\n';

/** What an answer does not say itself. */
function linesBeside(headers: NonNullable<Answer['headers']>, status: number, body: unknown, text: string): string {
  let lines = headers['cache-control'] === undefined ? uncached : '';
  if (status === 401 && headers['www-authenticate'] === undefined) lines += 'www-authenticate: Bearer\r\n';
  if (body !== undefined && headers['content-type'] === undefined) lines += `content-type: ${mediaTypeOf(body)}\r\n`;
  if (headers['content-length'] === undefined) lines += `content-length: ${Buffer.byteLength(text)}\r\n`;
  return lines;
}

const standardLines = 'x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n';
const secureLines = `${standardLines}strict-transport-security: ${hsts}\r\n`;
