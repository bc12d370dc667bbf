// Applications over HTTP. The secret of a confidential one is in the answer that makes it, and nowhere else.

import {
  Application,
  ApplicationChange,
  ApplicationInUse,
  ApplicationList,
  CreatedApplication,
  ListQuery,
  NewApplication,
} from '@keyward/sdk/wire';
import { hasKeys } from '../../core/assertions/key-source.ts';
import type { Caller } from '../../core/caller/caller.ts';
import type { Core } from '../../core/core.ts';
import type { MadeApplication } from '../../core/tokens/applications/application.ts';
import type { Application as Kept } from '../../core/tokens/applications/records.ts';
import type { ShownApplication } from '../../core/tokens/applications/shown-application.ts';
import { ById, mountAct, NoBody } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { created } from './creation.ts';
import { answerPage } from './paging.ts';
import { mountEndingAlone } from './receipt.ts';
import { toTime, toTimeOrNull } from './time.ts';

export function mountApplications(scope: Scope, core: Core): void {
  const list = { querystring: ListQuery, response: { 200: ApplicationList } };
  scope.get('/v1/applications', { schema: list }, (request) => {
    const caller = callerOf(request);
    const read = (page: Parameters<Core['listApplications']>[1]) => core.listApplications(caller, page);
    return answerPage(core, caller, 'applications', request.query, read, shownToWire);
  });

  const create = { body: NewApplication, querystring: NoQuery, response: { 201: CreatedApplication } };
  scope.post('/v1/applications', { schema: create }, async (request, reply) => {
    const act = (caller: Caller) => core.createApplication(caller, request.body);
    const { body, headers } = await created(core, request, act, madeToWire);
    return reply.code(201).headers(headers).send(body);
  });

  const one = { params: ById, querystring: NoQuery };
  scope.get('/v1/applications/:id', { schema: { ...one, response: { 200: ApplicationInUse } } }, async (request) =>
    shownToWire(await core.readApplication(callerOf(request), request.params.id)),
  );
  const change = { ...one, body: ApplicationChange, response: { 200: Application } };
  scope.patch('/v1/applications/:id', { schema: change }, async (request) =>
    toWire(await core.updateApplication(callerOf(request), request.params.id, request.body)),
  );

  const rotate = { ...one, body: NoBody, response: { 200: CreatedApplication } };
  scope.post('/v1/applications/:id/rotate', { schema: rotate }, async (request, reply) => {
    const act = (caller: Caller) => core.rotateApplicationSecret(caller, request.params.id);
    const { body, headers } = await created(core, request, act, madeToWire);
    return reply.headers(headers).send(body);
  });

  const { deactivateApplication, deleteApplication } = core;
  mountEndingAlone(scope, core, 'POST', '/v1/applications/:id/deactivate', 'application', deactivateApplication);
  mountAct(scope, 'POST', '/v1/applications/:id/activate', core.activateApplication);
  mountEndingAlone(scope, core, 'DELETE', '/v1/applications/:id', 'application', deleteApplication);
}

function madeToWire({ application, secret }: MadeApplication): CreatedApplication {
  return { ...toWire(application), secret };
}

function shownToWire({ people, lastUsedAt, makerName, ...application }: ShownApplication): ApplicationInUse {
  return { ...toWire(application), createdByName: makerName, people, lastUsedAt: toTimeOrNull(lastUsedAt) };
}

function toWire(application: Kept): Application {
  const { id, metadataUrl, name, type, redirectUris, grants, permissions, logoUrl } = application;
  const { createdAt, createdBy, lifecycle, jwksUri, jwks } = application;
  return {
    id,
    metadataUrl,
    name,
    type,
    redirectUris: [...redirectUris],
    grants: [...grants],
    permissions: [...permissions],
    logoUrl,
    tokenEndpointAuthMethod:
      type === 'public' ? 'none' : hasKeys(application) ? 'private_key_jwt' : 'client_secret_basic',
    jwksUri,
    jwks: jwks && { keys: jwks.keys.map((key) => ({ ...key })) },
    active: lifecycle.deactivatedAt === null,
    createdAt: toTime(createdAt),
    createdBy,
    deactivatedAt: toTimeOrNull(lifecycle.deactivatedAt),
  };
}
