// Which APIs there are, in memory: a call to one that is not there is not let in, and a token is good for the one that it
// names. Changing them is api.ts's affair.

import type { JwsAlgorithm } from '@keyward/rules/jws';
import { serializedLoad } from '../serialized-load.ts';
import type { Setting } from '../settings.ts';
import { identifierOf } from './identifier.ts';
import { metadataAddressOf } from './metadata-address.ts';
import type { CatalogueReads } from './ports.ts';
import type { Api } from './records.ts';
import { usualAlgorithm } from './signing-algorithm.ts';

/** `reload` follows the journal. */
export interface ApiCache {
  has(handle: string): boolean;
  handles(): Iterable<string>;
  /** What the API goes by; undefined where there is none. */
  identifierOf(handle: string): string | undefined;
  /** What each goes by, by its handle. */
  identifiers(): ReadonlyMap<string, string>;
  /** What its access tokens are signed with. */
  algorithmOf(handle: string): JwsAlgorithm;
  /** Where its metadata is (RFC 9728); undefined where there is none. */
  metadataAddressOf(handle: string): string | undefined;
  /** The handle of the API that goes by this identifier. */
  handleOf(identifier: string): string | undefined;
  reload(): Promise<void>;
}

/** Opens a cache over the store's APIs; call `reload` before the first use. */
export function createApiCache(store: Pick<CatalogueReads, 'apis'>, settings: Setting<'issuer'>['settings']): ApiCache {
  let apis: readonly Api[] = [];
  let identifiers: ReadonlyMap<string, string> = new Map();
  let metadata: ReadonlyMap<string, string> = new Map();
  /** The server's own address, which some identifiers begin with; it may become known only when it listens. */
  let issuer = '';
  const identify = () => {
    issuer = settings.issuer;
    identifiers = new Map(apis.map((api) => [api.handle, identifierOf(api, issuer)]));
    metadata = new Map([...identifiers].map(([handle, one]) => [handle, metadataAddressOf(handle, one, issuer)]));
  };
  const identified = () => {
    if (settings.issuer !== issuer) identify();
    return identifiers;
  };
  return {
    has: (handle) => identifiers.has(handle),
    handles: () => identifiers.keys(),
    identifierOf: (handle) => identified().get(handle),
    identifiers: identified,
    algorithmOf: (handle) => apis.find((api) => api.handle === handle)?.signingAlgorithm ?? usualAlgorithm,
    metadataAddressOf: (handle) => {
      identified();
      return metadata.get(handle);
    },
    handleOf: (identifier) => {
      for (const [handle, known] of identified()) if (known === identifier) return handle;
      return undefined;
    },
    reload: serializedLoad(async () => {
      apis = await store.apis.list();
      identify();
    }),
  };
}
