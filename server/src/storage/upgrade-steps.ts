// What is still to be done once after an upgrade, by name, in the database. Migrations leave the names.

import type { UpgradeStepChanges, UpgradeStepReads } from '../core/ports.ts';
import type { Session } from './database.ts';
import type { Db } from './schema.ts';
import { lookup, verb } from './statement.ts';

export function upgradeStepReads(db: Db): UpgradeStepReads {
  return { isPending: async (name) => (await byName(db, { name })).length > 0 };
}

export function upgradeStepChanges({ db }: Session): UpgradeStepChanges {
  return { finish: (name) => remove(db, { name }) };
}

const byName = lookup((db, v: { name: string }) =>
  db.selectFrom('upgrade_steps').select('name').where('name', '=', v.name).compile(),
);

const remove = verb((db, v: { name: string }) => db.deleteFrom('upgrade_steps').where('name', '=', v.name).compile());
