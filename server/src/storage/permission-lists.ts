// The lists of permissions that roles and API tokens keep as JSON, as SQL looks through them.

import { type RawBuilder, type SqlBool, sql } from 'kysely';

/**
 * A row whose list names the permission or pattern, exactly so. LIKE would not tell capitals from small letters on SQLite,
 * and they count in permissions.
 */
export function names(permission: string): RawBuilder<SqlBool> {
  const quoted = JSON.stringify(permission);
  return sql<SqlBool>`replace(permissions, ${quoted}, '') <> permissions`;
}
