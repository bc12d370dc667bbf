// Users over HTTP. A generated password is in the answer that makes it, and nowhere else.

import {
  CreatedUser,
  ListQuery,
  NewPassword,
  NewUser,
  User,
  UserChange,
  UserDeletionQuery,
  UserList,
  UserWithDescendants,
} from '@keyward/sdk/wire';
import type { Caller } from '../../core/caller/caller.ts';
import { type CredentialState, ownState } from '../../core/caller/state.ts';
import type { Core } from '../../core/core.ts';
import type { Fate } from '../../core/credentials/departure.ts';
import { invalid } from '../../core/errors.ts';
import type { User as Kept } from '../../core/identity/records.ts';
import { ById, mountAct, NoBody } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { created } from './creation.ts';
import { descendantsShown } from './lineage.ts';
import { answerPage } from './paging.ts';
import { end, endsAccess, mountEnding } from './receipt.ts';
import { toTime, toTimeOrNull } from './time.ts';
import { stateToWire } from './token.ts';

export function mountUsers(scope: Scope, core: Core): void {
  scope.get('/v1/users', { schema: { querystring: ListQuery, response: { 200: UserList } } }, (request) => {
    const caller = callerOf(request);
    const read = async (wanted: Parameters<Core['listUsers']>[1]) => {
      const page = await core.listUsers(caller, wanted);
      return { ...page, items: await shown(core, page.items) };
    };
    return answerPage(core, caller, 'users', request.query, read, (user) => user);
  });

  const create = { body: NewUser, querystring: NoQuery, response: { 201: CreatedUser } };
  scope.post('/v1/users', { schema: create }, async (request, reply) => {
    const act = (caller: Caller) => core.createUser(caller, request.body);
    const { body, headers } = await created(core, request, act, createdUser);
    return reply.code(201).headers(headers).send(body);
  });

  const one = { params: ById, querystring: NoQuery };
  scope.get('/v1/users/:id', { schema: { ...one, response: { 200: UserWithDescendants } } }, async (request) => {
    const caller = callerOf(request);
    const user = await showOne(core, await core.readUser(caller, request.params.id));
    return { ...user, descendants: await descendantsShown(core, caller, { type: 'user', id: user.id }) };
  });
  const change = { ...one, body: UserChange, response: { 200: User } };
  scope.patch('/v1/users/:id', { schema: change }, async (request) =>
    showOne(core, await core.updateUser(callerOf(request), request.params.id, request.body)),
  );

  const remove = { ...endsAccess, querystring: UserDeletionQuery, params: ById, body: NoBody };
  scope.delete('/v1/users/:id', { schema: remove }, async (request, reply) => {
    const caller = callerOf(request);
    const { id } = request.params;
    const fate = fateIn(request.query);
    const act = () => (fate === null ? core.deleteUser(caller, id) : core.deleteUserWithTokens(caller, id, fate));
    return end(core, caller, { type: 'user', id }, 'delete', request.query, reply, act);
  });
  mountEnding(scope, core, 'POST', '/v1/users/:id/deactivate', 'user', core.deactivateUser);
  mountAct(scope, 'POST', '/v1/users/:id/activate', core.activateUser);

  const reset = { params: ById, querystring: NoQuery, body: NoBody, response: { 200: NewPassword } };
  scope.post('/v1/users/:id/reset-password', { schema: reset }, (request) =>
    core.resetPassword(callerOf(request), request.params.id),
  );
}

/** What is to become of the person's tokens; null where nobody says. */
function fateIn({ tokens, to, descendants }: UserDeletionQuery): Fate | null {
  if (to !== undefined && tokens !== 'handover') {
    throw invalid(['query', 'to'], 'Leave it out, or say tokens=handover.');
  }
  if (tokens === undefined) return null;
  if (descendants === 'true') throw invalid(['query', 'tokens'], 'Leave out either tokens or descendants.');
  if (tokens === 'end') return { tokens };
  const [, type, id = ''] = /^(user|api_user):(.+)$/.exec(to ?? '') ?? [];
  if (type === 'user' || type === 'api_user') return { tokens, to: { type, id } };
  throw invalid(['query', 'to'], 'Say who is to own them: user: or api_user: and an id.');
}

async function shown(core: Core, users: readonly Kept[]): Promise<User[]> {
  const states = await core.statesOfPeople('user', users);
  return users.map((user) => toWire(user, states.get(user.id)));
}

async function showOne(core: Core, user: Kept): Promise<User> {
  const [one] = await shown(core, [user]);
  if (one === undefined) throw new Error('One user is shown as one.');
  return one;
}

/** A new user, with the password that is said this once. */
export function createdUser({ user, password }: { user: Kept; password: string }): CreatedUser {
  return { ...toWire(user), password };
}

/** A user as the wire shows it; of a new one, or of oneself, the state needs no look at what stands behind. */
export function toWire(
  { id, email, name, role, createdAt, lifecycle, ...user }: Kept,
  state: CredentialState = user.invitedAt === null
    ? ownState(lifecycle, null, 0)
    : { state: 'inactive', reason: 'invited' },
): User {
  return {
    id,
    email,
    name,
    role,
    ...stateToWire(state),
    createdAt: toTime(createdAt),
    deactivatedAt: toTimeOrNull(lifecycle.deactivatedAt),
    secondFactor: user.secondFactorAt !== null,
    invited: user.invitedAt !== null,
    lastSeenAt: toTimeOrNull(user.lastSeenAt),
  };
}
