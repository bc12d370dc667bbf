// API tokens over HTTP. The secret is in the answer that makes it or a new one and, for readable ones, in that of `reveal`.

import {
  BulkOutcome,
  BulkTokens,
  CreatedToken,
  NewToken,
  RevealedToken,
  RevealRequest,
  RotatedToken,
  Token,
  TokenChange,
  TokenList,
  TokenListQuery,
  TokenRotation,
  TokenWithDescendants,
} from '@keyward/sdk/wire';
import type { Caller } from '../../core/caller/caller.ts';
import type { Core } from '../../core/core.ts';
import { invalid } from '../../core/errors.ts';
import { allOrganizations } from './acting.ts';
import { ById, mountAct } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { created } from './creation.ts';
import { descendantsShown } from './lineage.ts';
import { answerPage, filterOf, wholeNumber } from './paging.ts';
import { mountEnding } from './receipt.ts';
import { fromTime, observeIn } from './time.ts';
import { type About, toWire } from './token.ts';
import { aboutOne, nothing, shown, shownOfAll, showOne } from './token-shown.ts';

export function mountTokens(scope: Scope, core: Core): void {
  const list = { querystring: TokenListQuery, response: { 200: TokenList } };
  scope.get('/v1/tokens', { schema: list, config: { takesAllOrganizations: true } }, (request) => {
    const caller = callerOf(request);
    // Whoever acts for a customer has none of their own there.
    const usual = caller.actingFrom === undefined ? 'own' : 'all';
    const { organization, whose, state, unusedDays, expiringDays, owner, permission, externalId, ...query } =
      request.query;
    const filter = {
      ...(state !== undefined && { state }),
      ...(unusedDays !== undefined && { unusedDays: wholeNumber('unusedDays', unusedDays, mostDays) }),
      ...(expiringDays !== undefined && { expiringDays: wholeNumber('expiringDays', expiringDays, mostDays) }),
      ...(owner !== undefined && { owner }),
      ...(permission !== undefined && { permission }),
      ...filterOf(externalId),
    };
    if (organization === allOrganizations) {
      if (whose === 'own') throw invalid(['query', 'whose'], 'Of all organizations there are none of your own alone.');
      const readAll = async (wanted: Parameters<Core['listAllApiTokens']>[1]) => {
        const page = await core.listAllApiTokens(caller, wanted, filter);
        return { ...page, items: await shownOfAll(core, caller, page.items) };
      };
      return answerPage(core, caller, 'tokens of all organizations', query, readAll, (token) => token);
    }
    const read = async (wanted: Parameters<Core['listApiTokens']>[1]) => {
      const page = await core.listApiTokens(caller, wanted, whose ?? usual, filter);
      return { ...page, items: await shown(core, caller, page.items) };
    };
    return answerPage(core, caller, `tokens ${whose ?? usual}`, query, read, (token) => token);
  });

  const create = { body: NewToken, querystring: NoQuery, response: { 201: CreatedToken } };
  scope.post('/v1/tokens', { schema: create }, async (request, reply) => {
    const { expiresAt, ...rest } = request.body;
    const wanted = { ...rest, expiresAt: endIn(expiresAt ?? null) };
    const act = (caller: Caller) => core.createApiToken(caller, wanted);
    // It is new: nothing need be asked for.
    const { body, headers } = await created(core, request, act, ({ token, secret, ownerName }) => ({
      token: toWire(token, { ...nothing, ownerName }),
      secret,
    }));
    return reply.code(201).headers(headers).send(body);
  });

  const bulk = { body: BulkTokens, querystring: NoQuery, response: { 200: BulkOutcome } };
  scope.post('/v1/tokens/bulk', { schema: bulk }, (request) => {
    const { ids, action, descendants = false } = request.body;
    return core.changeApiTokens(callerOf(request), ids, action, { descendants });
  });

  const one = { params: ById, querystring: NoQuery };
  const read = { ...one, response: { 200: TokenWithDescendants } };
  scope.get('/v1/tokens/:id', { schema: read }, async (request) => {
    const caller = callerOf(request);
    const token = await showOne(core, caller, await core.readApiToken(caller, request.params));
    return { ...token, descendants: await descendantsShown(core, caller, { type: 'api_token', id: token.id }) };
  });
  scope.patch(
    '/v1/tokens/:id',
    { schema: { ...one, body: TokenChange, response: { 200: Token } } },
    async (request) => {
      const caller = callerOf(request);
      const { expiresAt, observe, ...rest } = request.body;
      const end = expiresAt === undefined ? {} : { expiresAt: endIn(expiresAt) };
      const change = { ...rest, ...end, ...observeIn(observe) };
      return showOne(core, caller, await core.updateApiToken(caller, request.params, change));
    },
  );

  const reveal = { params: ById, querystring: NoQuery, body: RevealRequest, response: { 200: RevealedToken } };
  scope.post('/v1/tokens/:id/reveal', { schema: reveal }, (request) =>
    core.revealApiToken(callerOf(request), request.params, request.body.password),
  );

  const rotate = { params: ById, querystring: NoQuery, body: TokenRotation, response: { 200: RotatedToken } };
  scope.post('/v1/tokens/:id/rotate', { schema: rotate }, async (request, reply) => {
    const overlapMs = request.body.overlapSeconds * 1000;
    let about: About = { ...nothing, ownerName: '' };
    const act = async (caller: Caller) => {
      const token = await core.readApiToken(caller, request.params, 'update');
      about = await aboutOne(core, caller, token);
      return core.rotateApiToken(caller, request.params, overlapMs);
    };
    const { body, headers } = await created(core, request, act, ({ token, secret, previous }) => ({
      token: toWire(token, { ...about, rotation: previous }),
      secret,
    }));
    return reply.headers(headers).send(body);
  });
  mountAct(scope, 'DELETE', '/v1/tokens/:id/previous-secret', core.endOverlap);

  mountEnding(scope, core, 'DELETE', '/v1/tokens/:id', 'api_token', (caller, id) =>
    core.deleteApiToken(caller, { id }),
  );
  mountEnding(scope, core, 'POST', '/v1/tokens/:id/deactivate', 'api_token', (caller, id) =>
    core.deactivateApiToken(caller, { id }),
  );
  mountAct(scope, 'POST', '/v1/tokens/:id/activate', (caller, id) => core.activateApiToken(caller, { id }));
  mountAct(scope, 'POST', '/v1/tokens/:id/restore', core.restoreApiToken);
}

const mostDays = 3650;

function endIn(text: string | null): number | null {
  return text === null ? null : fromTime('expiresAt', text);
}
