// Random requests that the description of the API tells of: mostly as it says, with something odd here and there. What they
// name is drawn from a pool, so that some of it exists.

import fc from 'fast-check';
import type { OpenApiDocument } from '../../server/src/http/openapi/document.ts';
import type { DescribedOperation } from '../../server/src/http/openapi/operation.ts';
import { naughtyStrings } from '../bad-input/naughty-strings.ts';

export interface DescribedRequest {
  method: string;
  /** Of the document, as `/v1/users/{id}`. */
  path: string;
  target: string;
  headers: Record<string, string>;
  body: string | null;
  operation: DescribedOperation;
}

type Schema = Readonly<Record<string, unknown>>;

/** Any request of the document; `pool` has ids and names that exist. The credential is `@@owner@@`, a bad one, or none. */
export function describedRequests(document: OpenApiDocument, pool: readonly string[]): fc.Arbitrary<DescribedRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return fc
    .constantFrom(...operations)
    .chain(({ path, method, operation }) => requestOf(path, method, operation, document, pool));
}

function requestOf(
  path: string,
  method: string,
  operation: DescribedOperation,
  document: OpenApiDocument,
  pool: readonly string[],
): fc.Arbitrary<DescribedRequest> {
  const text = fc.oneof(fc.constantFrom(...pool), fc.constantFrom(...naughtyStrings), fc.string({ maxLength: 20 }));
  const inPath = fc.array(
    text.filter((one) => one.isWellFormed() && !/^(?:\.{0,2})$/.test(one)),
    { minLength: 3, maxLength: 3 },
  );
  const { parameters = [], requestBody } = operation;
  const query = fc.record(
    Object.fromEntries(
      parameters
        .filter((one) => one.in === 'query')
        .map(({ name, schema }) => [name, fc.oneof(valueFor(schema as Schema, document, text), text)]),
    ),
    { requiredKeys: [] },
  );
  const [[type, media] = ['', undefined]] = Object.entries(requestBody?.content ?? {});
  const asDescribed = media === undefined ? fc.constant(null) : valueFor(media.schema as Schema, document, text);
  const example = media?.example === undefined ? asDescribed : fc.constant(media.example);
  const body = fc.oneof(
    { weight: 6, arbitrary: asDescribed },
    { weight: 3, arbitrary: example },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  );
  const credential = fc.oneof(
    { weight: 8, arbitrary: fc.constant('Bearer @@owner@@') },
    { weight: 1, arbitrary: fc.constantFrom('Bearer nobody', 'Basic bm9ib2R5Om5vdGhpbmc=', 'apiToken x', '') },
  );
  return fc.record({ inPath, query, body, credential }).map((drawn): DescribedRequest => {
    const steps = path.replace(/\{\w+\}/g, () => encodeURIComponent(drawn.inPath.pop() ?? 'x'));
    const given = Object.entries(drawn.query).filter(([, value]) => typeof value === 'string') as [string, string][];
    const pairs = given
      .filter(([, value]) => value.isWellFormed())
      .map((pair) => pair.map(encodeURIComponent).join('='));
    return {
      method,
      path,
      operation,
      target: pairs.length === 0 ? steps : `${steps}?${pairs.join('&')}`,
      headers: {
        ...(drawn.credential !== '' && { authorization: drawn.credential }),
        ...(media !== undefined && { 'content-type': type }),
      },
      body: media === undefined ? null : bodyText(type, drawn.body),
    };
  });
}

function bodyText(type: string, value: unknown): string {
  if (type === 'application/json') return JSON.stringify(value);
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return fields
    .map(([name, one]) => `${encodeURIComponent(name)}=${encodeURIComponent(`${one}`.toWellFormed())}`)
    .join('&');
}

/** A value that a schema allows, as far as this goes: patterns are left to the examples. */
function valueFor(schema: Schema, document: OpenApiDocument, text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  const inside = (one: unknown) => valueFor(one as Schema, document, text);
  if (typeof schema.$ref === 'string') return inside(document.components.schemas[schema.$ref.split('/').at(-1) ?? '']);
  if (Array.isArray(schema.anyOf)) return fc.oneof(...schema.anyOf.map(inside));
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.type === 'null') return fc.constant(null);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'integer' || schema.type === 'number') {
    const { minimum = 0, maximum = 1_000_000 } = schema as { minimum?: number; maximum?: number };
    return fc.integer({ min: minimum, max: Math.min(maximum, 2 ** 31 - 1) });
  }
  if (schema.type === 'array') return fc.array(inside(schema.items), { maxLength: 3 });
  if (schema.type === 'object') {
    const { properties = {}, required = [] } = schema as { properties?: Record<string, unknown>; required?: string[] };
    const fields = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, inside(one)]));
    return fc.record(fields, { requiredKeys: required });
  }
  if (schema.format === 'date-time') {
    return fc.oneof(fc.constantFrom('2099-12-31T23:59:59Z', '2020-01-01T00:00:00.000Z'), text);
  }
  return text;
}
