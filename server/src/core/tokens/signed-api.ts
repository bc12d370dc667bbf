// APIs and what signs their access tokens: whoever chooses an algorithm has a key for it made at once. A new API has no clients
// yet; those of another one may have read the public keys just now, and its tokens change when they have read them again. What an API is otherwise is the catalogue's affair.

import { type Caller, systemIn } from '../caller/caller.ts';
import * as api from '../catalogue/api.ts';
import { ensureSigningKeys } from './signing-keys.ts';

type SigningPorts = Parameters<typeof ensureSigningKeys>[0];

/** As the catalogue's. */
export async function createApi(
  ports: Parameters<typeof api.createApi>[0] & SigningPorts,
  caller: Caller,
  wanted: Parameters<typeof api.createApi>[2],
): Promise<api.ShownApi> {
  const made = await api.createApi(ports, caller, wanted);
  if (wanted.signingAlgorithm !== undefined) await ensureSigningKeys(ports, systemIn());
  return made;
}

/** As the catalogue's. */
export async function updateApi(
  ports: Parameters<typeof api.updateApi>[0] & SigningPorts,
  caller: Caller,
  handle: string,
  change: Parameters<typeof api.updateApi>[3],
): Promise<api.ShownApi> {
  const changed = await api.updateApi(ports, caller, handle, change);
  if (change.signingAlgorithm !== undefined) await ensureSigningKeys(ports, systemIn(), 'ahead');
  return changed;
}
