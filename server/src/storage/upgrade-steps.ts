// What is still to be done once after an upgrade, by name, in the database, and what of an older version that needs.
// Migrations leave the names.

import type { UpgradeStepChanges, UpgradeStepReads } from '../core/ports.ts';
import type { Session } from './database.ts';
import type { Db } from './schema.ts';
import { lookup, run, verb } from './statement.ts';

export function upgradeStepReads(db: Db): UpgradeStepReads {
  return {
    isPending: async (name) => (await byName(db, { name })).length > 0,
    operatorsPermissions: async () => {
      const query = db
        .selectFrom('permissions')
        .innerJoin('organizations', 'organizations.id', 'permissions.organization_id')
        .select(['permissions.name', 'permissions.description'])
        .where('is_operator', '=', 1)
        .orderBy('permissions.name')
        .orderBy('permissions.created_at');
      return (await run(db, query.compile())).rows;
    },
    heldPermissions: async () => {
      const lists = db
        .selectFrom('roles')
        .select('permissions')
        .union(db.selectFrom('api_tokens').select('permissions'));
      const { rows } = await run(db, lists.compile());
      return [...new Set(rows.flatMap((row): string[] => JSON.parse(row.permissions)))].sort();
    },
  };
}

export function upgradeStepChanges({ db }: Session): UpgradeStepChanges {
  return { finish: (name) => remove(db, { name }) };
}

const byName = lookup((db, v: { name: string }) =>
  db.selectFrom('upgrade_steps').select('name').where('name', '=', v.name).compile(),
);

const remove = verb((db, v: { name: string }) => db.deleteFrom('upgrade_steps').where('name', '=', v.name).compile());
