// A server that is asked what the description tells of, and whether it answers as that says: a status that is declared, no
// 5xx, and a body of the declared schema.

import { createRequire } from 'node:module';
import type { OpenApiDocument } from '../../server/src/http/openapi/document.ts';
import { ownerToken } from '../bad-input/owner-token.ts';
import { startServer } from '../server.ts';
import type { DescribedRequest } from './requests.ts';

export interface Trial {
  document: OpenApiDocument;
  /** Ids and names that exist. */
  pool: readonly string[];
  /** Sends it; resolves with the status. Throws an Error that shows what was answered in another way than described. */
  send(request: DescribedRequest): Promise<number>;
  stop(): Promise<void>;
}

export async function startTrial(): Promise<Trial> {
  const server = await startServer({ permissions: ['read:things'] });
  const { core, asOwner } = server;
  const credential = await ownerToken(server);
  const other = await core.createOrganization(asOwner, { name: 'victim' });
  const { user } = await core.createUser(asOwner, { email: 'v@acme.example', name: 'V', role: 'member' });
  const { apiUser } = await core.createApiUser(asOwner, { name: 'V', role: 'viewer' });
  const { token } = await core.createApiToken(asOwner, { name: 'victim', permissions: ['read:things'] });
  await core.createRole(asOwner, { name: 'auditor', permissions: ['read:things'] });
  const pool = [other.id, user.id, apiUser.id, token.id, String(token.number)];
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenApiDocument;
  const check = bodyCheck(document);
  return {
    document,
    pool: [...pool, 'auditor', 'read:things', 'default', 'free', 'member', 'victim', 'acme'],
    async send({ method, target, headers, body, operation }) {
      const authorization = headers.authorization?.replace('@@owner@@', credential);
      const answer = await fetch(server.url + target, {
        method,
        headers: { ...headers, ...(authorization !== undefined && { authorization }) },
        ...(body !== null && { body }),
        redirect: 'manual',
      });
      const { status } = answer;
      const text = operation['x-streams'] === true && status === 200 ? await cancelled(answer) : await answer.text();
      const type = answer.headers.get('content-type')?.split(';', 1)[0] ?? '';
      const declared = operation.responses[status];
      // In the words of whatever language the call is of.
      const isSaid = operation.operationId === 'forwardAuth' && declared !== undefined;
      const fault = status >= 500 ? 'a 5xx' : isSaid ? undefined : check(declared, type, text);
      if (fault === undefined || isAhead(text)) return status;
      const said = `${method} ${target} ${body ?? ''}\n${status} ${type} ${text.slice(0, 1000)}`;
      throw new Error(`${operation.operationId}: ${fault}\n${said}\n${server.logs().split('\n').slice(-3).join('\n')}`);
    },
    stop: () => server.stop(),
  };
}

/** Whoever has heard of more than this server has waits for it to come back: it is told 503. */
function isAhead(text: string): boolean {
  return text.includes('The journal does not go as far as that cursor.');
}

async function cancelled(answer: Response): Promise<string> {
  await answer.body?.cancel();
  return '';
}

type Validator = (value: unknown) => boolean;

/** Says what is wrong with an answer to which a description belongs; undefined if nothing is. */
function bodyCheck(document: OpenApiDocument) {
  // Fastify's validator, in the dialect of JSON Schema that OpenAPI 3.1 speaks.
  const require = createRequire(createRequire(import.meta.url).resolve('@fastify/ajv-compiler'));
  const { default: Ajv } = require('ajv/dist/2020') as { default: new (options: object) => AjvLike };
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'document', ...document });
  const known = new Map<string, Validator & { errors?: unknown }>();
  return (declared: unknown, type: string, text: string): string | undefined => {
    if (declared === undefined) return 'an undeclared status';
    const { $ref } = declared as { $ref?: string };
    const answer = ($ref === undefined ? declared : document.components.responses[$ref.split('/').at(-1) ?? '']) as {
      content?: Record<string, { schema: object }>;
    };
    if (answer.content === undefined) return text === '' ? undefined : 'a body where none is declared';
    if (text === '' && type === '') return 'no body where one is declared';
    const media = answer.content[type];
    if (media === undefined) return `an undeclared media type ${type}`;
    if (!type.includes('json')) return undefined;
    const key = JSON.stringify(media.schema).replaceAll('"#/', '"document#/');
    const isValid = known.get(key) ?? ajv.compile(JSON.parse(key));
    known.set(key, isValid);
    return isValid(JSON.parse(text)) ? undefined : `a body of another schema: ${JSON.stringify(isValid.errors)}`;
  };
}

interface AjvLike {
  addSchema(schema: object): void;
  compile(schema: object): Validator & { errors?: unknown };
}
