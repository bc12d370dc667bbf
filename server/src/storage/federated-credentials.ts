// Federated credentials in the database. What they trust is public: no secret is among it.

import type { FederatedCredentialChanges, FederatedCredentialReads } from '../core/federation/ports.ts';
import type { FederatedCredential } from '../core/federation/records.ts';
import { type Session, unlessTaken } from './database.ts';
import type { Db, FederatedCredentialRow } from './schema.ts';
import { changed, insertion, lookup, run, verb } from './statement.ts';

export function federatedCredentialReads(db: Db): FederatedCredentialReads {
  return {
    find: async (organizationId, id) => one(await byId(db, { organizationId, id })),
    list: async (organizationId, { type, id }) => (await ofOwner(db, { organizationId, type, id })).map(fromRow),
  };
}

export function federatedCredentialChanges(session: Session): FederatedCredentialChanges {
  const { db } = session;
  return {
    ...federatedCredentialReads(db),
    ...(session.rowLocks && {
      find: async (organizationId, id) => one(await byIdLocked(db, { organizationId, id })),
    }),
    insert: (credential) => insert(db, toRow(credential)),
    update: (credential) => unlessTaken(session, () => update(db, credential)),
    delete: (organizationId, id) => remove(db, { organizationId, id }),
  };
}

const insert = insertion('federated_credentials');

const within = (db: Db, v: { organizationId: string; id: string }) =>
  db
    .selectFrom('federated_credentials')
    .selectAll()
    .where('organization_id', '=', v.organizationId)
    .where('id', '=', v.id);

const byId = lookup((db, v: { organizationId: string; id: string }) => within(db, v).compile());

const byIdLocked = lookup((db, v: { organizationId: string; id: string }) => within(db, v).forNoKeyUpdate().compile());

const ofOwner = lookup((db, v: { organizationId: string; type: 'api_user'; id: string }) =>
  db
    .selectFrom('federated_credentials')
    .selectAll()
    .where('owner_id', '=', v.id)
    .where('owner_type', '=', v.type)
    .where('organization_id', '=', v.organizationId)
    .orderBy('created_at')
    .orderBy('id')
    .compile(),
);

const remove = verb((db, v: { organizationId: string; id: string }) =>
  db
    .deleteFrom('federated_credentials')
    .where('organization_id', '=', v.organizationId)
    .where('id', '=', v.id)
    .compile(),
);

async function update(db: Db, credential: FederatedCredential): Promise<boolean> {
  const { id, organization_id: organizationId, ...columns } = toRow(credential);
  const query = db
    .updateTable('federated_credentials')
    .set(columns)
    .where('organization_id', '=', organizationId)
    .where('id', '=', id);
  return changed(await run(db, query.compile())) > 0;
}

function one([row]: FederatedCredentialRow[]): FederatedCredential | null {
  return row === undefined ? null : fromRow(row);
}

function toRow(credential: FederatedCredential): FederatedCredentialRow {
  const { owner, jwks } = credential;
  return {
    id: credential.id,
    organization_id: credential.organizationId,
    owner_type: owner.type,
    owner_id: owner.id,
    name: credential.name,
    issuer: credential.issuer,
    audience: credential.audience,
    conditions: JSON.stringify(credential.conditions),
    jwks_uri: credential.jwksUri,
    jwks: jwks && JSON.stringify(jwks),
    lineage_id: credential.lineageId,
    created_at: credential.createdAt,
    created_by: credential.createdBy,
  };
}

function fromRow(row: FederatedCredentialRow): FederatedCredential {
  return {
    id: row.id,
    organizationId: row.organization_id,
    owner: { type: row.owner_type, id: row.owner_id },
    name: row.name,
    issuer: row.issuer,
    audience: row.audience,
    conditions: JSON.parse(row.conditions),
    jwksUri: row.jwks_uri,
    jwks: row.jwks && JSON.parse(row.jwks),
    lineageId: row.lineage_id,
    createdAt: row.created_at,
    createdBy: row.created_by,
  };
}
