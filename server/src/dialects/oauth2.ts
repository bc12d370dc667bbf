// OAuth 2.0: access tokens for one API and a scope (RFC 6749, 8693, 8707, 9068), and where all of it is found (RFC 8414,
// RFC 9728). One file for each endpoint in oauth2/. The public key set is every dialect's, and mounted by http.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { scopeIn } from '@keyward/rules/token-bounds';
import type { FastifyInstance } from 'fastify';
import type { Core } from '../core/core.ts';
import { mountAuthorization } from './authorization/endpoint.ts';
import type { Dialect } from './dialect.ts';
import { mountDevice } from './oauth2/device.ts';
import { fail, refuse } from './oauth2/error.ts';
import { mountIntrospection } from './oauth2/introspection.ts';
import { authorizationPath, metadataPath, mountMetadata } from './oauth2/metadata.ts';
import { mountResourceMetadata, resourceMetadataPath } from './oauth2/protected-resource.ts';
import { reference } from './oauth2/reference.ts';
import { mountRevocation } from './oauth2/revocation.ts';
import { mountToken } from './oauth2/token.ts';

export const oauth2: Dialect = {
  name: 'oauth2',
  paths: ['/oauth', metadataPath, resourceMetadataPath],
  accepts: ['api_token', 'jwt:oauth', 'sealed'],
  bodies: ['form'],
  reference,
  mount,
  refuse,
  fail,
};

function mount(instance: FastifyInstance, core: Core): void {
  const scope = instance.withTypeProvider<TypeBoxTypeProvider>();
  mountAuthorization(instance, core, { path: authorizationPath, profile: 'oauth', permissionsIn: scopeIn });
  mountDevice(scope, core);
  mountToken(scope, core);
  mountIntrospection(scope, core);
  mountRevocation(scope, core);
  mountMetadata(scope, core);
  mountResourceMetadata(scope, core);
}
