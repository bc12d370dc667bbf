// Acting for a customer over HTTP: `?organization=` turns whoever calls into one who acts there, before the operation and
// in this one place. Endpoints about anything but an organization's own objects refuse the parameter.

import { ActingQuery } from '@keyward/sdk/wire';
import type { FastifyRequest, RouteOptions } from 'fastify';
import { type TObject, Type } from 'typebox';
import type { Core } from '../../core/core.ts';
import { invalid } from '../../core/errors.ts';
import { callerOf, type Scope } from './caller.ts';

/** In place of an organization: of each of them. The route sees it in its query, and asks as the caller itself. */
export const allOrganizations = '*';

/** Routes of the scope, which is for callers only, take `?organization=`. */
export function actingForCustomers(scope: Scope, core: Core): void {
  scope.addHook('onRoute', (route) => {
    route.schema = withOrganization(route.schema);
  });
  scope.addHook('onRequest', async (request) => {
    const { organization, ...rest } = request.query as Record<string, string>;
    if (organization === undefined) return;
    if (organization === allOrganizations && request.routeOptions.config.takesAllOrganizations === true) return;
    request.query = rest;
    request.setDecorator('caller', await core.actFor(callerOf(request), organization));
  });
}

/** Routes of the scope are about nobody's own objects, or the caller itself: they say so to whoever would act for another. */
export function actingForNobody(scope: Scope): void {
  scope.addHook('onRequest', async (request: FastifyRequest) => {
    if (!Object.hasOwn(request.query as object, 'organization')) return;
    const text = "This endpoint is not about one organization's own objects: leave organization out.";
    throw invalid(['query', 'organization'], text);
  });
}

/** The query that a route documents: its own, and the organization. */
function withOrganization(schema: RouteOptions['schema']): NonNullable<RouteOptions['schema']> {
  const { properties = {} } = (schema?.querystring ?? {}) as Partial<TObject>;
  const querystring = Type.Object({ ...properties, ...ActingQuery.properties }, { additionalProperties: false });
  return { ...schema, querystring };
}
