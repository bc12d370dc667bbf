// What users, API users, tokens, applications and organizations are called, for showing ids to people. Of deleted ones too: the journal
// and the counts speak of them for long.

import type { NameReads } from '../core/journal/ports.ts';
import type { Db } from './schema.ts';
import { run } from './statement.ts';

/** The most values that one list in a query has. */
const listLimit = 500;

export function nameReads(db: Db): NameReads {
  return {
    of: async (organizationId, things) => {
      const names = new Map<string, string>();
      for (const type of Object.keys(readers) as (keyof typeof readers)[]) {
        const ids = [...new Set(things.filter((thing) => thing.type === type).map(({ id }) => id))];
        for (let start = 0; start < ids.length; start += listLimit) {
          const rows = await readers[type](db, organizationId, ids.slice(start, start + listLimit));
          for (const { id, name } of rows) names.set(`${type}:${id}`, name);
        }
      }
      return names;
    },
    ofOrganizations: async (ids) => {
      const names = new Map<string, string>();
      for (let start = 0; start < ids.length; start += listLimit) {
        const query = db.selectFrom('organizations').select(['id', 'name']);
        const { rows } = await run(db, query.where('id', 'in', ids.slice(start, start + listLimit)).compile());
        for (const { id, name } of rows) names.set(id, name);
      }
      return names;
    },
  };
}

type Reader = (db: Db, organizationId: string, ids: readonly string[]) => Promise<{ id: string; name: string }[]>;

const readers: Record<'user' | 'api_user' | 'api_token' | 'application' | 'organization', Reader> = {
  user: async (db, organizationId, ids) => {
    const all = db.selectFrom('users').select(['id', 'email as name']);
    const query = all.where('id', 'in', ids).where('organization_id', '=', organizationId);
    return (await run(db, query.compile())).rows;
  },
  api_user: async (db, organizationId, ids) => {
    const all = db.selectFrom('api_users').select(['id', 'username as name']);
    const query = all.where('id', 'in', ids).where('organization_id', '=', organizationId);
    return (await run(db, query.compile())).rows;
  },
  api_token: async (db, organizationId, ids) => {
    const all = db.selectFrom('api_tokens').select(['id', 'name']);
    const query = all.where('id', 'in', ids).where('organization_id', '=', organizationId);
    return (await run(db, query.compile())).rows;
  },
  application: async (db, organizationId, ids) => {
    const all = db.selectFrom('applications').select(['id', 'name']);
    const query = all.where('id', 'in', ids).where('organization_id', '=', organizationId);
    return (await run(db, query.compile())).rows;
  },
  organization: async (db, organizationId, ids) => {
    if (!ids.includes(organizationId)) return [];
    const query = db.selectFrom('organizations').select(['id', 'name']).where('id', '=', organizationId);
    return (await run(db, query.compile())).rows;
  },
};
