// What the description says of endpoints that are no dialect's: probes, keys, metrics, forward-auth and itself. What goes
// wrong at them is said in the native dialect's words, or, where that is off, in the first one's.

import { Type } from 'typebox';
import type { Dialect } from '../../dialects/dialect.ts';
import type { Operations } from '../../dialects/operation.ts';
import type { Language } from './language.ts';

/** A language of the server's own endpoints. */
export function serverDialect(dialects: readonly Dialect[]): Language {
  const words = dialects.find(({ name }) => name === 'native') ?? dialects[0];
  if (words === undefined) throw new Error('A server without dialects describes nothing.');
  const { about: _, operations: __, ...reference } = words.reference;
  return { ...words, bodies: [], reference: { ...reference, about, operations } };
}

const about = 'The server itself: probes, public keys, metrics, the endpoint for proxies, and this description.';

const json = (schema: Parameters<typeof Type.Array>[0]) => ({ 'application/json': schema });
const Anything = Type.Object({}, { additionalProperties: true });

const operations: Operations = {
  'GET /healthz': {
    id: 'readHealth',
    summary: 'Ask whether the server listens',
    credential: 'none',
    answers: { 200: json(Type.Object({ status: Type.Literal('ok') })) },
  },
  'GET /readyz': {
    id: 'readReadiness',
    summary: 'Ask whether checks can be made',
    credential: 'none',
    answers: {
      200: json(Type.Object({ status: Type.Literal('ready'), unavailable: Type.Optional(Type.String()) })),
      503: json(Type.Object({ status: Type.Literal('unavailable') })),
    },
  },
  'GET /.well-known/jwks.json': {
    id: 'readPublicKeys',
    summary: 'Read the public keys of access tokens',
    credential: 'none',
    query: Type.Object({ cursor: Type.Optional(Type.String({ description: 'A number from the feed.' })) }),
    answers: { 200: { 'application/jwk-set+json': Type.Object({ keys: Type.Array(Anything) }) } },
  },
  'GET /metrics': {
    id: 'readMetrics',
    summary: "Read counts in Prometheus' format",
    credential: 'operator',
    permissions: ['read:metrics'],
    answers: { 200: { 'text/plain': Type.String() } },
  },
  'GET /forward-auth': {
    id: 'forwardAuth',
    summary: 'Ask, as a trusted proxy, whether a call may proceed',
    description:
      'Every method is answered alike. The call is named in headers, and brings its credential with it. ' +
      'What is refused is said in the language of the call.',
    credential: 'call',
    fails: ['forbidden', 'too_many_requests'],
    headers: Type.Object({
      'x-forwarded-method': Type.Optional(Type.String()),
      'x-forwarded-uri': Type.Optional(Type.String()),
    }),
    answers: { 200: null },
    needs: 'a guarded call that is asked about',
  },
  'GET /problems': {
    id: 'listProblems',
    summary: 'Read which problems there are',
    credential: 'none',
    answers: { 200: { 'text/html': Type.String() } },
  },
  'GET /problems/:code': {
    id: 'readProblem',
    summary: 'Read what a problem means and what to do',
    credential: 'none',
    answers: { 200: { 'text/html': Type.String() } },
    needs: 'the code of a problem',
  },
  'GET /openapi.json': {
    id: 'readOpenApi',
    summary: 'Read this description',
    credential: 'none',
    answers: { 200: json(Anything), 304: null },
  },
  'GET /postman.json': {
    id: 'readPostmanCollection',
    summary: 'Read this description as a Postman collection',
    credential: 'none',
    answers: { 200: json(Anything), 304: null },
  },
  'GET /postman-environment.json': {
    id: 'readPostmanEnvironment',
    summary: 'Read the variables of the Postman collection',
    credential: 'none',
    answers: { 200: json(Anything), 304: null },
  },
};
