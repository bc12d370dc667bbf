// Which APIs there are, in memory: a call to one that is not there is not let in, and a token is good for the one that it
// names. Changing them is api.ts's affair.

import { serializedLoad } from '../serialized-load.ts';
import type { Setting } from '../settings.ts';
import { identifierOf } from './identifier.ts';
import type { CatalogueReads } from './ports.ts';
import type { Api } from './records.ts';

/** `reload` follows the journal. */
export interface ApiCache {
  has(handle: string): boolean;
  handles(): Iterable<string>;
  /** What the API goes by; undefined where there is none. */
  identifierOf(handle: string): string | undefined;
  /** The handle of the API that goes by this identifier. */
  handleOf(identifier: string): string | undefined;
  reload(): Promise<void>;
}

/** Opens a cache over the store's APIs; call `reload` before the first use. */
export function createApiCache(store: Pick<CatalogueReads, 'apis'>, settings: Setting<'issuer'>['settings']): ApiCache {
  let apis: readonly Api[] = [];
  let identifiers: ReadonlyMap<string, string> = new Map();
  /** The server's own address, which some identifiers begin with; it may become known only when it listens. */
  let issuer = '';
  const identified = () => {
    if (settings.issuer === issuer) return identifiers;
    issuer = settings.issuer;
    identifiers = new Map(apis.map((api) => [api.handle, identifierOf(api, issuer)]));
    return identifiers;
  };
  return {
    has: (handle) => identifiers.has(handle),
    handles: () => identifiers.keys(),
    identifierOf: (handle) => identified().get(handle),
    handleOf: (identifier) => {
      for (const [handle, known] of identified()) if (known === identifier) return handle;
      return undefined;
    },
    reload: serializedLoad(async () => {
      apis = await store.apis.list();
      issuer = settings.issuer;
      identifiers = new Map(apis.map((api) => [api.handle, identifierOf(api, issuer)]));
    }),
  };
}
