// The lists that rows keep as JSON (permissions, entitlements, handles of APIs), as SQL looks through them.

import { type RawBuilder, type SqlBool, sql } from 'kysely';

/**
 * A row whose list has this text, exactly so: a permission, a pattern, a handle. LIKE would not tell capitals from small letters
 * on SQLite, and they count in permissions.
 */
export function names(text: string, column = 'permissions'): RawBuilder<SqlBool> {
  const list = sql.ref(column);
  return sql<SqlBool>`replace(${list}, ${JSON.stringify(text)}, '') <> ${list}`;
}
