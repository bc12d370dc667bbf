// API users over HTTP. The generated password is in the answer that makes it, and nowhere else.

import {
  AccessTokensInFlight,
  ApiUser,
  ApiUserChange,
  ApiUserDeactivation,
  ApiUserList,
  ApiUserRotation,
  ApiUserWithDescendants,
  CreatedApiUser,
  NewApiUser,
  RestorableListQuery,
  RotatedApiUser,
} from '@keyward/sdk/wire';
import type { Caller } from '../../core/caller/caller.ts';
import type { Core } from '../../core/core.ts';
import type { ApiUser as Kept } from '../../core/identity/records.ts';
import { ById, mountAct, NoBody, orNoBody } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { created } from './creation.ts';
import { descendantsShown } from './lineage.ts';
import { answerPage, filterOf } from './paging.ts';
import { end, endsAccess, mountEnding } from './receipt.ts';
import { toTime, toTimeOrNull } from './time.ts';
import { type About as AboutToken, refusalToWire, rotationToWire, stateToWire, useToWire } from './token.ts';

/** What is told of an API user beside its own record. */
type About = Omit<AboutToken, 'ownerName'>;

const nothing: About = {
  lastUse: undefined,
  lastRefusal: undefined,
  rotation: undefined,
  state: { state: 'active', reason: null },
};

export function mountApiUsers(scope: Scope, core: Core): void {
  const list = { querystring: RestorableListQuery, response: { 200: ApiUserList } };
  scope.get('/v1/api-users', { schema: list }, (request) => {
    const caller = callerOf(request);
    const { externalId, ...query } = request.query;
    const filter = filterOf(externalId);
    const read = async (wanted: Parameters<Core['listApiUsers']>[1]) => {
      const page = await core.listApiUsers(caller, wanted, filter);
      return { ...page, items: await shown(core, caller, page.items) };
    };
    return answerPage(core, caller, 'api-users', query, read, (apiUser) => apiUser);
  });

  const create = { body: NewApiUser, querystring: NoQuery, response: { 201: CreatedApiUser } };
  scope.post('/v1/api-users', { schema: create }, async (request, reply) => {
    const act = (caller: Caller) => core.createApiUser(caller, request.body);
    const { body, headers } = await created(core, request, act, createdToWire);
    return reply.code(201).headers(headers).send(body);
  });

  const succeed = { params: ById, querystring: NoQuery, body: NoBody, response: { 201: CreatedApiUser } };
  scope.post('/v1/api-users/:id/successor', { schema: succeed }, async (request, reply) => {
    const act = (caller: Caller) => core.createSuccessor(caller, request.params.id);
    const { body, headers } = await created(core, request, act, createdToWire);
    return reply.code(201).headers(headers).send(body);
  });

  const one = { params: ById, querystring: NoQuery };
  const read = { ...one, response: { 200: ApiUserWithDescendants } };
  scope.get('/v1/api-users/:id', { schema: read }, async (request) => {
    const caller = callerOf(request);
    const apiUser = await showOne(core, caller, await core.readApiUser(caller, request.params.id));
    return { ...apiUser, descendants: await descendantsShown(core, caller, { type: 'api_user', id: apiUser.id }) };
  });
  scope.patch(
    '/v1/api-users/:id',
    { schema: { ...one, body: ApiUserChange, response: { 200: ApiUser } } },
    async (request) => {
      const caller = callerOf(request);
      return showOne(core, caller, await core.updateApiUser(caller, request.params.id, request.body));
    },
  );

  const inFlight = { params: ById, querystring: NoQuery, response: { 200: AccessTokensInFlight } };
  scope.get('/v1/api-users/:id/access-tokens', { schema: inFlight }, async (request) => ({
    about: await core.countInFlight(callerOf(request), request.params.id),
  }));

  const body = orNoBody(ApiUserDeactivation);
  const deactivate = { ...endsAccess, params: ById, body };
  scope.post('/v1/api-users/:id/deactivate', { schema: deactivate }, async (request, reply) => {
    const caller = callerOf(request);
    const { id } = request.params;
    const options = request.body ?? {};
    const act = () => core.deactivateApiUser(caller, id, options);
    return end(core, caller, { type: 'api_user', id }, 'deactivate', request.query, reply, act, options);
  });
  mountAct(scope, 'POST', '/v1/api-users/:id/activate', core.activateApiUser);

  const rotate = { params: ById, querystring: NoQuery, body: ApiUserRotation, response: { 200: RotatedApiUser } };
  scope.post('/v1/api-users/:id/rotate', { schema: rotate }, async (request, reply) => {
    const { id } = request.params;
    const overlapMs = request.body.overlapSeconds * 1000;
    let about = nothing;
    const act = async (caller: Caller) => {
      about = await aboutOne(core, caller, await core.readApiUser(caller, id, 'update'));
      return core.rotateApiUser(caller, id, overlapMs);
    };
    const { body, headers } = await created(core, request, act, ({ apiUser, password, previous }) => ({
      ...toWire(apiUser, { ...about, rotation: previous }),
      password,
    }));
    return reply.headers(headers).send(body);
  });
  mountAct(scope, 'DELETE', '/v1/api-users/:id/previous-password', core.endPasswordOverlap);

  mountEnding(scope, core, 'DELETE', '/v1/api-users/:id', 'api_user', core.deleteApiUser);
  mountAct(scope, 'POST', '/v1/api-users/:id/restore', core.restoreApiUser);
}

