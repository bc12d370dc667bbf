// What somebody made, and what that made in turn, over the three tables in which makers and what they made are kept. It goes
// wherever it was made: who acts for customers makes things there.

import { sql } from 'kysely';
import type { LineageReads } from '../core/credentials/ports.ts';
import type { Descendant } from '../core/credentials/records.ts';
import type { Db } from './schema.ts';
import { lookup } from './statement.ts';

export function lineageReads(db: Db): LineageReads {
  return {
    of: async (organizationId, rootId, { besides, alive }, limit) => {
      const query = alive === 'active' ? activeOf : undeletedOf;
      const rows = await query(db, { organizationId, rootId, besides, limit });
      return { items: rows.map(fromRow), total: Number(rows[0]?.total ?? 0) };
    },
  };
}

interface DescendantRow {
  type: Descendant['type'];
  id: string;
  organization_id: string;
  organization_name: string;
  name: string;
  created_by: string;
  deactivated_at: number | null;
  expires_at: number | null;
  total: number | string;
}

type Values = { organizationId: string; rootId: string; besides: string; limit: number };

const undeletedOf = lookup((db, v: Values) => descendants(v, false).compile(db));
const activeOf = lookup((db, v: Values) => descendants(v, true).compile(db));

// Both databases want the recursion named once, hence the three kinds as rows; `union` ends circles. The dead are passed
// through: what they made may live.
const descendants = (v: Values, isActive: boolean) => sql<DescendantRow>`
  with recursive lineage (id) as (
    select id from users where id = ${text(v.rootId)} and organization_id = ${text(v.organizationId)}
    union all
    select id from api_users where id = ${text(v.rootId)} and organization_id = ${text(v.organizationId)}
    union all
    select id from api_tokens where id = ${text(v.rootId)} and organization_id = ${text(v.organizationId)}
    union
    select coalesce(u.id, a.id, t.id)
    from lineage l
    cross join (select 1 as kind union all select 2 union all select 3) k
    left join users u on k.kind = 1 and u.created_by = l.id
    left join api_users a on k.kind = 2 and a.created_by = l.id
    left join api_tokens t on k.kind = 3 and t.created_by = l.id
    where coalesce(u.id, a.id, t.id) <> ${text(v.besides)}
  )
  select
    case when u.id is not null then 'user' when a.id is not null then 'api_user' else 'api_token' end as type,
    l.id,
    o.id as organization_id,
    o.name as organization_name,
    coalesce(u.email, a.username, t.name) as name,
    coalesce(u.created_by, a.created_by, t.created_by) as created_by,
    coalesce(u.deactivated_at, a.deactivated_at, t.deactivated_at) as deactivated_at,
    t.expires_at,
    count(*) over () as total
  from lineage l
  left join users u on u.id = l.id
  left join api_users a on a.id = l.id
  left join api_tokens t on t.id = l.id
  join organizations o on o.id = coalesce(u.organization_id, a.organization_id, t.organization_id)
  where l.id <> ${text(v.rootId)}
    and coalesce(u.deleted_at, a.deleted_at, t.deleted_at) is null
    and o.deleted_at is null
    ${isActive ? sql`and coalesce(u.deactivated_at, a.deactivated_at, t.deactivated_at) is null` : sql``}
  order by case when o.id = ${text(v.organizationId)} then 0 else 1 end, coalesce(u.created_at, a.created_at, t.created_at), l.id
  limit ${v.limit}`;

const text = (value: string) => sql`cast(${value} as text)`;

function fromRow(row: DescendantRow): Descendant {
  return {
    type: row.type,
    id: row.id,
    organization: { id: row.organization_id, name: row.organization_name },
    name: row.name,
    createdBy: row.created_by,
    deactivatedAt: row.deactivated_at,
    expiresAt: row.expires_at,
  };
}
