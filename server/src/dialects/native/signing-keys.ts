// Signing keys over HTTP: which there are, and the two ways to replace one. Nothing that signs is ever shown.

import { KeyRotation, RotatedKey, type SigningKey, SigningKeyList } from '@keyward/sdk/wire';
import type { Caller } from '../../core/caller/caller.ts';
import type { Core } from '../../core/core.ts';
import type { SigningKey as Kept } from '../../core/tokens/records.ts';
import { mountAct } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { created } from './creation.ts';
import { wholeList } from './paging.ts';
import { toTime, toTimeOrNull } from './time.ts';

export function mountSigningKeys(scope: Scope, core: Core): void {
  const list = { querystring: NoQuery, response: { 200: SigningKeyList } };
  scope.get('/v1/signing-keys', { schema: list }, async (request) =>
    wholeList(await core.listSigningKeys(callerOf(request)), toWire),
  );

  const rotate = { body: KeyRotation, querystring: NoQuery, response: { 201: RotatedKey } };
  scope.post('/v1/signing-keys/rotate', { schema: rotate }, async (request, reply) => {
    const act = (caller: Caller) => core.rotateSigningKey(caller, request.body.profile, request.body.algorithm);
    const { body, headers } = await created(core, request, act, (key) => key);
    return reply.code(201).headers(headers).send(body);
  });

  mountAct(scope, 'POST', '/v1/signing-keys/:kid/revoke', core.revokeSigningKey);
}

function toWire({ publicJwk: _, ...key }: Omit<Kept, 'sealedPrivateJwk'>): SigningKey {
  return {
    kid: key.kid,
    profile: key.profile,
    algorithm: key.algorithm,
    createdAt: toTime(key.createdAt),
    signsFrom: toTime(key.signsFrom),
    retiredAt: toTimeOrNull(key.retiredAt),
    verifiesUntil: toTimeOrNull(key.verifiesUntil),
    revokedAt: toTimeOrNull(key.revokedAt),
  };
}
