// Federated credentials over HTTP: made and listed with the API user that they are of, read, changed and deleted by their own id.

import {
  FederatedCredential,
  FederatedCredentialChange,
  FederatedCredentialList,
  NewFederatedCredential,
} from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import type { FederatedCredential as Kept } from '../../core/federation/records.ts';
import { ById } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { created } from './creation.ts';
import { wholeList } from './paging.ts';
import { mountEndingAlone } from './receipt.ts';
import { toTime } from './time.ts';

export function mountFederatedCredentials(scope: Scope, core: Core): void {
  const one = { params: ById, querystring: NoQuery };

  const list = { ...one, response: { 200: FederatedCredentialList } };
  scope.get('/v1/api-users/:id/federated-credentials', { schema: list }, async (request) =>
    wholeList(await core.listFederatedCredentials(callerOf(request), request.params.id), toWire),
  );

  const create = { ...one, body: NewFederatedCredential, response: { 201: FederatedCredential } };
  scope.post('/v1/api-users/:id/federated-credentials', { schema: create }, async (request, reply) => {
    const { id } = request.params;
    const { body, headers } = await created(
      core,
      request,
      (caller) => core.createFederatedCredential(caller, id, request.body),
      toWire,
    );
    return reply.code(201).headers(headers).send(body);
  });

  const read = { ...one, response: { 200: FederatedCredential } };
  scope.get('/v1/federated-credentials/:id', { schema: read }, async (request) =>
    toWire(await core.readFederatedCredential(callerOf(request), request.params.id)),
  );

  const change = { ...one, body: FederatedCredentialChange, response: { 200: FederatedCredential } };
  scope.patch('/v1/federated-credentials/:id', { schema: change }, async (request) =>
    toWire(await core.updateFederatedCredential(callerOf(request), request.params.id, request.body)),
  );

  const path = '/v1/federated-credentials/:id';
  mountEndingAlone(scope, core, 'DELETE', path, 'federated_credential', core.deleteFederatedCredential);
}

function toWire({ id, owner, name, issuer, audience, conditions, jwksUri, jwks, ...made }: Kept): FederatedCredential {
  return {
    id,
    apiUser: owner.id,
    name,
    issuer,
    audience,
    conditions: { ...conditions },
    jwksUri,
    jwks: jwks && { keys: jwks.keys.map((key) => ({ ...key })) },
    createdAt: toTime(made.createdAt),
    createdBy: made.createdBy,
  };
}
