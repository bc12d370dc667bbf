// A follower as the admins of its organization see it: who it is, where, and how far behind. It finds nobody by itself.

import type { Clock } from '../clock.ts';
import { concerns, type FeedScope, type JournalTail } from '../journal/tail.ts';
import { answeringOf } from './answering.ts';
import type { PresenceEntry } from './ports.ts';

/** Times are milliseconds since the epoch. */
export interface ConnectedVerifier {
  /** What it calls itself; until it says, the name of its credential. */
  name: string;
  address: string;
  node: string;
  connectedAt: number;
  /** Set for a while after the connection broke; of other nodes it is not known. */
  disconnectedAt: number | null;
  /** The last entry that it has acknowledged. */
  cursor: number;
  /** How long a change that concerns it has waited for its acknowledgement; 0 if none does. */
  lagMs: number;
  acknowledgedAt: number | null;
}

type Line = Omit<PresenceEntry, 'followsAll'>;
type Connection = Pick<ConnectedVerifier, 'connectedAt' | 'disconnectedAt' | 'acknowledgedAt'>;

/** With a key that is the same for a verifier on whichever node it is. `now`: monotonic milliseconds. */
export function connectedVerifierOf(
  { tail, now }: { tail: JournalTail; now: Clock },
  line: Line,
  scope: FeedScope,
  { connectedAt, disconnectedAt, acknowledgedAt }: Connection,
): { follower: ConnectedVerifier; key: string } {
  const { verifier, name: record, address, node, cursor } = line;
  const first = tail.heard(Math.max(0, cursor), tail.head()).find(({ entry }) => concerns(entry, scope));
  const lagMs = first === undefined ? 0 : Math.max(0, Math.round(now() - first.heardAt));
  const name = verifier ?? record;
  const follower = { name, address, node, connectedAt, disconnectedAt, cursor, lagMs, acknowledgedAt };
  return { follower, key: answeringOf(line).key };
}
