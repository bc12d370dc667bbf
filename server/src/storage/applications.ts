// Applications in the database, and the digests of their secrets.

import { fold, sortKeyOf } from '../core/collation.ts';
import type { ApplicationChanges, ApplicationReads, KnownApplication } from '../core/tokens/applications/ports.ts';
import type { Application } from '../core/tokens/applications/records.ts';
import type { ApplicationRow } from './application-rows.ts';
import type { LifecycleColumns } from './columns.ts';
import type { Session } from './database.ts';
import { fromLifecycle, lifecycleChanges, toLifecycle } from './lifecycle.ts';
import { type List, readPage } from './page.ts';
import type { Db } from './schema.ts';
import { changed, given, insertion, lookup, run, verb } from './statement.ts';

export function applicationReads(db: Db): ApplicationReads {
  return {
    find: async (organizationId, id) => (await byId(db, { organizationId, id })).map(fromRow)[0] ?? null,
    findKnown: async (id) => (await known(db, { id })).map(toKnown)[0] ?? null,
    operator: async () => (await operators(db, {})).map(toOperator)[0] ?? null,
    list: (organizationId, request) => readPage(db, list, { organizationId }, request),
  };
}

export function applicationChanges(session: Session): ApplicationChanges {
  const { db, rowLocks } = session;
  const { deactivate, activate, delete: remove } = lifecycleChanges(session, 'applications');
  return {
    ...applicationReads(db),
    ...(rowLocks && {
      find: async (organizationId, id) => (await byIdLocked(db, { organizationId, id })).map(fromRow)[0] ?? null,
      findKnown: async (id) => {
        await shareLock(db, { id });
        return (await known(db, { id })).map(toKnown)[0] ?? null;
      },
    }),
    deactivate,
    activate,
    delete: remove,
    insert: async (application, secretDigest) => {
      if (!(await insert(db, toRow(application, secretDigest)))) throw new Error('This application is there already.');
    },
    keep: (application) => insert(db, toRow(application, null)),
    describe: async (application) => {
      const { id, organization_id, metadata_url, ...row } = toRow(application, null);
      const query = db
        .insertInto('applications')
        .values({ id, organization_id, metadata_url, ...row })
        .onConflict((taken) =>
          taken.column('id').doUpdateSet(row).where('applications.organization_id', '=', organization_id),
        );
      await run(db, query.compile());
    },
    update: (organizationId, id, change) => update(db, organizationId, id, change),
    replaceSecret: (organizationId, id, secretDigest) => replaceSecret(db, { organizationId, id, secretDigest }),
  };
}

const insert = insertion('applications');

const within = (db: Db, v: { organizationId: string; id: string }) =>
  db.selectFrom('applications').selectAll().where('organization_id', '=', v.organizationId).where('id', '=', v.id);

const byId = lookup((db, v: { organizationId: string; id: string }) => within(db, v).compile());
const byIdLocked = lookup((db, v: { organizationId: string; id: string }) => within(db, v).forNoKeyUpdate().compile());

/** Nobody deactivates or deletes it until the commit. */
const shareLock = lookup((db, v: { id: string }) =>
  db.selectFrom('applications').select('id').where('id', '=', v.id).forShare().compile(),
);

const known = lookup((db, v: { id: string }) =>
  db
    .selectFrom('applications as a')
    .innerJoin('organizations as o', 'o.id', 'a.organization_id')
    .selectAll('a')
    .select(['o.name as o_name', 'o.is_operator as o_is_operator'])
    .select([
      'o.deactivated_at as o_deactivated_at',
      'o.deleted_at as o_deleted_at',
      'o.suspended_at as o_suspended_at',
    ])
    .select(['o.generation as o_generation', 'o.cut_off_generation as o_cut_off_generation'])
    .where('a.id', '=', v.id)
    .compile(),
);

