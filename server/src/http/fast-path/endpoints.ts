// The doors: what is asked before every call of a guarded API is answered ahead of the router, which costs more than the
// answer. A door takes only requests to which no law could object; all others go on to the router, where the laws are.
// So it refuses nobody for a request's form, and decides no more than the route that it belongs to.

import type { FastifyContextConfig, FastifyInstance, RouteOptions } from 'fastify';
import type { Awaitable } from '../../core/awaitable.ts';
import type { Presented } from '../../dialects/credential-location.ts';
import type { AfterBody, Answer, Asked, Door } from '../../dialects/dialect.ts';
import { readJson } from '../body-parsers.ts';
import { clientOf, isLoopback, type TrustedProxies } from '../client-address.ts';
import { credentialIn } from '../credential.ts';
import type { Speaker, Spoken } from '../dialect-of.ts';
import { bodyText, mediaTypeOf } from '../dialect-of.ts';
import { errorAnswer, type Scene } from '../error-handler.ts';
import type { Logger } from '../log.ts';
import { remembered } from '../memoize.ts';
import { requestId } from '../request-id.ts';
import { bodyLimit, strictQueryOf } from '../request-rules.ts';
import { hsts } from '../require-https.ts';
import { beginPlainly } from './connection.ts';
import { type Arrival, arrivalAtNode } from './request.ts';
import { headerLines, type Outgoing } from './response.ts';

/** What doors need of their surroundings. */
interface DoorParts {
  speaker: Speaker;
  trusted: TrustedProxies;
  acceptsApiToken: boolean;
  allowPlainLoopback: boolean;
  isTls: boolean;
  logger: Logger;
  isClosing(): boolean;
}

/** A route that has a door. */
interface OpenDoor {
  answer: Door;
  routeOptions: { url: string; config: FastifyContextConfig };
}

/** A request at a door, with all that Fastify's request has and answers are made of. */
interface Visit extends Omit<Asked, 'routeOptions'>, Scene {
  id: string;
  body: unknown;
  readonly raw: Arrival;
  readonly isSecure: boolean;
  /** Where the log is told how long it took. */
  readonly began: number | undefined;
}

/** Has the app's server try the doors of all routes that are registered after this. */
export function openDoors(app: FastifyInstance, parts: DoorParts): void {
  const { trusted, allowPlainLoopback, logger } = parts;
  const routes: RouteOptions[] = [];
  /** By path, then by method. */
  const doors = new Map<string, Map<string, OpenDoor>>();
  const isWatched = logger.isLevelEnabled('debug');
  const presented = function (this: Spoken): Presented {
    return credentialIn(this, parts.acceptsApiToken);
  };

  /** False if the request is for the router. */
  const enter = (raw: Arrival): boolean => {
    const { url, method, headers } = raw;
    const mark = url.indexOf('?');
    const door = doors.get(mark < 0 ? url : url.slice(0, mark))?.get(method);
    if (door === undefined || parts.isClosing() || !isPlain(raw)) return false;
    if (url.length > longestTarget) return false;
    const query = mark < 0 ? noQuery : queryIn(url.slice(mark + 1));
    if (query === null) return false;
    const { address, secure } = clientOf(raw, trusted);
    if (!secure && !(allowPlainLoopback && isLoopback(raw))) return false;
    const visit: Visit = {
      id: '',
      method,
      url,
      originalUrl: url,
      headers,
      query,
      params: undefined,
      body: undefined,
      clientAddress: address,
      asked: null,
      routeOptions: door.routeOptions,
      presented,
      log: logger,
      raw,
      isSecure: secure,
      began: isWatched ? performance.now() : undefined,
    };
    const answer = attempt(visit, () => door.answer(visit));
    if (answer === null) return false;
    settle(visit, answer);
    return true;
  };

  const attempt = <T>(visit: Visit, make: () => T): T | Answer => {
    try {
      return make();
    } catch (error) {
      return failed(visit, error);
    }
  };

  const failed = (visit: Visit, error: unknown): Answer => {
    visit.id ||= requestId(visit.headers);
    return errorAnswer(error, visit, parts.speaker);
  };

  const settle = (visit: Visit, answer: Awaitable<Answer | AfterBody>): void => {
    if (answer instanceof Promise) {
      answer.then(
        (one) => settle(visit, one),
        (error) => reply(visit, failed(visit, error)),
      );
    } else if (typeof answer === 'function') {
      visit.raw.readBody((bytes) =>
        settle(
          visit,
          attempt(visit, () => {
            visit.body = readJson(bytes);
            return answer(visit.body);
          }),
        ),
      );
    } else {
      reply(visit, answer);
    }
  };

  const reply = (visit: Visit, answer: Answer): void => {
    try {
      send(visit, answer);
    } catch (error) {
      // Such as a header that cannot be sent. What is said instead is made of our own words alone.
      send(visit, failed(visit, error));
    }
  };

  const send = (visit: Visit, answer: Answer): void => {
    const outgoing = outgoingOf(visit, answer, parts.isClosing());
    visit.raw.send(outgoing, visit.began === undefined ? undefined : () => watch(visit, outgoing.status, logger));
  };

  app.addHook('onRoute', (route) => {
    if (route.config?.door !== undefined) routes.push(route);
  });
  app.addHook('onReady', (done) => {
    // Only now has every scope said what it has to say about its routes.
    for (const { url, method, config = {} } of routes) {
      const answer = config.door;
      if (answer === undefined) continue;
      const methods = doors.get(url) ?? new Map<string, OpenDoor>();
      for (const one of [method].flat()) methods.set(one, { answer, routeOptions: { url, config } });
      doors.set(url, methods);
    }
    done();
  });
  app.server.removeAllListeners('request');
  app.server.on('request', (request, response) => {
    const arrival = arrivalAtNode(request, response);
    if (arrival === undefined || !enter(arrival)) app.routing(request, response);
  });
  beginPlainly(app, parts.isTls, enter);
}