async function shown(core: Core, caller: Caller, apiUsers: readonly Kept[]): Promise<ApiUser[]> {
  const about = await aboutAll(core, caller, apiUsers);
  return apiUsers.map((apiUser) => toWire(apiUser, about(apiUser)));
}

async function showOne(core: Core, caller: Caller, apiUser: Kept): Promise<ApiUser> {
  return toWire(apiUser, await aboutOne(core, caller, apiUser));
}

async function aboutOne(core: Core, caller: Caller, apiUser: Kept): Promise<About> {
  return (await aboutAll(core, caller, [apiUser]))(apiUser);
}

/** How they are used is only told to those who may see API users, which changing one does not ask for. */
async function aboutAll(core: Core, caller: Caller, apiUsers: readonly Kept[]): Promise<(apiUser: Kept) => About> {
  const ids = apiUsers.map(({ id }) => id);
  const [uses, refusals, rotations, states] = await Promise.all([
    core.lastUsesOfApiUsers(caller, ids),
    core.lastRefusalsOf(caller, 'api_user', apiUsers),
    core.passwordRotationsOf(caller, ids),
    core.statesOfPeople('api_user', apiUsers),
  ]);
  return ({ id }) => ({
    lastUse: uses.get(id),
    lastRefusal: refusals.get(id),
    rotation: rotations.get(id),
    state: states.get(id) ?? nothing.state,
  });
}

function createdToWire({ apiUser, password }: { apiUser: Kept; password: string }): CreatedApiUser {
  // It is new: nothing need be asked for.
  return { ...toWire(apiUser, nothing), password };
}

function toWire(
  { id, username, name, role, externalId, metadata, createdAt, createdBy, lifecycle }: Kept,
  { lastUse, lastRefusal, rotation, state }: About,
): ApiUser {
  return {
    id,
    username,
    name,
    role,
    externalId,
    metadata,
    ...stateToWire(state),
    createdAt: toTime(createdAt),
    createdBy,
    lastUsed: useToWire(lastUse),
    lastRefused: refusalToWire(lastRefusal),
    rotation: rotationToWire(rotation),
    deactivatedAt: toTimeOrNull(lifecycle.deactivatedAt),
    deletedAt: toTimeOrNull(lifecycle.deletedAt),
  };
}
