// The newest receipt that this node gave to each organization, for its admins to look at. In memory, of so many
// organizations at most.

import type { JournalEntry } from '../journal/entry.ts';
import type { Receipt } from './receipt.ts';

export interface GivenReceipt extends Receipt {
  at: number;
  subject: JournalEntry['subject'];
  /** What was done; null if the entry could not be read. */
  action: string | null;
}

export interface LastReceipts {
  remember(organizationId: string, receipt: GivenReceipt): void;
  of(organizationId: string): GivenReceipt | null;
}

export function createLastReceipts(most = 1000): LastReceipts {
  const given = new Map<string, GivenReceipt>();
  return {
    remember(organizationId, receipt) {
      given.delete(organizationId);
      given.set(organizationId, receipt);
      const [oldest] = given.keys();
      if (given.size > most && oldest !== undefined) given.delete(oldest);
    },
    of: (organizationId) => given.get(organizationId) ?? null,
  };
}
