// Whose answer a receipt waits for: a verifier by its name, a connection that has none yet, or whoever is on other nodes.

import type { PresenceEntry } from './ports.ts';
import type { Answering } from './receipt.ts';

/** Named while it is not known who is on other nodes. */
export const unknownOthers: Answering = { key: 'others', name: 'other nodes', organizationId: null, acknowledged: -1 };

/** Who answers is the verifier, by its name; before it has one, the connection. */
export function answeringOf(
  line: Pick<PresenceEntry, 'id' | 'organizationId' | 'verifier' | 'name' | 'cursor'>,
): Answering {
  const { id, organizationId, verifier, name, cursor } = line;
  const key = verifier === null ? `line ${id}` : `verifier ${organizationId} ${verifier}`;
  return { key, name: verifier ?? name, organizationId, acknowledged: cursor };
}
