// One operation of the document: what is asked, by whom, and what is answered.

import type { CredentialUse, Operation } from '../../dialects/operation.ts';
import { answersOf } from './answers.ts';
import type { Language } from './language.ts';
import type { DescribedRoute } from './routes.ts';
import type { Json, SchemaNames } from './schemas.ts';

export interface DescribedOperation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  'x-permissions'?: readonly string[];
  /** What the example cannot do without. */
  'x-example-needs'?: string;
  /** The answer is a stream without an end. */
  'x-streams'?: true;
  /** It ends what it is called with. */
  'x-last'?: true;
  security: readonly Json[];
  parameters?: readonly Parameter[];
  requestBody?: { required: boolean; content: Readonly<Record<string, { schema: unknown; example?: unknown }>> };
  responses: Json;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: true;
  description?: string;
  schema: unknown;
}

/** The path as OpenAPI writes it: `/v1/users/{id}`, and `/{path}` for whatever may follow. */
export function pathOf(url: string): string {
  return url.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{path}');
}

/** `known`: the security schemes that the document has. */
export function operationOf(route: DescribedRoute, schemas: SchemaNames, known: Json): DescribedOperation {
  const { operation = undescribed(route), schema, tag, language } = route;
  const { id, summary, description, permissions = [], needs } = operation;
  const parameters = parametersOf(route, operation, schemas);
  const body = bodyOf(schema.body, language, operation, schemas);
  const needed = permissions.length === 0 ? '' : `Needs ${permissions.map((one) => `\`${one}\``).join(' or ')}.`;
  const text = [description, needed].filter(Boolean).join(' ');
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(text !== '' && { description: text }),
    ...(permissions.length > 0 && { 'x-permissions': permissions }),
    ...(needs !== undefined && { 'x-example-needs': needs }),
    ...(operation.streams === true && { 'x-streams': true }),
    ...(operation.isLast === true && { 'x-last': true }),
    security: securityOf(operation.credential ?? 'caller', permissions, tag, known),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: body }),
    responses: answersOf(route, schemas),
  };
}

/** Whatever its language has not described is there all the same, by its method and path; a test asks for the words. */
function undescribed({ method, url }: DescribedRoute): Operation {
  const words = `${method.toLowerCase()}${url}`.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const id = words.map((word, at) => (at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('');
  return { id, summary: `${method} ${url}` };
}

/** One of these is enough; a scheme's list holds the permission that is needed with it. */
function securityOf(credential: CredentialUse, permissions: readonly string[], tag: string, known: Json): Json[] {
  const schemes = schemesOf(credential, tag).filter((scheme) => scheme in known);
  const needed = permissions.length === 0 ? [[]] : permissions.map((one) => [one]);
  const all = schemes.flatMap((scheme) => needed.map((list) => ({ [scheme]: list })));
  return credential === 'operator' || credential === 'client' ? [...all, {}] : all;
}

function schemesOf(credential: CredentialUse, tag: string): readonly string[] {
  if (credential === 'none') return [];
  if (credential === 'basic' || credential === 'client') return ['basic'];
  if (credential === 'call') return ['bearer', 'oauth', 'apiToken', 'apiTokenInQuery'];
  if (credential === 'bearer' || credential === 'operator') return ['bearer', 'oauth'];
  return tag === 'native' ? ['bearer', 'oauth', 'session'] : ['bearer', 'oauth'];
}

function parametersOf(
  { method, url, schema, language }: DescribedRoute,
  operation: Operation,
  schemas: SchemaNames,
): Parameter[] {
  const inPath = [...pathOf(url).matchAll(/\{(\w+)\}/g)].map(([, name = '']): Parameter => {
    const { properties = {} } = (schema.params ?? {}) as { properties?: Json };
    return { name, in: 'path', required: true, schema: schemas.shown(properties[name] ?? { type: 'string' }) };
  });
  const query = operation.query ?? schema.querystring;
  const isOnce = method === 'POST' && language.reference.takesIdempotencyKey?.(url) === true;
  return [
    ...inPath,
    ...fieldsOf('query', query, schemas),
    ...fieldsOf('header', operation.headers, schemas),
    ...(isOnce ? [idempotencyKey] : []),
  ];
}

const idempotencyKey: Parameter = {
  name: 'idempotency-key',
  in: 'header',
  description: 'With one, a request that is sent again makes nothing more and is answered the same.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
};

function fieldsOf(place: 'query' | 'header', schema: unknown, schemas: SchemaNames): Parameter[] {
  const { properties = {}, required = [] } = (schema ?? {}) as { properties?: Json; required?: readonly string[] };
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: place,
    ...(required.includes(name) && { required: true as const }),
    schema: schemas.shown(one),
  }));
}

function bodyOf(
  schema: unknown,
  { bodies }: Language,
  { body }: Operation,
  schemas: SchemaNames,
): DescribedOperation['requestBody'] {
  if (schema === undefined || isEmpty(schema)) return undefined;
  const { taken, isOptional } = withoutNothing(schema);
  const media = { schema: schemas.shown(taken), ...(body !== undefined && { example: body }) };
  const content = Object.fromEntries(bodies.map((kind) => [mediaTypes[kind], media]));
  return { required: !isOptional, content };
}

const mediaTypes = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;

/** A body that may be left out and may hold nothing is none to tell of. */
function isEmpty(schema: unknown): boolean {
  const { nullable, properties = {} } = schema as { nullable?: boolean; properties?: Json };
  return nullable === true && Object.keys(properties).length === 0;
}

/** A body that may be left out is known by its schema: it takes null, which is what such a request holds. */
function withoutNothing(schema: unknown): { taken: unknown; isOptional: boolean } {
  const { nullable, anyOf } = schema as { nullable?: boolean; anyOf?: readonly { type?: string }[] };
  const others = anyOf?.filter(({ type }) => type !== 'null');
  if (anyOf === undefined || others?.length === anyOf.length) return { taken: schema, isOptional: nullable === true };
  return { taken: others?.length === 1 ? others[0] : { anyOf: others }, isOptional: true };
}
