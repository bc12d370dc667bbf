// API tokens over HTTP. The secret is in the answer that makes it and, for readable ones, in that of `reveal`.

import {
  CreatedToken,
  NewToken,
  RevealedToken,
  RevealRequest,
  Token,
  TokenChange,
  TokenList,
  TokenListQuery,
} from '@keyward/sdk/wire';
import type { ApiToken } from '../../core/api-token.ts';
import type { Caller } from '../../core/caller.ts';
import type { Core } from '../../core/core.ts';
import { isActive } from '../../core/standing.ts';
import type { LastUse } from '../../core/usage.ts';
import { ById, mountAct } from './act.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { answerPage } from './paging.ts';
import { mountEnding } from './receipt.ts';
import { fromTime, toTime, toTimeOrNull } from './time.ts';

export function mountTokens(scope: Scope, core: Core): void {
  scope.get('/v1/tokens', { schema: { querystring: TokenListQuery, response: { 200: TokenList } } }, (request) => {
    const caller = callerOf(request);
    const { whose = 'own', ...query } = request.query;
    const read = async (wanted: Parameters<Core['listApiTokens']>[1]) => {
      const page = await core.listApiTokens(caller, wanted, whose);
      return { ...page, items: await shown(core, caller, page.items) };
    };
    return answerPage(core, caller, `tokens ${whose}`, query, read, (token) => token);
  });

  const create = { body: NewToken, querystring: NoQuery, response: { 201: CreatedToken } };
  scope.post('/v1/tokens', { schema: create }, async (request, reply) => {
    const { expiresAt: text, ...rest } = request.body;
    const expiresAt = text == null ? null : fromTime('expiresAt', text);
    const { token, secret } = await core.createApiToken(callerOf(request), { ...rest, expiresAt });
    return reply.code(201).send({ token: toWire(token, undefined), secret });
  });

  const read = { params: ById, querystring: NoQuery, response: { 200: Token } };
  scope.get('/v1/tokens/:id', { schema: read }, async (request) => {
    const caller = callerOf(request);
    return showOne(core, caller, await core.readApiToken(caller, request.params));
  });
  scope.patch('/v1/tokens/:id', { schema: { ...read, body: TokenChange } }, async (request) => {
    const caller = callerOf(request);
    return showOne(core, caller, await core.updateApiToken(caller, request.params, request.body));
  });

  const reveal = { params: ById, querystring: NoQuery, body: RevealRequest, response: { 200: RevealedToken } };
  scope.post('/v1/tokens/:id/reveal', { schema: reveal }, (request) =>
    core.revealApiToken(callerOf(request), request.params, request.body.password),
  );

  mountEnding(scope, core, 'DELETE', '/v1/tokens/:id', 'api_token', (caller, id) =>
    core.deleteApiToken(caller, { id }),
  );
  mountEnding(scope, core, 'POST', '/v1/tokens/:id/deactivate', 'api_token', (caller, id) =>
    core.deactivateApiToken(caller, { id }),
  );
  mountAct(scope, 'POST', '/v1/tokens/:id/activate', (caller, id) => core.activateApiToken(caller, { id }));
  mountAct(scope, 'POST', '/v1/tokens/:id/restore', core.restoreApiToken);
}

async function shown(core: Core, caller: Caller, tokens: readonly ApiToken[]): Promise<Token[]> {
  const uses = await core.lastUsesOf(caller, tokens);
  return tokens.map((token) => toWire(token, uses.get(token.id)));
}

async function showOne(core: Core, caller: Caller, token: ApiToken): Promise<Token> {
  const uses = await core.lastUsesOf(caller, [token]);
  return toWire(token, uses.get(token.id));
}

function toWire({ sealedSecret, standing, permissions, ...token }: ApiToken, lastUse: LastUse | undefined): Token {
  const { id, name, description, owner, use, addresses, createdBy } = token;
  return {
    id,
    name,
    description,
    owner,
    permissions: [...permissions],
    use,
    readable: sealedSecret !== null,
    addresses: [...addresses],
    active: isActive(standing),
    expiresAt: toTimeOrNull(token.expiresAt),
    lastUsed: lastUse === undefined ? null : { ...lastUse, at: toTime(lastUse.at) },
    createdAt: toTime(token.createdAt),
    createdBy,
    updatedAt: toTimeOrNull(token.updatedAt),
    deactivatedAt: toTimeOrNull(standing.deactivatedAt),
    deletedAt: toTimeOrNull(standing.deletedAt),
  };
}
