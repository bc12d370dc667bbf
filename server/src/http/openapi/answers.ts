// What an endpoint can answer: its own schemas, and every way to fail, worded by the dialect that will word it when it
// happens. So status, headers, media type and example are those of the real answer.

import { type ErrorCode, type Fault, KeywardError } from '../../core/errors.ts';
import type { Answer } from '../../dialects/dialect.ts';
import { descriptions, sentences } from './answer-words.ts';
import type { DescribedRoute } from './routes.ts';
import type { Json, SchemaNames } from './schemas.ts';

/** The `responses` of an operation, by status. */
export function answersOf(route: DescribedRoute, schemas: SchemaNames): Json {
  return { ...ofSchema(route, schemas), ...failures(route, schemas), ...asDescribed(route, schemas) };
}

/** The ways in which a request to it can fail. */
export function failuresOf({ method, url, schema, operation, language }: DescribedRoute): ErrorCode[] {
  const codes = new Set<ErrorCode>(always);
  if (method !== 'GET') codes.add('too_large');
  const credential = operation?.credential ?? 'caller';
  if (credential !== 'none') codes.add('unauthenticated');
  if (!['none', 'basic', 'client'].includes(credential)) codes.add('forbidden');
  const { properties = {} } = (schema.querystring ?? {}) as { properties?: Json };
  if (url.includes(':') || 'organization' in properties) codes.add('not_found');
  if (method === 'POST' && language.reference.takesIdempotencyKey?.(url)) {
    codes.add('conflict');
    codes.add('idempotency_key_reused');
  }
  for (const code of operation?.fails ?? []) codes.add(code);
  return [...codes];
}

const always: readonly ErrorCode[] = [
  'invalid_request',
  'uri_too_long',
  'unsupported_media_type',
  'insecure_transport',
  'internal',
  'unavailable',
];

function ofSchema({ schema }: DescribedRoute, schemas: SchemaNames): Json {
  return mapValues((schema.response ?? {}) as Json, (body, status) => {
    const isEmpty = (body as { type?: string }).type === 'null';
    return answer(Number(status), isEmpty ? null : { 'application/json': { schema: schemas.shown(body) } });
  });
}

function asDescribed({ operation }: DescribedRoute, schemas: SchemaNames): Json {
  return mapValues(operation?.answers ?? {}, (bodies, status) => {
    const content = bodies === null ? null : mapValues(bodies, (body) => ({ schema: schemas.shown(body) }));
    return answer(Number(status), content);
  });
}

function failures(route: DescribedRoute, schemas: SchemaNames): Record<string, unknown> {
  const { method, url, language } = route;
  const at = { method, routeOptions: { url } };
  const said = failuresOf(route).map((code): [string, Answer] => [code, language.fail(example(code), at)]);
  if (route.operation?.credential !== 'none') {
    for (const reason of ['missing', 'unknown'] as const) {
      said.push([reason, language.refuse({ allowed: false, reason }, at)]);
    }
  }
  const byStatus = Map.groupBy(said, ([, { status }]) => status);
  const error = schemas.shown(language.reference.error);
  const worded = [...byStatus].map(([status, answers]): [string, unknown] => {
    const type = answers[0]?.[1].headers?.['content-type'] ?? 'application/json';
    const examples = Object.fromEntries(answers.map(([code, { body }]) => [code, { value: body }]));
    const headers = Object.assign({}, ...answers.map(([, one]) => headersOf(one)));
    const all = { ...answer(status, { [type]: { schema: error, examples } }), ...named(headers) };
    return [String(status), schemas.shared(`${route.tag}_${status}`, all)];
  });
  return { ...Object.fromEntries(worded), 431: schemas.shared('oversized', oversizedHead()) };
}

/** Said before anyone knows what is asked, in every language alike. */
function oversizedHead() {
  return answer(431, {
    'application/problem+json': {
      schema: {
        type: 'object',
        properties: { type: { const: 'about:blank' }, title: { type: 'string' }, status: { type: 'integer' } },
      },
    },
  });
}

function example(code: ErrorCode): KeywardError {
  const faults: Fault[] = [{ at: ['body', 'name'], kind: 'missing', message: 'is required' }];
  return new KeywardError(code, sentences[code], code === 'invalid_request' ? { faults } : {});
}

function answer(status: number, content: Json | null): Record<string, unknown> {
  return { description: descriptions[status] ?? 'As asked.', ...(content !== null && { content }) };
}

/** The headers that make a difference to a client. */
function headersOf({ headers = {} }: Answer): Record<string, unknown> {
  const kept = Object.keys(headers).filter((name) => name === 'www-authenticate' || name === 'retry-after');
  return Object.fromEntries(kept.map((name) => [name, { schema: { type: 'string' }, example: headers[name] }]));
}

function named(headers: Record<string, unknown>): { headers?: Record<string, unknown> } {
  return Object.keys(headers).length === 0 ? {} : { headers };
}

function mapValues<T, W>(record: Readonly<Record<string, T>>, change: (value: T, key: string) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
