// What a client is told of an API before it has a token: who issues tokens for it, and for which scope (RFC 9728). Each API has
// it at its own address, as far as calls to that come here, and under a path of this server.

import { proofAlgorithms } from '@keyward/rules/dpop/proof-key';
import { type Static, Type } from 'typebox';
import { metadataPath } from '../../core/catalogue/metadata-address.ts';
import type { ProtectedResource } from '../../core/catalogue/protected-resource.ts';
import type { Core } from '../../core/core.ts';
import { NoQuery, type Scope } from './scope.ts';

export { metadataPath as resourceMetadataPath };

const Texts = Type.Array(Type.String());

const ResourceMetadata = Type.Object({
  resource: Type.String({ description: 'The identifier of the API: the audience of its tokens.' }),
  authorization_servers: Texts,
  scopes_supported: Type.Array(Type.String(), {
    description: 'The permissions of the API in the order of their names, the first 200.',
  }),
  bearer_methods_supported: Texts,
  dpop_signing_alg_values_supported: Texts,
});
type ResourceMetadata = Static<typeof ResourceMetadata>;

export function mountResourceMetadata(scope: Scope, core: Core): void {
  const schema = { querystring: NoQuery, response: { 200: ResourceMetadata } };
  for (const url of [metadataPath, `${metadataPath}/*`]) {
    scope.get(url, { schema }, async (request, reply) => {
      const [path = ''] = request.url.slice(metadataPath.length).split('?');
      const found = await core.readProtectedResource({ path, host: request.headers.host ?? '' });
      return reply.header('cache-control', 'public, max-age=300').send(toWire(found));
    });
  }
}

function toWire({ resource, issuer, permissions }: ProtectedResource): ResourceMetadata {
  return {
    resource,
    authorization_servers: [issuer],
    scopes_supported: [...permissions],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: [...proofAlgorithms],
  };
}
