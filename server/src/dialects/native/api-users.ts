// API users over HTTP. The generated password is in the answer that makes it, and nowhere else.

import {
  ApiUser,
  ApiUserChange,
  ApiUserDeactivation,
  ApiUserList,
  CreatedApiUser,
  NewApiUser,
  RestorableListQuery,
} from '@keyward/sdk/wire';
import type { ApiUser as Kept } from '../../core/api-user.ts';
import type { Core } from '../../core/core.ts';
import { isActive } from '../../core/standing.ts';
import { ById, mountAct, orNoBody } from './act.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { answerPage } from './paging.ts';
import { end, mountEnding, withReceipt } from './receipt.ts';
import { toTime, toTimeOrNull } from './time.ts';

export function mountApiUsers(scope: Scope, core: Core): void {
  const list = { querystring: RestorableListQuery, response: { 200: ApiUserList } };
  scope.get('/v1/api-users', { schema: list }, (request) => {
    const caller = callerOf(request);
    return answerPage(core, caller, 'api-users', request.query, (page) => core.listApiUsers(caller, page), toWire);
  });

  const create = { body: NewApiUser, querystring: NoQuery, response: { 201: CreatedApiUser } };
  scope.post('/v1/api-users', { schema: create }, async (request, reply) => {
    const { apiUser, password } = await core.createApiUser(callerOf(request), request.body);
    return reply.code(201).send({ ...toWire(apiUser), password });
  });

  const read = { params: ById, querystring: NoQuery, response: { 200: ApiUser } };
  scope.get('/v1/api-users/:id', { schema: read }, async (request) =>
    toWire(await core.readApiUser(callerOf(request), request.params.id)),
  );
  scope.patch('/v1/api-users/:id', { schema: { ...read, body: ApiUserChange } }, async (request) =>
    toWire(await core.updateApiUser(callerOf(request), request.params.id, request.body)),
  );

  const body = orNoBody(ApiUserDeactivation);
  const deactivate = { ...withReceipt, params: ById, body };
  scope.post('/v1/api-users/:id/deactivate', { schema: deactivate }, async (request, reply) => {
    const caller = callerOf(request);
    const { id } = request.params;
    return end(core, caller, { type: 'api_user', id }, request.query, reply, () =>
      core.deactivateApiUser(caller, id, request.body ?? {}),
    );
  });
  mountAct(scope, 'POST', '/v1/api-users/:id/activate', core.activateApiUser);
  mountEnding(scope, core, 'DELETE', '/v1/api-users/:id', 'api_user', core.deleteApiUser);
  mountAct(scope, 'POST', '/v1/api-users/:id/restore', core.restoreApiUser);
}

function toWire({ id, username, name, role, createdAt, createdBy, standing }: Kept): ApiUser {
  return {
    id,
    username,
    name,
    role,
    active: isActive(standing),
    createdAt: toTime(createdAt),
    createdBy,
    deactivatedAt: toTimeOrNull(standing.deactivatedAt),
    deletedAt: toTimeOrNull(standing.deletedAt),
  };
}
