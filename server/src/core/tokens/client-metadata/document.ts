// What a client says of itself at its address, as far as it is taken: a name and redirect URIs, by which it is known, and keys if it
// signs its own proofs. It has no secret here, and its logo, its terms and the rest are not read.

import { checkedKeySource, hasKeys, type KeySource } from '../../assertions/key-source.ts';
import { KeywardError } from '../../errors.ts';
import { checkedName } from '../../name.ts';
import { type ApplicationGrant, applicationGrants } from '../applications/records.ts';
import { isRedirectUri } from '../applications/redirect-uri.ts';

export interface ClientMetadata extends KeySource {
  /** As it calls itself, which anybody can. */
  name: string;
  redirectUris: readonly string[];
  grants: readonly ApplicationGrant[];
}

const mostUris = 20;

type Given = Readonly<Record<string, unknown>>;

/** The metadata of the client at `url`; or in words what of the document is not taken. */
export function metadataIn(document: unknown, url: string): ClientMetadata | { fault: string } {
  const given: Given = typeof document === 'object' && document !== null ? { ...document } : {};
  if (given.client_id !== url) return { fault: 'its client_id is not the address that it was read from' };
  if (given.client_secret !== undefined || given.client_secret_expires_at !== undefined) {
    return { fault: 'it holds a client_secret, which everybody can read' };
  }
  const keys = keysIn(given);
  if ('fault' in keys) return keys;
  const grants = grantsIn(given.grant_types);
  if (!grants.some((one) => one !== 'refresh_token')) {
    return { fault: 'its grant_types are without authorization_code and the device grant' };
  }
  const redirectUris = redirectUrisIn(given, grants);
  if ('fault' in redirectUris) return redirectUris;
  const name = nameIn(given.client_name);
  if (name === null) return { fault: 'its client_name is none that can be shown' };
  return { name, redirectUris, grants, ...keys };
}

/** Of one that signs its own proofs, as a registered one has them; of any other none. */
function keysIn(given: Given): KeySource | { fault: string } {
  const { token_endpoint_auth_method: method = 'none', jwks, jwks_uri: jwksUri } = given;
  if (method === 'none') return { jwksUri: null, jwks: null };
  if (method !== 'private_key_jwt') return { fault: 'its token_endpoint_auth_method is not none or private_key_jwt' };
  if (jwksUri !== undefined && typeof jwksUri !== 'string') return { fault: 'its jwks_uri is no address' };
  try {
    const keys = checkedKeySource({ jwks, ...(jwksUri !== undefined && { jwksUri }) });
    return hasKeys(keys) ? keys : { fault: 'it has neither jwks nor jwks_uri for its private_key_jwt' };
  } catch (error) {
    if (error instanceof KeywardError) return { fault: `its keys are not taken: ${error.message}` };
    throw error;
  }
}

/** RFC 7591 section 2: without any it is authorization_code. Of what else it can do nothing is known here. */
function grantsIn(given: unknown = ['authorization_code']): readonly ApplicationGrant[] {
  const named = textsIn(given);
  return applicationGrants.filter((one) => named.includes(one));
}

/** Those that can be used; a device needs none. */
function redirectUrisIn(given: Given, grants: readonly ApplicationGrant[]): readonly string[] | { fault: string } {
  const { response_types: responses = ['code'], redirect_uris: uris } = given;
  const named = textsIn(uris);
  if (named.length > mostUris) return { fault: `it has more than ${mostUris} redirect_uris` };
  const usable = [...new Set(named)].filter(isRedirectUri);
  if (!grants.includes('authorization_code')) return usable;
  if (!textsIn(responses).includes('code')) return { fault: 'its response_types are without code' };
  return usable.length > 0 ? usable : { fault: 'none of its redirect_uris can be used' };
}

function nameIn(given: unknown): string | null {
  if (typeof given !== 'string') return null;
  try {
    return checkedName('client_name', given);
  } catch (error) {
    if (error instanceof KeywardError) return null;
    throw error;
  }
}

function textsIn(given: unknown): readonly string[] {
  return Array.isArray(given) ? given.filter((one) => typeof one === 'string') : [];
}