const operators = lookup((db) =>
  db
    .selectFrom('organizations')
    .select(['id', 'name', 'deactivated_at', 'deleted_at', 'generation', 'cut_off_generation', 'suspended_at'])
    .where('is_operator', '=', 1)
    .where('deleted_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .compile(),
);

type KnownRow = ApplicationRow & { o_name: string; o_is_operator: number } & {
  [Column in keyof LifecycleColumns as `o_${Column}`]: LifecycleColumns[Column];
};

const replaceSecret = verb((db, v: { organizationId: string; id: string; secretDigest: string }) =>
  db
    .updateTable('applications')
    .set({ secret_digest: v.secretDigest })
    .where('organization_id', '=', v.organizationId)
    .where('id', '=', v.id)
    .where('type', '=', 'confidential')
    .where('deleted_at', 'is', null)
    .compile(),
);

async function update(
  db: Db,
  organizationId: string,
  id: string,
  { name, redirectUris, grants, permissions, logoUrl, jwksUri, jwks }: Parameters<ApplicationChanges['update']>[2],
): Promise<boolean> {
  const columns = given({
    name,
    folded_name: name && fold(name),
    sort_name: name && sortKeyOf(name),
    redirect_uris: redirectUris && JSON.stringify(redirectUris),
    folded_text: redirectUris && fold(redirectUris.join(' ')),
    grants: grants && JSON.stringify(grants),
    permissions: permissions && JSON.stringify(permissions),
    logo_url: logoUrl,
    jwks_uri: jwksUri,
    jwks: jwks && JSON.stringify(jwks),
  });
  const query = db
    .updateTable('applications')
    .set((eb) => ({ generation: eb.ref('generation'), ...columns }))
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null);
  return changed(await run(db, query.compile())) > 0;
}

const list: List<'applications', Application> = {
  table: 'applications',
  sortColumns: { createdAt: 'created_at', name: 'sort_name', description: 'type', permissions: 'type' },
  toItem: fromRow,
};

function toOperator({ id, name, ...columns }: LifecycleColumns & { id: string; name: string }) {
  return { id, name, isOperator: true, lifecycle: toLifecycle(columns) };
}

function toKnown({ o_name: name, o_is_operator: isOperator, ...row }: KnownRow): KnownApplication {
  const lifecycle = toLifecycle({
    deactivated_at: row.o_deactivated_at,
    deleted_at: row.o_deleted_at,
    generation: row.o_generation,
    cut_off_generation: row.o_cut_off_generation,
    suspended_at: row.o_suspended_at,
  });
  return {
    application: fromRow(row),
    secretDigest: row.secret_digest,
    organization: { id: row.organization_id, name, isOperator: isOperator === 1, lifecycle },
  };
}

function toRow(application: Application, secretDigest: string | null): ApplicationRow {
  const { name, redirectUris } = application;
  return {
    id: application.id,
    metadata_url: application.metadataUrl,
    organization_id: application.organizationId,
    name,
    folded_name: fold(name),
    folded_text: fold([application.metadataUrl ?? '', ...redirectUris].join(' ').trim()),
    sort_name: sortKeyOf(name),
    type: application.type,
    secret_digest: secretDigest,
    redirect_uris: JSON.stringify(redirectUris),
    grants: JSON.stringify(application.grants),
    permissions: JSON.stringify(application.permissions),
    logo_url: application.logoUrl,
    jwks_uri: application.jwksUri,
    jwks: application.jwks && JSON.stringify(application.jwks),
    created_at: application.createdAt,
    created_by: application.createdBy,
    ...fromLifecycle(application.lifecycle),
  };
}

function fromRow(row: ApplicationRow): Application {
  return {
    id: row.id,
    metadataUrl: row.metadata_url,
    organizationId: row.organization_id,
    name: row.name,
    type: row.type,
    redirectUris: JSON.parse(row.redirect_uris),
    grants: JSON.parse(row.grants),
    permissions: JSON.parse(row.permissions),
    logoUrl: row.logo_url,
    jwksUri: row.jwks_uri,
    jwks: row.jwks && JSON.parse(row.jwks),
    createdAt: row.created_at,
    createdBy: row.created_by,
    lifecycle: toLifecycle(row),
  };
}
