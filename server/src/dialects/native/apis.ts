// APIs over HTTP: whoever may see the catalogue sees them, and only the server's operators change them.

import { Api, ApiChange, ApiList, NewApi } from '@keyward/sdk/wire';
import { Type } from 'typebox';
import type { ShownApi } from '../../core/catalogue/api.ts';
import type { Core } from '../../core/core.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { created } from './creation.ts';
import { wholeList } from './paging.ts';
import { mountRemoval } from './removal.ts';
import { toTime } from './time.ts';

const ByHandle = Type.Object({ handle: Type.String() });

export function mountApis(scope: Scope, core: Core): void {
  scope.get('/v1/apis', { schema: { querystring: NoQuery, response: { 200: ApiList } } }, async (request) =>
    wholeList(await core.listApis(callerOf(request)), toWire),
  );

  const create = { body: NewApi, querystring: NoQuery, response: { 201: Api } };
  scope.post('/v1/apis', { schema: create }, async (request, reply) => {
    const { body, headers } = await created(core, request, (caller) => core.createApi(caller, request.body), toWire);
    return reply.code(201).headers(headers).send(body);
  });

  const one = { params: ByHandle, querystring: NoQuery, response: { 200: Api } };
  scope.get('/v1/apis/:handle', { schema: one }, async (request) =>
    toWire(await core.readApi(callerOf(request), request.params.handle)),
  );
  scope.patch('/v1/apis/:handle', { schema: { ...one, body: ApiChange } }, async (request) =>
    toWire(await core.updateApi(callerOf(request), request.params.handle, request.body)),
  );

  mountRemoval(scope, '/v1/apis/:handle', core.deleteApi);
}

function toWire({ handle, name, identifier, description, signingAlgorithm, createdAt }: ShownApi): Api {
  return { handle, name, identifier, description, signingAlgorithm, createdAt: toTime(createdAt) };
}
