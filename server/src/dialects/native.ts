// Keyward's own language: its REST API under /v1, for everything that the core can do, one file per noun in native/.
// The public key set at /.well-known/jwks.json is every dialect's, and mounted by http.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Core } from '../core/core.ts';
import type { Dialect } from './dialect.ts';
import { actingForCustomers, actingForNobody } from './native/acting.ts';
import { mountAdvice } from './native/advice.ts';
import { mountApiUsers } from './native/api-users.ts';
import { mountApis } from './native/apis.ts';
import { mountApplications } from './native/applications.ts';
import { mountAuthorizations, mountOwnAuthorizations } from './native/authorizations.ts';
import { mountBudget } from './native/budget.ts';
import { callerOf, callersOnly } from './native/caller.ts';
import { mountCalls, mountExplain } from './native/calls.ts';
import { mountCheck, mountVerify } from './native/checks.ts';
import { mountConnection } from './native/connection.ts';
import { mountConsents } from './native/consents.ts';
import { mountDevices } from './native/devices.ts';
import { mountFederatedCredentials } from './native/federated-credentials.ts';
import { mountFeed } from './native/feed.ts';
import { mountImports, mountSecretShapes, mountUserImports } from './native/imports.ts';
import { mountChain, mountJournal } from './native/journal.ts';
import { mountLeaks } from './native/leaks.ts';
import { mountLeases } from './native/leases.ts';
import { mountLinks, mountLinkUse } from './native/links.ts';
import { mountLookup } from './native/lookup.ts';
import { mountObservations } from './native/observations.ts';
import { mountOrganizations } from './native/organizations.ts';
import { mountPermissions } from './native/permissions.ts';
import { mountPlans } from './native/plans.ts';
import { fail, refuse } from './native/problem.ts';
import { problemsPath } from './native/problem-types.ts';
import { reference } from './native/reference.ts';
import { mountRevokedAccessTokens } from './native/revoked-access-tokens.ts';
import { mountRoles } from './native/roles.ts';
import { mountSecondFactor, mountSecondFactorRemoval } from './native/second-factor.ts';
import { mountSelf } from './native/self.ts';
import { mountSessionStart, mountSessions } from './native/sessions.ts';
import { mountSettings } from './native/settings.ts';
import { mountSignIn } from './native/sign-in.ts';
import { mountSigningKeys } from './native/signing-keys.ts';
import { mountSuspensions } from './native/suspensions.ts';
import { mountTokens } from './native/tokens.ts';
import { mountUsage } from './native/usage.ts';
import { mountUsers } from './native/users.ts';
import { mountVerifiers } from './native/verifiers.ts';
import { mountWebhooks } from './native/webhooks.ts';

export const native: Dialect = {
  name: 'native',
  paths: ['/v1', '/.well-known', problemsPath],
  accepts: ['api_token', 'jwt:oauth', 'sealed'],
  bodies: ['json'],
  reference,
  mount,
  refuse,
  fail,
};

/** About what is an organization's own. */
const ownGroups = [
  mountUsers,
  mountSecondFactorRemoval,
  mountRoles,
  mountApiUsers,
  mountFederatedCredentials,
  mountTokens,
  mountImports,
  mountUserImports,
  mountApplications,
  mountAuthorizations,
  mountUsage,
  mountCalls,
  mountObservations,
  mountAdvice,
  mountBudget,
  mountJournal,
  mountWebhooks,
];

/** About the caller, the whole server, or a credential that is presented. */
const otherGroups = [
  mountSelf,
  mountSessions,
  mountSecondFactor,
  mountOwnAuthorizations,
  mountConsents,
  mountDevices,
  mountLinks,
  mountOrganizations,
  mountSuspensions,
  mountApis,
  mountPermissions,
  mountPlans,
  mountSigningKeys,
  mountChain,
  mountVerifiers,
  mountRevokedAccessTokens,
  mountSecretShapes,
  mountSettings,
  mountConnection,
  mountVerify,
  mountLookup,
  mountExplain,
  mountFeed,
  mountLeases,
];

const openGroups = [mountSignIn, mountSessionStart, mountLinkUse, mountCheck, mountLeaks];

function mount(instance: FastifyInstance, core: Core): void {
  instance.register(async (room) => {
    const scope = room.withTypeProvider<TypeBoxTypeProvider>();
    actingForNobody(scope);
    for (const mountGroup of openGroups) mountGroup(scope, core);
  });
  instance.register(async (room) => {
    callersOnly(room.withTypeProvider<TypeBoxTypeProvider>(), core);
    tellUses(room, core);
    room.register(async (inner) => {
      const scope = inner.withTypeProvider<TypeBoxTypeProvider>();
      actingForCustomers(scope, core);
      for (const mountGroup of ownGroups) mountGroup(scope, core);
    });
    room.register(async (inner) => {
      const scope = inner.withTypeProvider<TypeBoxTypeProvider>();
      actingForNobody(scope);
      for (const mountGroup of otherGroups) mountGroup(scope, core);
    });
  });
}

/** What an endpoint asks for, its caller has used where it answered. */
function tellUses(room: FastifyInstance, core: Core): void {
  room.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode >= 400) return;
    const { method, url } = request.routeOptions;
    const { permissions } = reference.operations[`${method} ${url}`] ?? {};
    if (permissions !== undefined) core.tellOwnUse(callerOf(request), permissions, request.clientAddress);
  });
}
