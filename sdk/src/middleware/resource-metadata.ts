// What an API tells clients of itself before they have a token (RFC 9728): serve `document` at `path`, and give guards `url`. It
// asks Keyward for nothing.

import { proofAlgorithms } from '@keyward/rules/dpop/proof-key';

export interface ResourceMetadataOptions {
  /** The API's identifier in Keyward, which is the address that clients call: `https://api.example.com/orders`. */
  resource: string;
  /** Keyward's public address. */
  issuer: string;
  /** Permissions that clients may ask for, as far as everybody may know of them. */
  scopes?: readonly string[];
  /** True where the verifier has a `publicUrl`: clients may show a key (RFC 9449). */
  dpop?: boolean;
}

export interface ResourceMetadata {
  /** Where clients look for it, for a guard's `resourceMetadata`. */
  url: string;
  /** Its path, for a route of your API that needs no credential. */
  path: string;
  document: {
    resource: string;
    authorization_servers: readonly string[];
    bearer_methods_supported: readonly ['header'];
    scopes_supported?: readonly string[];
    dpop_signing_alg_values_supported?: readonly string[];
  };
}

/** Makes the metadata and where it belongs (section 3.1). Throws a TypeError for an identifier that is no address. */
export function protectedResourceMetadata(options: ResourceMetadataOptions): ResourceMetadata {
  const { resource, issuer, scopes, dpop = false } = options;
  if (!/^https?:/i.test(resource) || !URL.canParse(resource) || /[?#]/.test(resource)) {
    throw new TypeError(`${JSON.stringify(resource)} is no address of an API, such as https://api.example.com/orders.`);
  }
  const { origin, pathname } = new URL(resource);
  const path = `/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}`;
  const document = {
    resource,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    ...(scopes !== undefined && { scopes_supported: scopes }),
    ...(dpop && { dpop_signing_alg_values_supported: proofAlgorithms }),
  } as const;
  return { url: origin + path, path, document };
}
