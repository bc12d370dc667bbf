// Links that work once, over HTTP. Their tokens travel in bodies: the part of an address behind `#` is never sent.

import {
  Invitation,
  Link,
  LinkLook,
  LinkRedemption,
  LinkView,
  NewInvitation,
  SetUpRequest,
  SetUpResponse,
  SetUpState,
} from '@keyward/sdk/wire';
import type { Caller } from '../../core/caller/caller.ts';
import type { Core } from '../../core/core.ts';
import type { Link as Kept } from '../../core/identity/one-time-link.ts';
import type { User } from '../../core/identity/records.ts';
import { ById, NoBody, Nothing } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { created } from './creation.ts';
import { demandOwnOrigin } from './session-cookie.ts';
import { toTime } from './time.ts';
import { toWire as userToWire } from './users.ts';

/** Using a link, which needs nothing but its token. */
export function mountLinkUse(scope: Scope, core: Core): void {
  const state = { querystring: NoQuery, response: { 200: SetUpState } };
  scope.get('/v1/set-up', { schema: state }, async () => ({ needed: !(await core.isSetUp()) }));

  const setUp = { body: SetUpRequest, querystring: NoQuery, response: { 201: SetUpResponse } };
  scope.post('/v1/set-up', { schema: setUp }, async (request, reply) => {
    demandOwnOrigin(request, core);
    const { organization, owner } = await core.setUp(request.body, request.clientAddress);
    return reply.code(201).send({
      organization: { id: organization.id, name: organization.name },
      user: { id: owner.id, email: owner.email, name: owner.name },
    });
  });

  const look = { body: LinkLook, querystring: NoQuery, response: { 200: LinkView } };
  scope.post('/v1/password-links/look', { schema: look }, async (request) => {
    const view = await core.readLink(request.body.token, request.clientAddress);
    return { ...view, expiresAt: toTime(view.expiresAt) };
  });

  const redeem = { body: LinkRedemption, querystring: NoQuery, response: { 204: Nothing } };
  scope.post('/v1/password-links/redeem', { schema: redeem }, async (request, reply) => {
    demandOwnOrigin(request, core);
    await core.redeemLink(request.body.token, request.body.password, request.clientAddress);
    return reply.code(204).send(null);
  });
}

/** Making links for others. */
export function mountLinks(scope: Scope, core: Core): void {
  const invite = { body: NewInvitation, querystring: NoQuery, response: { 201: Invitation } };
  scope.post('/v1/invitations', { schema: invite }, async (request, reply) => {
    const act = (caller: Caller) => core.invite(caller, request.body);
    const { body, headers } = await created(core, request, act, invitationToWire);
    return reply.code(201).headers(headers).send(body);
  });

  const make = { params: ById, querystring: NoQuery, body: NoBody, response: { 200: Link } };
  scope.post('/v1/users/:id/password-link', { schema: make }, async (request) =>
    toWire(await core.makePasswordLink(callerOf(request), request.params.id)),
  );
}

function invitationToWire({ user, link }: { user: User; link: Kept }): Invitation {
  return { user: userToWire(user), link: toWire(link) };
}

function toWire({ url, expiresAt }: Kept): Link {
  return { url, expiresAt: toTime(expiresAt) };
}
