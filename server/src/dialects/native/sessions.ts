// Sessions over HTTP: signing in with a cookie, what the session is, ending it, and the password asked for again.

import {
  Confirmation,
  ConfirmationRequest,
  Session,
  SessionList,
  SessionRequest,
  type SessionSummary,
} from '@keyward/sdk/wire';
import type { Session as Kept } from '../../core/caller/records.ts';
import type { Core } from '../../core/core.ts';
import { type SessionView, sessionIdOf } from '../../core/identity/session.ts';
import { ById, NoBody, Nothing } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { wholeList } from './paging.ts';
import { signInPaths } from './problem.ts';
import { clearSession, demandOwnOrigin, sessionOriginOf, sessionSecret, setSession } from './session-cookie.ts';
import { toTime, toTimeOrNull } from './time.ts';

/** Signing in, which is for everyone. */
export function mountSessionStart(scope: Scope, core: Core): void {
  const start = { body: SessionRequest, querystring: NoQuery, response: { 200: Session } };
  scope.post(signInPaths.session, { schema: start }, async (request, reply) => {
    demandOwnOrigin(request, core);
    const wanted = { ...request.body, previous: sessionSecret(request) };
    const { secret, caller } = await core.startSession(wanted, sessionOriginOf(request));
    setSession(reply, secret);
    return toWire(await core.readSession(caller));
  });
}

/** What is for those who are signed in. */
export function mountSessions(scope: Scope, core: Core): void {
  scope.get('/v1/session', { schema: { querystring: NoQuery, response: { 200: Session } } }, async (request) =>
    toWire(await core.readSession(callerOf(request))),
  );

  const end = { querystring: NoQuery, body: NoBody, response: { 204: Nothing } };
  scope.delete('/v1/session', { schema: end }, async (request, reply) => {
    await core.endSession(callerOf(request));
    if (sessionSecret(request) !== undefined) {
      clearSession(reply);
      reply.header('clear-site-data', '"cache", "cookies", "storage"');
    }
    return reply.code(204).send(null);
  });

  const confirm = { body: ConfirmationRequest, querystring: NoQuery, response: { 200: Confirmation } };
  scope.post('/v1/session/confirmation', { schema: confirm }, async (request, reply) => {
    const { secret, confirmedUntil } = await core.confirmSession(callerOf(request), request.body.password);
    setSession(reply, secret);
    return { confirmedUntil: toTime(confirmedUntil) };
  });

  scope.get('/v1/sessions', { schema: { querystring: NoQuery, response: { 200: SessionList } } }, async (request) => {
    const caller = callerOf(request);
    return wholeList(await core.listSessions(caller), (session) => summaryOf(session, sessionIdOf(caller)));
  });

  scope.delete('/v1/sessions', { schema: end }, async (request, reply) => {
    await core.endOtherSessions(callerOf(request));
    return reply.code(204).send(null);
  });

  scope.delete('/v1/sessions/:id', { schema: { ...end, params: ById } }, async (request, reply) => {
    const caller = callerOf(request);
    await core.endSession(caller, request.params.id);
    if (caller.session?.id === request.params.id) clearSession(reply);
    return reply.code(204).send(null);
  });
}

function toWire(view: SessionView): Session {
  const { user, organization, permissions, held, secondFactor } = view;
  return {
    user,
    organization,
    permissions: [...permissions],
    held: [...held],
    createdAt: toTime(view.createdAt),
    idleUntil: toTime(view.idleUntil),
    expiresAt: toTime(view.expiresAt),
    secondFactor,
    confirmedUntil: toTimeOrNull(view.confirmedUntil),
  };
}

function summaryOf(session: Kept, current: string | undefined): SessionSummary {
  const { id, carrier, createdAt, seenAt, address, userAgent } = session;
  const times = { createdAt: toTime(createdAt), seenAt: toTime(seenAt) };
  return { id, carrier, ...times, address, userAgent, current: id === current };
}
