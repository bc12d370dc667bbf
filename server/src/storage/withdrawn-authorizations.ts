// What people let applications do, as far as it names a permission or an API that is withdrawn: made anew under the same name
// that is something else, which nobody allowed. Authorizations come first, as who uses a session locks them first.

import { type SqlBool, sql } from 'kysely';
import type { PermissionHolderChanges } from '../core/catalogue/ports.ts';
import type { Session } from './database.ts';
import { names } from './permission-lists.ts';
import type { Db } from './schema.ts';
import { run } from './statement.ts';

type Withdraw = PermissionHolderChanges['withdrawAuthorized'];
type Withdrawn = Parameters<Withdraw>[0];

export async function withdrawAuthorized(
  { db, rowLocks }: Session,
  of: Withdrawn,
  at: number,
  limit: number,
): ReturnType<Withdraw> {
  const isNaming = 'api' in of ? sql<SqlBool>`api = ${of.api}` : names(of.permission, 'scope');
  const authorizations = db
    .selectFrom('authorizations')
    .select(['id', 'scope', 'application_id', 'organization_id'])
    .where(isNaming)
    .orderBy('id')
    .limit(limit)
    .$if(rowLocks, (all) => all.forNoKeyUpdate());
  const allowed = (await run(db, authorizations.compile())).rows;
  for (const { id, scope } of allowed) await keep(db, id, leftOf(scope, of), at);
  const codes = db.selectFrom('authorization_codes').select('digest').where(isNaming).limit(limit);
  const endCodes = db.deleteFrom('authorization_codes').where('digest', 'in', codes);
  const ended = (await run(db, endCodes.returning(['application_id', 'organization_id']).compile())).rows;
  // A device may still wait, in nobody's name.
  const isOfDevice = 'api' in of ? isNaming : names(of.permission, 'allowed_scope');
  const devices = db.selectFrom('device_codes').select('digest').where(isOfDevice).limit(limit);
  const endDevices = db.deleteFrom('device_codes').where('digest', 'in', devices);
  const stopped = (await run(db, endDevices.returning(['application_id', 'organization_id']).compile())).rows;
  const sessions = db
    .selectFrom('application_sessions')
    .select(['session_id', 'application_id', 'organization_id'])
    .where(isNaming)
    .orderBy('session_id')
    .limit(limit);
  const lasting = (await run(db, sessions.compile())).rows;
  const ids = lasting.map(({ session_id: id }) => id);
  if (ids.length > 0) await run(db, db.deleteFrom('sessions').where('id', 'in', ids).compile());
  const all = [allowed, ended, stopped, lasting];
  return { touched: distinct(all.flat()), isAll: all.every(({ length }) => length < limit) };
}

/** What is left with nothing goes, with its codes. */
async function keep(db: Db, id: string, scope: readonly string[], at: number): Promise<void> {
  const query =
    scope.length === 0
      ? db.deleteFrom('authorizations').where('id', '=', id)
      : db
          .updateTable('authorizations')
          .set({ scope: JSON.stringify(scope), changed_at: at })
          .where('id', '=', id);
  await run(db, query.compile());
}

function leftOf(scope: string, of: Withdrawn): readonly string[] {
  if ('api' in of) return [];
  return (JSON.parse(scope) as string[]).filter((one) => one !== of.permission);
}

function distinct(
  rows: readonly { application_id: string; organization_id: string | null }[],
): { applicationId: string; organizationId: string }[] {
  const each = new Map<string, { applicationId: string; organizationId: string }>();
  for (const { application_id: applicationId, organization_id: organizationId } of rows) {
    if (organizationId !== null) each.set(`${applicationId} ${organizationId}`, { applicationId, organizationId });
  }
  return [...each.values()];
}
