// The verbs of a restore, which runs in one transaction and beside no server. Each works on whole tables or on one row by
// its id, whatever organization it is of.

import { randomBytes } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { RestoringVerbs } from '../core/recovery/ports.ts';
import { type Suspendable, suspendables } from '../core/recovery/records.ts';
import type { Session } from './database.ts';
import { insertNumbered } from './journal.ts';
import type { Db } from './schema.ts';
import { keepState } from './server-state.ts';
import { changed, run } from './statement.ts';
import { tableOf } from './suspensions.ts';

/** More than any generation grows by between two restores, so that none of a time that was lost is met again. */
const leap = 1_000_000_000;

/** What holds access that is no credential of its own. */
const passing = [
  ...(['application_sessions', 'authorization_codes', 'device_codes', 'sessions', 'one_time_links'] as const),
  ...(['issued_tokens', 'kept_answers'] as const),
];

export function restoringVerbs({ db }: Session): RestoringVerbs {
  const all = (query: RawBuilder<unknown>) => run(db, query.compile(db));
  const isThere = async (query: RawBuilder<unknown>) => changed(await all(query)) > 0;
  return {
    endAllAccess: async () => {
      for (const table of passing) await all(sql`delete from ${sql.table(table)}`);
      for (const type of suspendables) {
        await all(sql`update ${sql.table(tableOf[type])}
          set generation = generation + ${sql.lit(leap)}, cut_off_generation = generation + ${sql.lit(leap)}`);
      }
    },
    suspendAll: async (at) => {
      for (const type of suspendables) if (type !== 'organization') await all(suspension(type, at));
      for (const table of ['previous_secrets', 'previous_passwords', 'recovery_codes', 'authorizations'] as const) {
        await all(sql`delete from ${sql.table(table)}`);
      }
      await all(stopping(at));
      await all(sql`update signing_keys set revoked_at = ${at} where revoked_at is null`);
    },
    suspend: (type, id, at) => isThere(sql`${suspension(type, at)} where id = ${id}`),
    loseSecret: async (type, id) => {
      await endOverlap(db, type, id);
      // What it was imported with is a secret of it too.
      if (type === 'api_token') await all(sql`delete from imported_secrets where token_id = ${id}`);
      return isThere(sql`update ${sql.table(tableOf[type])} set ${lost[type]()} where id = ${id}`);
    },
    endOverlap: (type, id) => endOverlap(db, type, id),
    loseSecondFactor: async (userId, at) => {
      await all(sql`delete from recovery_codes where user_id = ${userId}`);
      await all(sql`delete from second_factors where user_id = ${userId}`);
      // No sealing key opens it, so no code fits.
      await all(sql`insert into second_factors
        (user_id, organization_id, sealed_secret, last_step, created_at, confirmed_at)
        select id, organization_id, 'lost', 0, ${at}, ${at} from users where id = ${userId}`);
      await all(sql`update users set second_factor_at = ${at} where id = ${userId}`);
    },
    dropRecoveryCodes: async (userId) => {
      await all(sql`delete from recovery_codes where user_id = ${userId}`);
    },
    dropAuthorizations: async (of) => {
      await all(
        'id' in of
          ? sql`delete from authorizations where id = ${of.id}`
          : sql`delete from authorizations where application_id = ${of.application}`,
      );
    },
    dropRecipe: async (id) => {
      await all(sql`delete from imported_secrets where recipe_id = ${id}`);
      await all(sql`delete from import_recipes where id = ${id}`);
    },
    stopWebhook: async (id, at) => {
      await all(sql`${stopping(at)} where id = ${id}`);
    },
    dropWebhook: async (id) => {
      await all(sql`delete from webhook_deliveries where webhook_id = ${id}`);
      await all(sql`delete from webhooks where id = ${id}`);
    },
    dropApi: async (handle) => {
      await all(sql`delete from authorizations where api = ${handle}`);
      await all(sql`delete from api_permissions where api = ${handle}`);
      await all(sql`delete from apis where handle = ${handle}`);
    },
    append: (entries) => insertNumbered(db, entries),
    beginEpoch: (epoch, at) => keepState(db, { epoch, restored_at: at, moving_since: null, moved_at: null }),
    forgetOthers: async () => {
      for (const table of ['leases', 'verifiers', 'node_questions', 'node_answers'] as const)
        await all(sql`delete from ${sql.table(table)}`);
    },
  };
}

/** Of all rows of a table. What was suspended before keeps its time, as does what was deactivated. */
function suspension(type: Suspendable, at: number): RawBuilder<unknown> {
  return sql`update ${sql.table(tableOf[type])}
    set suspended_at = coalesce(suspended_at, ${at}), deactivated_at = coalesce(deactivated_at, ${at})`;
}

/** Of all webhooks: where they lead to may have been changed. */
function stopping(at: number): RawBuilder<unknown> {
  return sql`update webhooks set deactivated_at = coalesce(deactivated_at, ${at})`;
}

async function endOverlap(db: Db, type: Suspendable, id: string): Promise<void> {
  if (type === 'api_token') await run(db, sql`delete from previous_secrets where token_id = ${id}`.compile(db));
  if (type === 'api_user') await run(db, sql`delete from previous_passwords where api_user_id = ${id}`.compile(db));
}

/** The column of a secret, and what stands there when nobody knows it. */
const lost = {
  user: () => sql`password_hash = ${`$argon2id$v=19$m=19456,t=2,p=1$${unpadded(16)}$${unpadded(32)}`}`,
  api_user: () => sql`password_digest = ${nobodysDigest()}`,
  api_token: () => sql`digest = ${nobodysDigest()}, sealed_secret = null, secret_hint = null`,
  application: () => sql`secret_digest = case when type = 'confidential' then ${nobodysDigest()} end`,
} satisfies Partial<Record<keyof typeof tableOf, () => RawBuilder<unknown>>>;

function nobodysDigest(): string {
  return randomBytes(32).toString('hex');
}

function unpadded(length: number): string {
  return randomBytes(length).toString('base64').replace(/=+$/, '');
}
