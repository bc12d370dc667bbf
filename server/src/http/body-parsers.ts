// The two body languages of our own endpoints, both read strictly. Anything else is refused before it is read.

import { isAscii } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { parseFlatObject, parseStrictJson } from '@keyward/rules/strict-json';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { KeywardError } from '../core/errors.ts';
import { parseForm } from './form.ts';
import { bodyLimit, malformed } from './request-rules.ts';

type Done = (error: Error | null, body?: unknown) => void;

/** Lets a scope read these bodies and no others. A JSON body that is empty is `undefined`. */
export function readBodies(scope: FastifyInstance, kinds: readonly ('json' | 'form')[]): void {
  const options = { parseAs: 'buffer', bodyLimit } as const;
  if (kinds.includes('json')) scope.addContentTypeParser('application/json', options, inUtf8(readJson));
  if (kinds.includes('form'))
    scope.addContentTypeParser('application/x-www-form-urlencoded', options, asRead(readForm));
}

/** Nothing has no media type: an act without a body takes the empty form that `curl -d ''` sends. */
export function forgetTypeOfNothing({ headers }: Pick<IncomingMessage, 'headers'>): void {
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) {
    delete headers['content-type'];
  }
}

/** The stream of a request's body; an empty one where Node has ended it already (listener.ts). */
export function bodyOf(request: IncomingMessage, payload: Readable = request): Readable {
  return request.readableEnded ? Readable.from([]) : payload;
}

/** Refuses a body in a coding that is not undone here; decompressing is how small bodies grow large. */
export function codingFault(request: FastifyRequest): KeywardError | undefined {
  const coding = request.headers['content-encoding'];
  if (coding === undefined || coding.toLowerCase() === 'identity') return undefined;
  return new KeywardError('unsupported_media_type', 'Send the body without a Content-Encoding.');
}

function inUtf8(read: (bytes: Buffer) => unknown) {
  return (request: FastifyRequest, bytes: Buffer, done: Done): void => {
    const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(request.headers['content-type'] ?? '')?.[1];
    if (charset !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(charset)) {
      done(new KeywardError('unsupported_media_type', `Send the body in UTF-8, not in ${charset.slice(0, 40)}.`));
      return;
    }
    if (request.routeOptions.config.keepsBytes === true) request.setDecorator('bodyBytes', bytes);
    asRead(read)(request, bytes, done);
  };
}

/** Whatever charset a form names, it is UTF-8 (WHATWG URL, application/x-www-form-urlencoded). */
function asRead(read: (bytes: Buffer) => unknown) {
  return (_request: FastifyRequest, bytes: Buffer, done: Done): void => {
    try {
      done(null, read(bytes));
    } catch (error) {
      done(error instanceof Error ? error : new Error('A body could not be read.', { cause: error }));
    }
  };
}

/** Bytes. What is longer is seldom flat, and would be read twice. */
const flatLength = 4096;

/** A JSON body as it was meant; undefined for an empty one. Throws KeywardError `invalid_request`. */
export function readJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  const flat = bytes.length <= flatLength ? parseFlatObject(bytes) : undefined;
  if (flat !== undefined) return flat;
  // Plain ASCII, as nearly all are, is well-formed as it is.
  const result = parseStrictJson(isAscii(bytes) ? bytes.toString('latin1') : bytes);
  if (!result.ok) throw malformed('body', result.message);
  return result.value;
}

/** The fields of a form. Throws KeywardError `invalid_request`. */
export function readForm(bytes: Buffer): Record<string, string> {
  const reading = parseForm(bytes);
  if (!reading.ok) throw malformed('body', reading.message);
  return reading.value;
}
