// The scripts of the Postman collection's requests: whether the answer is one that is described, and what of it is kept for
// the requests that follow.

import type { OpenApiDocument } from './document.ts';
import { nounOf, variableOf } from './postman-names.ts';
import type { Request } from './postman-order.ts';

const tokenFields = ['accessToken', 'access_token', 'token'] as const;

/** The lines of the script that runs after an answer. */
export function scriptsOf(request: Request, all: readonly Request[], document: OpenApiDocument): string[] {
  const { operation } = request;
  const statuses = Object.keys(operation.responses).map(Number);
  const works = operation['x-example-needs'] === undefined;
  return [
    `pm.test('answers as described', () => pm.expect(${JSON.stringify(statuses)}).to.include(pm.response.code));`,
    ...(works ? ["pm.test('works', () => pm.expect(pm.response.code).to.be.below(400));"] : []),
    ...keptToken(request, document),
    ...keptId(request, all, document),
  ];
}

/** The variable in which a folder's requests keep their token; undefined where none of them hands one out. */
export function tokenVariable(requests: readonly Request[], document: OpenApiDocument): string | undefined {
  const giver = requests.find((request) => givesToken(request, document));
  return giver && `${giver.operation.tags[0]}Token`;
}

function givesToken(request: Request, document: OpenApiDocument): boolean {
  const { security } = request.operation;
  const isSignIn = security.length === 0 || security.some((one) => 'basic' in one);
  const fields = fieldsOf(request, document);
  return isSignIn && request.method === 'POST' && tokenFields.some((name) => name in fields);
}

function keptToken(request: Request, document: OpenApiDocument): string[] {
  if (!givesToken(request, document)) return [];
  const fields = fieldsOf(request, document);
  const field = tokenFields.find((name) => name in fields) ?? '';
  return keep(`${request.operation.tags[0]}Token`, `pm.response.json().${field}`);
}

/** What was made is what the requests about one of its kind are about; where nothing says what, the first that is listed. */
function keptId({ method, path }: Request, all: readonly Request[], document: OpenApiDocument): string[] {
  // What is made with something, and then goes by a path of its own.
  const own = method === 'POST' ? path.replace(/\/[^/]+\/\{\w+\}(?=\/[^/{]+$)/, '') : path;
  if (own.includes('{')) return [];
  const within = method === 'POST' && own.endsWith('/rotate') ? own.slice(0, -'/rotate'.length) : own;
  const parameter = all.map((one) => parameterBehind(within, one.path)).find((one) => one !== undefined);
  if (parameter === undefined) return [];
  const collection = within.slice(within.lastIndexOf('/') + 1);
  const variable = variableOf(collection, parameter);
  const noun = nounOf(collection);
  const made = (one: Request) => placeIn(fieldsOf(one, document), parameter, noun);
  const place = method === 'POST' ? made({ method, path, operation: operationAt(document, method, path) }) : undefined;
  if (place !== undefined) return keep(variable, `pm.response.json()${place}`);
  if (!isJson({ method, path, operation: operationAt(document, method, path) })) return [];
  const makers = all.filter((one) => one.method === 'POST' && (one.path === within || one.path === `${within}/rotate`));
  if (method !== 'GET' || makers.some((one) => made(one) !== undefined)) return [];
  return keep(variable, `(pm.response.json().items ?? pm.response.json())[0]?.${parameter}`);
}

function parameterBehind(path: string, other: string): string | undefined {
  const behind = other.startsWith(`${path}/`) ? other.slice(path.length + 1) : '';
  return /^\{(\w+)\}/.exec(behind)?.[1];
}

function placeIn(fields: Record<string, unknown>, parameter: string, noun: string): string | undefined {
  if (parameter in fields) return `.${parameter}`;
  return noun in fields ? `.${noun}.${parameter}` : undefined;
}

function operationAt(document: OpenApiDocument, method: string, path: string): Request['operation'] {
  const found = document.paths[path]?.[method.toLowerCase()];
  if (found === undefined) throw new Error(`There is no ${method} ${path}.`);
  return found;
}

function isJson({ operation }: Request): boolean {
  const { content = {} } = (operation.responses[200] ?? {}) as { content?: Record<string, unknown> };
  return 'application/json' in content;
}

/** The fields of the answer where all went well. */
function fieldsOf({ operation }: Request, document: OpenApiDocument): Record<string, unknown> {
  const answer = (operation.responses[200] ?? operation.responses[201] ?? {}) as {
    content?: Record<string, { schema?: { $ref?: string; properties?: Record<string, unknown> } }>;
  };
  const schema = answer.content?.['application/json']?.schema;
  const name = schema?.$ref?.replace('#/components/schemas/', '');
  const named = name === undefined ? schema : document.components.schemas[name];
  return (named as { properties?: Record<string, unknown> } | undefined)?.properties ?? {};
}

function keep(variable: string, value: string): string[] {
  return [
    'if (pm.response.code < 300) {',
    `  const value = ${value};`,
    `  if (value !== undefined) pm.collectionVariables.set('${variable}', value);`,
    '}',
  ];
}
