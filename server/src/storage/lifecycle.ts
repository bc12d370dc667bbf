// The verbs of every noun that can be deactivated, deleted and restored, written once. Each is one statement whose
// predicate decides, so of many racing callers exactly one is told that it did it.

import { type Kysely, type SqlBool, sql } from 'kysely';
import type { Lifecycle } from '../core/caller/lifecycle.ts';
import type { LifecycleChanges } from '../core/identity/ports.ts';
import type { LifecycleColumns } from './columns.ts';
import { type Session, unlessTaken } from './database.ts';
import type { Db } from './schema.ts';
import { verb } from './statement.ts';

export type LifecycleTable = 'organizations' | 'users' | 'api_users' | 'api_tokens' | 'applications';

/** What these tables have in common; an organization is its own scope. */
interface Targets {
  target: LifecycleColumns & { id: string; organization_id: string };
}

type Target = { organizationId: string; id: string; at: number };

export function toLifecycle(row: LifecycleColumns): Lifecycle {
  return {
    deactivatedAt: row.deactivated_at,
    deletedAt: row.deleted_at,
    generation: row.generation,
    cutOffGeneration: row.cut_off_generation,
    ...(row.suspended_at !== null && { suspendedAt: row.suspended_at }),
  };
}

export function fromLifecycle(lifecycle: Lifecycle): LifecycleColumns {
  return {
    deactivated_at: lifecycle.deactivatedAt,
    deleted_at: lifecycle.deletedAt,
    generation: lifecycle.generation,
    cut_off_generation: lifecycle.cutOffGeneration,
    suspended_at: lifecycle.suspendedAt ?? null,
  };
}

/** The verbs of one table, within a transaction. */
export function lifecycleChanges(session: Session, table: LifecycleTable): LifecycleChanges {
  const { db } = session;
  const verbs = verbsOf[table];
  return {
    deactivate: (organizationId, id, at, cutOff = false) =>
      (cutOff ? verbs.cutOff : verbs.deactivate)(db, { organizationId, id, at }),
    activate: (organizationId, id) => verbs.activate(db, { organizationId, id, at: 0 }),
    delete: (organizationId, id, at) => verbs.delete(db, { organizationId, id, at }),
    endAccessTokens: (organizationId, id) => verbs.endAccessTokens(db, { organizationId, id, at: 0 }),
    restore: (organizationId, id) => unlessTaken(session, () => verbs.restore(db, { organizationId, id, at: 0 })),
  };
}

const next = sql<number>`generation + 1`;
const nextIfActive = sql<number>`case when deactivated_at is null then generation + 1 else generation end`;

// What was suspended while it was active may be ended by itself too, and then stays so when it is released.
const isOn = sql<SqlBool>`(deactivated_at is null or coalesce(deactivated_at = suspended_at, false))`;
const endedAt = (at: number) =>
  sql<number>`case when not ${isOn} then deactivated_at when suspended_at >= ${at} then suspended_at + 1 else ${at} end`;

const verbsOf = {
  organizations: makeVerbs('organizations'),
  users: makeVerbs('users'),
  api_users: makeVerbs('api_users'),
  api_tokens: makeVerbs('api_tokens'),
  applications: makeVerbs('applications'),
};

function makeVerbs(table: LifecycleTable) {
  const update = (db: Db, target: Target) => {
    const one = (db as unknown as Kysely<Targets>).updateTable(table as 'target').where('id', '=', target.id);
    return table === 'organizations' ? one : one.where('organization_id', '=', target.organizationId);
  };
  return {
    deactivate: verb((db, target: Target) =>
      update(db, target)
        .where(isOn)
        .where('deleted_at', 'is', null)
        .set({ deactivated_at: endedAt(target.at), generation: next })
        .compile(),
    ),
    // Also true for what is inactive already, as long as something older is still honoured.
    cutOff: verb((db, target: Target) =>
      update(db, target)
        .where('deleted_at', 'is', null)
        .where((eb) => eb.or([isOn, eb('cut_off_generation', '<', eb.ref('generation'))]))
        .set({
          deactivated_at: endedAt(target.at),
          generation: nextIfActive,
          cut_off_generation: nextIfActive,
        })
        .compile(),
    ),
    activate: verb((db, target: Target) =>
      update(db, target)
        .where('deactivated_at', 'is not', null)
        .where('deleted_at', 'is', null)
        // Only a release ends that.
        .where('suspended_at', 'is', null)
        .set({ deactivated_at: null })
        .compile(),
    ),
    // What is deleted ends for good: no access token from before lives again after a restore.
    delete: verb((db, target: Target) =>
      update(db, target)
        .where('deleted_at', 'is', null)
        .set({ deleted_at: target.at, generation: next, cut_off_generation: next })
        .compile(),
    ),
    endAccessTokens: verb((db, target: Target) =>
      update(db, target).where('deleted_at', 'is', null).set({ generation: next, cut_off_generation: next }).compile(),
    ),
    restore: verb((db, target: Target) =>
      update(db, target).where('deleted_at', 'is not', null).set({ deleted_at: null }).compile(),
    ),
  };
}
