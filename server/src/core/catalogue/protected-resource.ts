// An API as clients are told of it before they have a token (RFC 9728). Which one it is may go by the host that was asked; what
// is said of it comes from what the operator set alone (S40). It is for everyone.

import { defaultApi } from '../caller/catalogue.ts';
import { KeywardError } from '../errors.ts';
import type { Setting } from '../settings.ts';
import type { ApiCache } from './api-cache.ts';
import { apiAt } from './metadata-address.ts';
import type { Reading } from './ports.ts';

export interface ProtectedResource {
  /** The API's identifier. */
  resource: string;
  issuer: string;
  /** Its permissions in the order of their names, at most 200 of them. */
  permissions: readonly string[];
}

const mostPermissions = 200;

/** The API whose metadata is at this path of this host, behind the path of the standard. Throws `not_found`. */
export async function readProtectedResource(
  ports: Reading<'permissions'> & Setting<'issuer'> & { apis: Pick<ApiCache, 'identifiers'> },
  asked: { path: string; host: string },
): Promise<ProtectedResource> {
  const { issuer } = ports.settings;
  const identifiers = ports.apis.identifiers();
  const api = apiAt(identifiers, issuer, asked);
  const resource = api === undefined ? undefined : identifiers.get(api);
  if (api === undefined || resource === undefined) throw new KeywardError('not_found', 'There is no API at this path.');
  return { resource, issuer, permissions: await ports.store.permissions.namesOf(api, mostPermissions) };
}

/** Where clients find the metadata of an API, of the default one unless said otherwise. Undefined if there is no such API. */
export function resourceMetadataOf(
  { apis }: { apis: Pick<ApiCache, 'metadataAddressOf'> },
  api: string = defaultApi,
): string | undefined {
  return apis.metadataAddressOf(api);
}
