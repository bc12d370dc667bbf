// What a client says of itself at its address, as far as it is taken: a name and redirect URIs, by which it is known. It has
// no secret here, and its logo, its terms and the rest are not read.

import { KeywardError } from '../../errors.ts';
import { checkedName } from '../../name.ts';
import type { ApplicationGrant } from '../applications/records.ts';
import { isRedirectUri } from '../applications/redirect-uri.ts';

export interface ClientMetadata {
  /** As it calls itself, which anybody can. */
  name: string;
  redirectUris: readonly string[];
  grants: readonly ApplicationGrant[];
}

const mostUris = 20;

/** The metadata of the client at `url`; or in words what of the document is not taken. */
export function metadataIn(document: unknown, url: string): ClientMetadata | { fault: string } {
  const given: Readonly<Record<string, unknown>> =
    typeof document === 'object' && document !== null ? { ...document } : {};
  if (given.client_id !== url) return { fault: 'its client_id is not the address that it was read from' };
  if (given.client_secret !== undefined || given.client_secret_expires_at !== undefined) {
    return { fault: 'it holds a client_secret, which everybody can read' };
  }
  const { token_endpoint_auth_method: method = 'none', response_types: responses = ['code'] } = given;
  if (method !== 'none') return { fault: 'its token_endpoint_auth_method is not none' };
  if (!textsIn(responses).includes('code')) return { fault: 'its response_types are without code' };
  const grants = grantsIn(given.grant_types);
  if (!grants.includes('authorization_code')) return { fault: 'its grant_types are without authorization_code' };
  const redirectUris = textsIn(given.redirect_uris);
  if (redirectUris.length > mostUris) return { fault: `it has more than ${mostUris} redirect_uris` };
  const usable = [...new Set(redirectUris)].filter(isRedirectUri);
  if (usable.length === 0) return { fault: 'none of its redirect_uris can be used' };
  const name = nameIn(given.client_name);
  if (name === null) return { fault: 'its client_name is none that can be shown' };
  return { name, redirectUris: usable, grants };
}

/** RFC 7591 section 2: without any it is authorization_code. What else it can do is not for such clients here. */
function grantsIn(given: unknown = ['authorization_code']): readonly ApplicationGrant[] {
  const named = textsIn(given);
  return (['authorization_code', 'refresh_token'] as const).filter((one) => named.includes(one));
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
