// Which APIs there are, in memory: a call to one that is not there is not let in. Changing them is api.ts's affair.

import { serializedLoad } from '../serialized-load.ts';
import type { CatalogueReads } from './ports.ts';

/** `reload` follows the journal. */
export interface ApiCache {
  has(handle: string): boolean;
  handles(): Iterable<string>;
  reload(): Promise<void>;
}

/** Opens a cache over the store's APIs; call `reload` before the first use. */
export function createApiCache(store: Pick<CatalogueReads, 'apis'>): ApiCache {
  let handles: ReadonlySet<string> = new Set();
  return {
    has: (handle) => handles.has(handle),
    handles: () => handles,
    reload: serializedLoad(async () => {
      handles = new Set((await store.apis.list()).map(({ handle }) => handle));
    }),
  };
}
