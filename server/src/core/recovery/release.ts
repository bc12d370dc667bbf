// Ends the suspension of what a restore has suspended. What was deactivated before it stays so.

import { type Caller, demandConfirmed, demandOperator } from '../caller/caller.ts';
import type { Acting } from '../caller/ports.ts';
import { writeAs } from '../caller/write-as.ts';
import { invalid, notFound } from '../errors.ts';
import type { Reading as IdentityReading } from '../identity/ports.ts';
import { entryOf } from '../journal/entry.ts';
import type { Journalled } from '../journal/ports.ts';
import type { RecoveryChanges, RecoveryReads } from './ports.ts';
import type { Suspendable, SuspendedCounts } from './records.ts';

/** Everything; all of one organization, by name or id; or these, by id. */
export type ReleaseRequest =
  | { all: true }
  | { organization: string }
  | { items: readonly { type: Exclude<Suspendable, 'organization'>; id: string }[] };

export interface Released {
  released: SuspendedCounts;
  /** What still stands suspended. */
  left: SuspendedCounts;
}

type Ports = Acting<Pick<RecoveryChanges, 'suspensions'> & Journalled> & { store: Pick<RecoveryReads, 'suspensions'> };

/** Operators only, with `update:organization`. Throws `not_found` for one that is not suspended, and then releases none. */
export async function releaseSuspended(
  ports: Ports & IdentityReading<'organizations'>,
  caller: Caller,
  request: ReleaseRequest,
): Promise<Released> {
  demandOperator(caller, 'update:organization');
  demandConfirmed(caller, ports.clock());
  const released = await releaseAsked(ports, caller, request);
  return { released, left: await ports.store.suspensions.count() };
}

/** How many of each stand suspended. Operators only, with `read:organization`. */
export async function countSuspended(
  ports: { store: Pick<RecoveryReads, 'suspensions'> },
  caller: Caller,
): Promise<SuspendedCounts> {
  demandOperator(caller, 'read:organization');
  return ports.store.suspensions.count();
}

async function releaseAsked(
  ports: Ports & IdentityReading<'organizations'>,
  caller: Caller,
  request: ReleaseRequest,
): Promise<SuspendedCounts> {
  if ('items' in request) return releaseItems(ports, caller, request.items);
  if ('all' in request) return releaseEverything(ports, caller);
  const [organization] = await ports.store.organizations.findAll([request.organization]);
  if (organization === undefined) throw invalid('organization', 'There is no such organization.');
  return releaseOrganizations(ports, caller, [organization.id]);
}

const organizationsAtOnce = 100;

/** A change lets others in between. */
async function releaseEverything(ports: Ports, caller: Caller): Promise<SuspendedCounts> {
  let sum = none;
  let after = '';
  for (;;) {
    const ids = await ports.store.suspensions.organizations(after, organizationsAtOnce);
    if (ids.length === 0) return sum;
    sum = plus(sum, await releaseOrganizations(ports, caller, ids));
    after = ids.at(-1) ?? after;
  }
}

function releaseOrganizations(ports: Ports, caller: Caller, ids: readonly string[]): Promise<SuspendedCounts> {
  const at = ports.clock();
  return writeAs(ports, caller, async (changes) => {
    let sum = none;
    for (const id of ids) {
      const counts = await changes.suspensions.releaseOrganization(id);
      sum = plus(sum, counts);
      if (Object.values(counts).every((count) => count === 0)) continue;
      changes.journal(entryOf(caller, at, 'organization.released', { type: 'organization', id }, counts, id));
    }
    return sum;
  });
}

function releaseItems(
  ports: Ports,
  caller: Caller,
  items: readonly { type: Suspendable; id: string }[],
): Promise<SuspendedCounts> {
  const at = ports.clock();
  return writeAs(ports, caller, async (changes) => {
    let sum = none;
    for (const { type, id } of items) {
      const organizationId = await changes.suspensions.releaseOne(type, id);
      if (organizationId === null) throw notFound(`suspended ${words[type]} ${id}`);
      sum = plus(sum, { ...none, [type]: 1 });
      changes.journal(entryOf(caller, at, `${type}.released`, { type, id }, {}, organizationId));
    }
    return sum;
  });
}

const words: Readonly<Record<Suspendable, string>> = {
  organization: 'organization',
  user: 'user',
  api_user: 'API user',
  api_token: 'API token',
  application: 'application',
};

const none: SuspendedCounts = { organization: 0, user: 0, api_user: 0, api_token: 0, application: 0 };

function plus(one: SuspendedCounts, other: SuspendedCounts): SuspendedCounts {
  const sum = { ...one };
  for (const type of Object.keys(none) as Suspendable[]) sum[type] += other[type];
  return sum;
}
