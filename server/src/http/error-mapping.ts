// What went wrong, in Keyward's own words: Fastify's and the validator's errors become KeywardErrors here, once.
// Whatever is not recognised is a bug, and is not given words here.

import type { IncomingHttpHeaders } from 'node:http';
import type { FastifySchemaValidationError } from 'fastify';
import { type ErrorCode, type Fault, KeywardError } from '../core/errors.ts';

const faultLimit = 20;
const nameLimit = 64;

/** Fastify's codes that are the client's doing, beside validation. */
const known: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'The body is too large.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'The body has a media type that is not read here.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_request', 'The body is not as long as its Content-Length says.'],
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: ['unsupported_media_type', 'The request has no Content-Type.'],
};

const parts: Readonly<Record<string, string>> = { params: 'path', querystring: 'query', headers: 'header' };

const kinds: Readonly<Record<string, Fault['kind']>> = {
  required: 'missing',
  type: 'wrong_type',
  additionalProperties: 'unknown_field',
  unevaluatedProperties: 'unknown_field',
};

/** What of a request a failure is read from. Fastify's request is one. */
export interface FailedRequest {
  readonly body: unknown;
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: IncomingHttpHeaders;
  /** Without the two, nothing of the request can have been cut off. */
  readonly raw: { readonly socket: unknown; readonly destroyed?: boolean; readonly complete?: boolean };
}

/** The KeywardError behind an error, or undefined for a bug. */
export function failureOf(error: unknown, request: FailedRequest): KeywardError | undefined {
  if (error instanceof KeywardError) return error.code === 'internal' ? undefined : error;
  if (!(error instanceof Error)) return undefined;
  const code: unknown = Reflect.get(error, 'code');
  const validation: unknown = Reflect.get(error, 'validation');
  if (Array.isArray(validation)) {
    return validationFailure(validation, String(Reflect.get(error, 'validationContext')), request);
  }
  const words = typeof code === 'string' ? known[code] : undefined;
  if (words !== undefined) return new KeywardError(words[0], words[1]);
  // An upstream that goes between the head of its answer and the first piece of its body.
  if (typeof code === 'string' && code.startsWith('UND_ERR_')) return noAnswer(error);
  const wasCutOff = code === 'ECONNRESET' && request.raw.destroyed && !request.raw.complete;
  return wasCutOff ? new KeywardError('invalid_request', 'The request ended early.') : undefined;
}

/**
 * What a client is told of an upstream that did not answer; the cause and the upstream's origin are for the log. Unless no connection was made, the
 * upstream may have done what was asked.
 */
export function noAnswer(cause: unknown, upstream?: string): KeywardError {
  const isOutcomeUnknown = !isNotReached(cause);
  const detail = { cause, isOutcomeUnknown, ...(upstream !== undefined && { upstream }) };
  return new KeywardError('unavailable', 'The service behind this path did not answer.', detail);
}

/** True where not a byte can have arrived: the address was not found, or nobody took the connection. */
function isNotReached(cause: unknown): boolean {
  if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(isNotReached);
  if (!(cause instanceof Error)) return false;
  const { code, syscall } = cause as NodeJS.ErrnoException;
  return code === 'UND_ERR_CONNECT_TIMEOUT' || syscall === 'connect' || syscall === 'getaddrinfo';
}

function validationFailure(
  errors: readonly FastifySchemaValidationError[],
  context: string,
  request: FailedRequest,
): KeywardError {
  const part = parts[context] ?? context;
  const faults = part === 'body' && request.body == null ? [noBody] : faultsOf(errors, part, whole(part, request));
  const [first] = faults;
  return new KeywardError('invalid_request', first === undefined ? 'Invalid request.' : sentence(first), { faults });
}

const noBody: Fault = { at: ['body'], kind: 'missing', message: 'is required' };

/** One fault for each place, the first that was found there, at most 20. */
function faultsOf(errors: readonly FastifySchemaValidationError[], part: string, value: unknown): Fault[] {
  const found = new Map<string, Fault>();
  for (const error of errors) {
    if (found.size === faultLimit) break;
    const fault = faultOf(error, part, value);
    const place = JSON.stringify(fault.at);
    if (!found.has(place)) found.set(place, fault);
  }
  return [...found.values()];
}

function faultOf(error: FastifySchemaValidationError, part: string, value: unknown): Fault {
  const kind = kinds[error.keyword] ?? 'invalid';
  const { missingProperty, additionalProperty, unevaluatedProperty } = error.params;
  const field = missingProperty ?? additionalProperty ?? unevaluatedProperty;
  const at = [part, ...placeOf(error.instancePath, value)];
  if (kind === 'missing') return { at: [...at, String(field)], kind, message: 'is required' };
  if (kind === 'unknown_field') return { at: [...at, shorten(String(field))], kind, message: 'is not a known field' };
  return { at, kind, message: expected(error) ?? error.message ?? 'is invalid' };
}

/** What would be right, for what the validator only names; undefined where its own words say it. */
function expected({ keyword, params }: FastifySchemaValidationError): string | undefined {
  if (keyword === 'format') return formats[String(params.format)];
  if (keyword === 'pattern') return patterns[String(params.pattern)];
  if (keyword !== 'enum' || !Array.isArray(params.allowedValues)) return undefined;
  return `must be one of ${params.allowedValues.join(', ')}`;
}

/** Every format that a schema of ours names; a test holds them against the schemas, as it does the patterns. */
export const formats: Readonly<Record<string, string>> = {
  'date-time': 'must be a time such as 2030-01-31T12:00:00Z; a date alone does not say when its day ends',
};

/** By the pattern as the schema has it. */
export const patterns: Readonly<Record<string, string>> = {
  '^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$':
    'must be 1 to 64 lower-case letters, digits, - or _, with a letter or digit at both ends, such as per-minute',
  '^[A-Z]{1,16}$': 'must be a method in capital letters, such as GET',
  '^/': 'must be a path that begins with /, such as /orders/17',
  '^v[0-9a-f]{12}-[0-9]{1,15}$': 'must be the id of a refusal as a verifier gives it, such as v0123456789ab-42',
};

/** Reads a JSON Pointer (RFC 6901); what it walks through tells an index from a name of digits. */
function placeOf(pointer: string, value: unknown): (string | number)[] {
  let inside = value;
  return pointer
    .split('/')
    .slice(1)
    .map((encoded) => {
      const name = encoded.replaceAll('~1', '/').replaceAll('~0', '~');
      const isIndex = Array.isArray(inside);
      inside = typeof inside === 'object' && inside !== null ? Reflect.get(inside, name) : undefined;
      return isIndex ? Number(name) : shorten(name);
    });
}

function whole(part: string, request: FailedRequest): unknown {
  return { body: request.body, path: request.params, query: request.query, header: request.headers }[part];
}

function shorten(name: string): string {
  return name.length > nameLimit ? `${name.slice(0, nameLimit).toWellFormed()}…` : name;
}

function sentence(fault: Fault): string {
  const field = fault.at.slice(1).join('.');
  return field === '' ? `The ${fault.at[0]} ${fault.message}.` : `${field} ${fault.message}.`;
}
