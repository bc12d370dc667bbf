// The journal: what is remembered of each act, and the chain that shows if it was altered.
// Storage numbers and keeps the entries; nothing here decides what an act may do.

import { actorOf, type Caller } from '../caller/caller.ts';

export interface NewJournalEntry {
  at: number;
  /** Null for what concerns the whole server. */
  organizationId: string | null;
  actor: {
    type: 'user' | 'api_user' | 'api_token' | 'system';
    id: string;
    /** Of which organization it is, where that is another than the entry's. */
    organizationId?: string;
  };
  /** `noun.verb`, as in `api_token.deactivated`. */
  action: string;
  subject: { type: string; id: string };
  /** Plain JSON; never a secret. */
  detail: Readonly<Record<string, unknown>>;
}

export interface JournalEntry extends NewJournalEntry {
  /** 1, 2, 3 … without gaps, in commit order. */
  seq: number;
  /** Lower-case hex SHA-256 over the previous hash and this entry's canonical text. */
  hash: string;
}

/**
 * An entry for something that `caller` did, in the organization that it is of, or acts for, unless said otherwise. Where its
 * request is one of a run, `detail` names that.
 */
export function entryOf(
  caller: Caller,
  at: number,
  action: string,
  subject: { type: string; id: string },
  detail: Readonly<Record<string, unknown>> = {},
  organizationId: string | null = caller.organization.id || null,
): NewJournalEntry {
  return {
    at,
    organizationId,
    actor: { ...actorOf(caller), ...comingFrom(caller, organizationId) },
    action,
    subject,
    detail: caller.run === undefined ? detail : { ...detail, run: caller.run },
  };
}

function comingFrom(caller: Caller, organizationId: string | null): { organizationId?: string } {
  const { id } = caller.actingFrom ?? caller.organization;
  // A chore of the machine is of no organization; a command on its database is the operator's.
  return organizationId === null || id === '' || id === organizationId ? {} : { organizationId: id };
}
