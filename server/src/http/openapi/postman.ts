// The description as a Postman collection: a folder for each dialect, requests that work as they are once the environment
// knows this server and somebody's credentials, and scripts that keep tokens and ids for the requests that follow.

import { samples } from '../../dialects/operation.ts';
import type { OpenApiDocument } from './document.ts';
import type { DescribedOperation } from './operation.ts';
import { variableOf } from './postman-names.ts';
import { inRunningOrder, type Request } from './postman-order.ts';
import { scriptsOf, tokenVariable } from './postman-scripts.ts';
import type { Json } from './schemas.ts';

/** Where the collection is when nobody has said. */
const nowhere = 'https://keyward.example';

/** A collection of format 2.1. Streams are not in it: Postman would wait for their end. */
export function postmanCollection(document: OpenApiDocument): Json {
  const requests = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Request => ({ method: method.toUpperCase(), path, operation })),
  );
  const item = document.tags.flatMap(({ name, description }) => {
    const own = inRunningOrder(requests.filter(({ operation }) => isOf(operation, name)));
    if (own.length === 0) return [];
    const auth = bearer(tokenVariable(own, document) ?? (name === 'server' ? 'nativeToken' : 'apiToken'));
    return [{ name, description, auth, item: own.map((request) => itemOf(request, requests, document)) }];
  });
  return {
    info: {
      name: 'Keyward',
      description:
        'Choose the environment, fill it in, then send a request that signs in: its token is kept for the others.',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    event: [script('prerequest', ["if (!pm.collectionVariables.get('run')) {", setRun, '}'])],
    item,
  };
}

/** The variables of the collection, to be filled in. */
export function postmanEnvironment(url: string = nowhere): Json {
  const value = (key: string, isSecret = false) => ({
    key,
    value: '',
    type: isSecret ? 'secret' : 'default',
    enabled: true,
  });
  return {
    name: 'Keyward',
    values: [
      { ...value('baseUrl'), value: url },
      value('email'),
      value('password', true),
      value('apiToken', true),
      value('apiUserUsername'),
      value('apiUserPassword', true),
    ],
    _postman_variable_scope: 'environment',
  };
}

/** Names that are taken cannot be taken again, so that each run has its own. */
const setRun = "  pm.collectionVariables.set('run', Date.now().toString(36));";

function isOf({ tags, 'x-streams': streams }: DescribedOperation, tag: string): boolean {
  return tags.includes(tag) && streams !== true;
}

function itemOf(request: Request, all: readonly Request[], document: OpenApiDocument): Json {
  const { method, path, operation } = request;
  const { summary, description = '', security, parameters = [], requestBody } = operation;
  const steps = path.slice(1).split('/').map(variableAt);
  const query = parameters
    .filter((one) => one.in === 'query')
    .map(({ name }) => ({ key: name, value: '', disabled: true }));
  const [[type, { example }] = ['', {}]] = Object.entries(requestBody?.content ?? {});
  const auth = authOf(security);
  return {
    name: summary,
    // A session's cookie beside a token would be two credentials.
    protocolProfileBehavior: { disableCookies: true },
    request: {
      method,
      description,
      ...(auth !== undefined && { auth }),
      header: example === undefined ? [] : [{ key: 'Content-Type', value: type }],
      url: { raw: ['{{baseUrl}}', ...steps].join('/'), host: ['{{baseUrl}}'], path: steps, query },
      ...(example !== undefined && { body: bodyOf(type, rawOf(example, isMaking(operation))) }),
    },
    event: [script('test', scriptsOf(request, all, document))],
  };
}

/** `{id}` behind `users` is the variable `userId`. */
function variableAt(step: string, at: number, steps: readonly string[]): string {
  const parameter = /^\{(\w+)\}$/.exec(step)?.[1];
  return parameter === undefined ? step : `{{${variableOf(steps[at - 1] ?? '', parameter)}}}`;
}

function authOf(security: DescribedOperation['security']): Json | undefined {
  const schemes = security.map((one) => Object.keys(one)[0]);
  // In the body it is plainer.
  if (schemes.includes(undefined)) return schemes.includes('basic') ? { type: 'noauth' } : undefined;
  if (schemes.includes('basic')) {
    return { type: 'basic', basic: [pair('username', '{{email}}'), pair('password', '{{password}}')] };
  }
  return schemes.length === 0 ? { type: 'noauth' } : undefined;
}

function bearer(variable: string): Json {
  return { type: 'bearer', bearer: [pair('token', `{{${variable}}}`)] };
}

function pair(key: string, value: string): Json {
  return { key, value, type: 'string' };
}

function bodyOf(type: string, raw: string): Json {
  if (type === 'application/json') return { mode: 'raw', raw, options: { raw: { language: 'json' } } };
  const fields = Object.entries(JSON.parse(raw) as Record<string, string>);
  return { mode: 'urlencoded', urlencoded: fields.map(([key, value]) => ({ key, value })) };
}

function isMaking({ parameters = [] }: DescribedOperation): boolean {
  return parameters.some(({ name }) => name === 'idempotency-key');
}

/** The example with the client's own in place of samples, and with names that nothing has yet. */
function rawOf(example: unknown, makes: boolean): string {
  const fields = Object.entries(example as Json).map(([name, value]) => [name, makes ? unused(name, value) : value]);
  const text = JSON.stringify(Object.fromEntries(fields), null, 2);
  return Object.entries(replaced).reduce((raw, [sample, variable]) => raw.replaceAll(sample, variable), text);
}

const { number, keyName, ...texts } = samples;

const replaced: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [text, `{{${name}}}`])),
  [String(number)]: '{{accessTokenId}}',
  [`"${keyName}"`]: `"${keyName}-{{run}}"`,
};

function unused(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (name === 'email') return `{{run}}.${value}`;
  return name === 'name' || name === 'id' || name === 'handle' ? `${value}{{run}}` : value;
}

function script(listen: 'test' | 'prerequest', exec: readonly string[]): Json {
  return { listen, script: { type: 'text/javascript', exec } };
}
