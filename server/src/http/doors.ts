// The doors: what is asked before every call of a guarded API is answered ahead of the router, which costs more than the
// answer. A door takes only requests to which no law could object; all others go on to the router, where the laws are.
// So it refuses nobody for a request's form, and decides no more than the route that it belongs to.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyContextConfig, FastifyInstance, RouteOptions } from 'fastify';
import type { Awaitable } from '../core/awaitable.ts';
import type { AfterBody, Answer, Asked, Door } from '../dialects/dialect.ts';
import type { Presented } from '../dialects/presented.ts';
import { readJson } from './bodies.ts';
import { clientOf, isLoopback, type TrustedProxies } from './client-address.ts';
import { credentialIn } from './credential-of.ts';
import { errorAnswer, type Scene } from './error-answer.ts';
import type { Logger } from './log.ts';
import { remembered } from './remembered.ts';
import { requestId } from './request-id.ts';
import { areHeadersTooLarge, bodyLimit, strictQueryOf } from './request-laws.ts';
import { sendAtOnce } from './send-at-once.ts';
import type { Speaker, Spoken } from './speaker.ts';
import { bodyText, mediaTypeOf } from './speaker.ts';
import { hsts } from './transport.ts';

/** What doors need of their surroundings. */
interface DoorParts {
  speaker: Speaker;
  trusted: TrustedProxies;
  acceptsApiToken: boolean;
  allowPlainLoopback: boolean;
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
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
  readonly isSecure: boolean;
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
  const enter = (raw: IncomingMessage, response: ServerResponse): boolean => {
    const { url = '', method = '', headers } = raw;
    const mark = url.indexOf('?');
    const door = doors.get(mark < 0 ? url : url.slice(0, mark))?.get(method);
    if (door === undefined || parts.isClosing() || !isPlain(raw)) return false;
    if (url.length > longestTarget) return false;
    const query = mark < 0 ? noQuery : readQuery(url.slice(mark + 1)).query;
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
      response,
      isSecure: secure,
    };
    const answer = attempt(visit, () => door.answer(visit));
    if (answer === null) return false;
    if (isWatched) watch(visit, logger);
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
      readBody(visit.raw, (bytes) =>
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
      send(visit, answer, parts.isClosing());
    } catch (error) {
      // Such as a header that cannot be sent. What is said instead is made of our own words alone.
      send(visit, failed(visit, error), parts.isClosing());
    }
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
    if (!enter(request, response)) app.routing(request, response);
  });
}

const noQuery = Object.freeze({});

/** Longer ones are left to the law of lengths. */
const longestTarget = 1024;

/** No header twice, nothing too large, and no body but JSON of a known length: of these the laws have nothing to say. */
function isPlain({ method, rawHeaders, headers }: IncomingMessage): boolean {
  let names = 0;
  for (const _ in headers) names += 1;
  if (names * 2 !== rawHeaders.length || areHeadersTooLarge(rawHeaders)) return false;
  if (headers['transfer-encoding'] !== undefined || headers['content-encoding'] !== undefined) return false;
  const { 'content-type': mediaType, 'content-length': length } = headers;
  if (length === undefined || length === '0') return mediaType === undefined || method === 'GET';
  return method === 'POST' && isJson(mediaType) && Number(length) <= bodyLimit;
}

function isJson(mediaType: string | undefined): boolean {
  return mediaType === 'application/json' || mediaType === 'application/json; charset=utf-8';
}

/** A query by the law of our own endpoints; null where the law refuses it. */
const readQuery = remembered(1000, (text) => {
  try {
    return { query: text.includes('#') ? null : Object.freeze(strictQueryOf(`?${text}`)) };
  } catch {
    return { query: null };
  }
});

function readBody(raw: IncomingMessage, done: (bytes: Buffer) => void): void {
  const pieces: Buffer[] = [];
  raw.on('data', (piece: Buffer) => pieces.push(piece));
  raw.on('end', () => done(pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)));
}

/** The same head as the router's answers have, whoever words them. */
function send({ raw, response, isSecure }: Visit, answer: Answer, isLast: boolean): void {
  const { status, headers = {}, body } = answer;
  const text = body === undefined ? '' : bodyText(body);
  const lines = linesBeside(headers, status, body, text) + (isSecure ? secureLines : standingLines);
  if (!isLast && sendAtOnce(raw, response, status, { lines, headers, text })) return;
  const head = Object.entries(headers).flat();
  for (const line of lines.split('\r\n').slice(0, -1)) head.push(...line.split(': '));
  if (isLast) head.push('connection', 'close');
  response.writeHead(status, head).end(text);
}

/** What an answer does not say itself. */
function linesBeside(headers: NonNullable<Answer['headers']>, status: number, body: unknown, text: string): string {
  let lines = headers['cache-control'] === undefined ? 'cache-control: no-store\r\n' : '';
  if (status === 401 && headers['www-authenticate'] === undefined) lines += 'www-authenticate: Bearer\r\n';
  if (body !== undefined && headers['content-type'] === undefined) lines += `content-type: ${mediaTypeOf(body)}\r\n`;
  if (headers['content-length'] === undefined) lines += `content-length: ${Buffer.byteLength(text)}\r\n`;
  return lines;
}

const standingLines = 'x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n';
const secureLines = `${standingLines}strict-transport-security: ${hsts}\r\n`;

/** The same line as the router's answers get, once this one is out. */
function watch(visit: Visit, logger: Logger): void {
  const began = performance.now();
  visit.id = requestId(visit.headers);
  const { id, method, routeOptions, response } = visit;
  response.once('finish', () => {
    const ms = Math.round((performance.now() - began) * 1000) / 1000;
    logger.debug({ reqId: id, method, route: routeOptions.url, status: response.statusCode, ms }, 'answered');
  });
}
