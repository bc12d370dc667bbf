// Imported tokens, many at a time, and what their secrets are held against while they are not in the native form.

import { sql } from 'kysely';
import type { ImportedSecretChanges, ImportedSecretReads, ManyTokens } from '../core/import/ports.ts';
import type { ImportedSecret } from '../core/import/records.ts';
import { apiTokenRow } from './api-tokens.ts';
import { type Session, unlessTaken } from './database.ts';
import type { ImportedSecretRow } from './import-rows.ts';
import { insertionOfMany, lookupOfMany } from './many-rows.ts';
import type { Db } from './schema.ts';
import { beginningOf } from './secret-hint.ts';
import { lookup, verb } from './statement.ts';

export function importedSecretReads(db: Db): ImportedSecretReads {
  return { find: async (key) => (await byKey(db, { key })).map(fromRow)[0] ?? null };
}

export function importedSecretChanges(session: Session): ImportedSecretChanges {
  const { db } = session;
  return {
    ...importedSecretReads(db),
    findMany: async (keys) => new Map((await byKeys(db, keys)).map((row) => [row.lookup_key, fromRow(row)])),
    insertMany: (secrets) => insertSecrets(db, secrets.map(toRow)),
    settle: async (secret) => {
      if (!(await unlessTaken(session, () => giveDigest(db, hinted(secret))))) return false;
      await forgetHash(db, { key: secret.key, organizationId: secret.organizationId });
      return true;
    },
  };
}

export function manyTokens({ db }: Session): ManyTokens {
  return {
    insertMany: (tokens) => insertTokens(db, tokens.map(apiTokenRow)),
    withDigests: async (digests) => {
      const found = await byDigests(db, digests);
      return new Map(found.map((row) => [row.digest, { organizationId: row.organization_id, id: row.id }]));
    },
  };
}

const insertTokens = insertionOfMany('api_tokens', 'id');
const insertSecrets = insertionOfMany('imported_secrets', 'lookup_key');

const byDigests = lookupOfMany((db, digests) =>
  db.selectFrom('api_tokens').select(['id', 'organization_id', 'digest']).where('digest', 'in', digests).compile(),
);

const byKeys = lookupOfMany((db, keys) =>
  db.selectFrom('imported_secrets').selectAll().where('lookup_key', 'in', keys).compile(),
);

const byKey = lookup((db, v: { key: string }) =>
  db.selectFrom('imported_secrets').selectAll().where('lookup_key', '=', v.key).compile(),
);

const giveDigest = verb((db, v: Settled & { from: string; to: string }) =>
  db
    .updateTable('api_tokens')
    .set({ digest: v.digest, secret_hint: sql<string>`replace(secret_hint, ${v.from}, ${v.to})` })
    .where('organization_id', '=', v.organizationId)
    .where('id', '=', v.tokenId)
    .where('digest', '=', v.key)
    .compile(),
);

type Settled = Parameters<ImportedSecretChanges['settle']>[0];

const hinted = (secret: Settled) => ({ ...secret, from: beginningOf(secret.key), to: beginningOf(secret.digest) });

const forgetHash = verb((db, v: { key: string; organizationId: string }) =>
  db
    .updateTable('imported_secrets')
    .set({ hash: null, salt: null })
    .where('lookup_key', '=', v.key)
    .where('organization_id', '=', v.organizationId)
    .compile(),
);

function toRow(secret: ImportedSecret): ImportedSecretRow {
  return {
    lookup_key: secret.key,
    token_id: secret.tokenId,
    organization_id: secret.organizationId,
    recipe_id: secret.recipeId,
    hash: secret.hash,
    salt: secret.salt,
    fingerprint: secret.fingerprint,
  };
}

function fromRow(row: ImportedSecretRow): ImportedSecret {
  return {
    key: row.lookup_key,
    tokenId: row.token_id,
    organizationId: row.organization_id,
    recipeId: row.recipe_id,
    hash: row.hash,
    salt: row.salt,
    fingerprint: row.fingerprint,
  };
}
