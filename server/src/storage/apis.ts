// APIs in the database; their permissions are in permissions.ts.

import type { ApiChanges, ApiReads } from '../core/catalogue/ports.ts';
import type { Api } from '../core/catalogue/records.ts';
import { type Session, unlessTaken } from './database.ts';
import type { ApiRow, Db } from './schema.ts';
import { changed, given, insertion, lookup, run, verb } from './statement.ts';

export function apiReads(db: Db): ApiReads {
  return {
    find: async (handle) => (await byHandle(db, { handle })).map(fromRow)[0] ?? null,
    list: async () => (await all(db, {})).map(fromRow),
  };
}

export function apiChanges(session: Session): ApiChanges {
  const { db, rowLocks } = session;
  return {
    ...apiReads(db),
    ...(rowLocks && { find: async (handle) => (await byHandleShared(db, { handle })).map(fromRow)[0] ?? null }),
    claim: async (handle) => (await (rowLocks ? byHandleLocked : byHandle)(db, { handle })).map(fromRow)[0] ?? null,
    insert: (api) => insert(db, toRow(api)),
    update: (handle, { name, identifier, description, signingAlgorithm }) =>
      unlessTaken(session, async () => {
        const change = given({ name, identifier, description, signing_algorithm: signingAlgorithm });
        const query = db.updateTable('apis').set(change).where('handle', '=', handle);
        return changed(await run(db, query.compile())) > 0;
      }),
    delete: (handle) => remove(db, { handle }),
  };
}

const insert = insertion('apis');

const byHandle = lookup((db, v: { handle: string }) =>
  db.selectFrom('apis').selectAll().where('handle', '=', v.handle).compile(),
);

/** Nobody removes it until the commit, nor what is registered in it meanwhile is left behind. */
const byHandleShared = lookup((db, v: { handle: string }) =>
  db.selectFrom('apis').selectAll().where('handle', '=', v.handle).forShare().compile(),
);

const byHandleLocked = lookup((db, v: { handle: string }) =>
  db.selectFrom('apis').selectAll().where('handle', '=', v.handle).forUpdate().compile(),
);

const all = lookup((db) => db.selectFrom('apis').selectAll().orderBy('handle').compile());

const remove = verb((db, v: { handle: string }) => db.deleteFrom('apis').where('handle', '=', v.handle).compile());

function toRow(api: Api): ApiRow {
  return {
    handle: api.handle,
    name: api.name,
    identifier: api.identifier,
    description: api.description,
    signing_algorithm: api.signingAlgorithm,
    created_at: api.createdAt,
  };
}

function fromRow(row: ApiRow): Api {
  return {
    handle: row.handle,
    name: row.name,
    identifier: row.identifier,
    description: row.description,
    signingAlgorithm: row.signing_algorithm,
    createdAt: row.created_at,
  };
}
