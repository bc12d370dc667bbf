// Roles over HTTP: the built-in ones, which stay as they are, and the organization's own.

import { NewRole, Role, RoleChange, RoleList } from '@keyward/sdk/wire';
import { builtInRoles } from '../../core/caller/built-in-roles.ts';
import type { Core } from '../../core/core.ts';
import type { Role as Kept } from '../../core/identity/records.ts';
import { ByName, mountAct } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { created } from './creation.ts';
import { wholeList } from './paging.ts';
import { toTime } from './time.ts';

export function mountRoles(scope: Scope, core: Core): void {
  scope.get('/v1/roles', { schema: { querystring: NoQuery, response: { 200: RoleList } } }, async (request) =>
    wholeList(await core.listRoles(callerOf(request)), toWire),
  );

  const create = { body: NewRole, querystring: NoQuery, response: { 201: Role } };
  scope.post('/v1/roles', { schema: create }, async (request, reply) => {
    const { body, headers } = await created(core, request, (caller) => core.createRole(caller, request.body), toWire);
    return reply.code(201).headers(headers).send(body);
  });

  const change = { params: ByName, body: RoleChange, querystring: NoQuery, response: { 200: Role } };
  scope.patch('/v1/roles/:name', { schema: change }, async (request) =>
    toWire(await core.updateRole(callerOf(request), request.params.name, request.body)),
  );

  mountAct(scope, 'DELETE', '/v1/roles/:name', core.deleteRole);
}

function toWire({ name, description, permissions, createdAt }: Kept): Role {
  const builtIn = builtInRoles.has(name);
  return { name, description, permissions: [...permissions], builtIn, createdAt: builtIn ? null : toTime(createdAt) };
}
