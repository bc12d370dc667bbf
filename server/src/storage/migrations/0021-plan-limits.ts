// Several limits of a plan, as JSON. What a plan had becomes its only one; the columns from before are still written, for
// nodes of the version before, and read where such a node has added a plan. The plan `unlimited` is then added by the
// program itself, which journals it.

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes } from './column-types.ts';

export const planLimits: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a database in the middle of a migration
  async up(db: Kysely<any>) {
    const { text } = columnTypes(db);
    await db.schema.alterTable('plans').addColumn('limits', text).execute();
    const plans = await db.selectFrom('plans').selectAll().execute();
    for (const { id, call_limit: limit, window_ms: windowMs, per, cap } of plans) {
      const limits = JSON.stringify([{ limit: Number(limit), windowMs: Number(windowMs), per, cap }]);
      await db.updateTable('plans').set({ limits }).where('id', '=', id).execute();
    }
    if (plans.length > 0) await db.insertInto('upgrade_steps').values({ name: 'add_unlimited_plan' }).execute();
  },
};