const noQuery = Object.freeze({});

/** Longer ones are left to the law of lengths. */
const longestTarget = 1024;

/** No body but JSON of a known length: of that the laws have nothing to say. */
function isPlain({ method, headers }: Arrival): boolean {
  const { 'content-type': mediaType, 'content-length': length } = headers;
  if (length === undefined || length === '0') return mediaType === undefined || method === 'GET';
  return method === 'POST' && isJson(mediaType) && Number(length) <= bodyLimit;
}

function isJson(mediaType: string | undefined): boolean {
  return mediaType === 'application/json' || mediaType === 'application/json; charset=utf-8';
}

/** A query by the law of our own endpoints; null where the law refuses it. */
function queryIn(text: string): object | null {
  try {
    return readQuery(text);
  } catch {
    return null;
  }
}

/** What is refused may hold a credential, and is not remembered. */
const readQuery = remembered(1000, (text) => {
  if (text.includes('#')) throw new Error('This is a fragment.');
  return Object.freeze(strictQueryOf(`?${text}`));
});

/** The same head as the router's answers have, whoever words them. */
function outgoingOf({ isSecure }: Visit, answer: Answer, isLast: boolean): Outgoing {
  const kept = isSecure ? keptSecure : keptInClear;
  const known = isLast ? undefined : kept.get(answer);
  if (known !== undefined) return known;
  const { status, headers = noHeaders, body } = answer;
  const text = body === undefined ? '' : bodyText(body);
  const own = answer.lines === undefined ? linesBeside(headers, status, body, text) : answer.lines + uncached;
  const outgoing = { status, headers, lines: own + (isSecure ? secureLines : lifecycleLines), text, isLast };
  if (isLast || !Object.isFrozen(answer)) return outgoing;
  const whole = { ...outgoing, headers: noHeaders, lines: headerLines(headers) + outgoing.lines };
  kept.set(answer, whole);
  return whole;
}

/** Of answers that are frozen, since they are the same each time: as text, once. */
const [keptSecure, keptInClear] = [new WeakMap<Answer, Outgoing>(), new WeakMap<Answer, Outgoing>()];

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

const lifecycleLines = 'x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n';
const secureLines = `${lifecycleLines}strict-transport-security: ${hsts}\r\n`;

/** The same line as the router's answers get, once this one is out. */
function watch({ id, began = 0, headers, method, routeOptions }: Visit, status: number, logger: Logger): void {
  const ms = Math.round((performance.now() - began) * 1000) / 1000;
  logger.debug({ reqId: id || requestId(headers), method, route: routeOptions.url, status, ms }, 'answered');
}
