// Where everything is, and what this server understands (RFC 8414). All addresses are of the server's public one, whatever
// the request calls it (S40).

import { proofAlgorithms } from '@keyward/rules/dpop/proof-key';
import { type Static, Type } from 'typebox';
import { assertionAlgorithms } from '../../core/assertions/public-keys.ts';
import type { Core } from '../../core/core.ts';
import { applicationAuthenticationMethods, clientAuthenticationMethods } from './client-authentication.ts';
import { devicePath } from './device.ts';
import { introspectionPath } from './introspection.ts';
import { revocationPath } from './revocation.ts';
import { NoQuery, type Scope } from './scope.ts';
import { grantTypes, tokenPath } from './token.ts';

export const authorizationPath = '/oauth/authorize';
export const metadataPath = '/.well-known/oauth-authorization-server';

const Texts = Type.Array(Type.String());

const Metadata = Type.Object({
  issuer: Type.String(),
  authorization_endpoint: Type.String(),
  token_endpoint: Type.String(),
  device_authorization_endpoint: Type.String(),
  jwks_uri: Type.String(),
  grant_types_supported: Texts,
  response_types_supported: Texts,
  response_modes_supported: Texts,
  code_challenge_methods_supported: Texts,
  authorization_response_iss_parameter_supported: Type.Boolean(),
  token_endpoint_auth_methods_supported: Texts,
  token_endpoint_auth_signing_alg_values_supported: Texts,
  introspection_endpoint: Type.String(),
  introspection_endpoint_auth_methods_supported: Texts,
  introspection_endpoint_auth_signing_alg_values_supported: Texts,
  revocation_endpoint: Type.String(),
  revocation_endpoint_auth_methods_supported: Texts,
  revocation_endpoint_auth_signing_alg_values_supported: Texts,
  dpop_signing_alg_values_supported: Texts,
  client_id_metadata_document_supported: Type.Optional(Type.Boolean()),
});
type Metadata = Static<typeof Metadata>;

export function mountMetadata(scope: Scope, core: Core): void {
  const schema = { querystring: NoQuery, response: { 200: Metadata } };
  scope.get(metadataPath, { schema }, async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(metadataOf(core)),
  );
}

function metadataOf(core: Core): Metadata {
  const issuer = core.publicAddress();
  return {
    issuer,
    authorization_endpoint: issuer + authorizationPath,
    token_endpoint: issuer + tokenPath,
    device_authorization_endpoint: issuer + devicePath,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    grant_types_supported: [...grantTypes],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    token_endpoint_auth_methods_supported: [...applicationAuthenticationMethods],
    token_endpoint_auth_signing_alg_values_supported: [...assertionAlgorithms],
    introspection_endpoint: issuer + introspectionPath,
    introspection_endpoint_auth_methods_supported: [...clientAuthenticationMethods],
    introspection_endpoint_auth_signing_alg_values_supported: [...assertionAlgorithms],
    revocation_endpoint: issuer + revocationPath,
    revocation_endpoint_auth_methods_supported: [...applicationAuthenticationMethods],
    revocation_endpoint_auth_signing_alg_values_supported: [...assertionAlgorithms],
    dpop_signing_alg_values_supported: [...proofAlgorithms],
    ...(core.takesClientUrls() && { client_id_metadata_document_supported: true }),
  };
}
