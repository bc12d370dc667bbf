// Permissions over HTTP: the catalogue of what roles and tokens may be given, which only the server's operators change.

import { Holders, NewPermission, Permission, PermissionChange, PermissionList } from '@keyward/sdk/wire';
import type { Caller } from '../../core/caller/caller.ts';
import type { Core } from '../../core/core.ts';
import { ByName } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { created } from './creation.ts';
import { wholeList } from './paging.ts';
import { mountRemoval } from './removal.ts';

export function mountPermissions(scope: Scope, core: Core): void {
  const list = { querystring: NoQuery, response: { 200: PermissionList } };
  scope.get('/v1/permissions', { schema: list }, async (request) =>
    wholeList(await core.listPermissions(callerOf(request)), (permission) => permission),
  );

  const register = { body: NewPermission, querystring: NoQuery, response: { 201: Permission } };
  scope.post('/v1/permissions', { schema: register }, async (request, reply) => {
    const act = (caller: Caller) => core.registerPermission(caller, request.body);
    const { body, headers } = await created(core, request, act, (permission) => permission);
    return reply.code(201).headers(headers).send(body);
  });

  const describe = { params: ByName, body: PermissionChange, querystring: NoQuery, response: { 200: Permission } };
  scope.patch('/v1/permissions/:name', { schema: describe }, (request) =>
    core.describePermission(callerOf(request), request.params.name, request.body),
  );

  const holders = { params: ByName, querystring: NoQuery, response: { 200: Holders } };
  scope.get('/v1/permissions/:name/holders', { schema: holders }, async (request) => {
    const { routes, first, ...counts } = await core.readHolders(callerOf(request), request.params.name);
    return { ...counts, routes: [...routes], first: [...first] };
  });

  mountRemoval(scope, '/v1/permissions/:name', core.deletePermission);
}
