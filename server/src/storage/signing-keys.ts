// Signing keys in the database: public halves readable, private ones sealed by core before they get here.

import { sql } from 'kysely';
import type { SigningKeyChanges, SigningKeyReads } from '../core/tokens/ports.ts';
import type { SigningKey } from '../core/tokens/records.ts';
import type { Session } from './database.ts';
import type { Db, SigningKeyRow } from './schema.ts';
import { lookup, run, verb } from './statement.ts';

export function signingKeyReads(db: Db): SigningKeyReads {
  return { list: async () => (await all(db, {})).map(fromRow) };
}

export function signingKeyChanges({ db, rowLocks }: Session): SigningKeyChanges {
  const { list } = signingKeyReads(db);
  return {
    list: async () => {
      if (rowLocks) await lock(db, {});
      return list();
    },
    insert: async (key) => {
      await run(db, db.insertInto('signing_keys').values(toRow(key)).compile());
    },
    retire: (kid, at, until) => retire(db, { kid, at, until }),
    revoke: (kid, at) => revoke(db, { kid, at }),
  };
}

const all = lookup((db) => db.selectFrom('signing_keys').selectAll().orderBy('created_at').orderBy('kid').compile());

const lock = lookup((db) => sql`lock table signing_keys in share row exclusive mode`.compile(db));

const retire = verb((db, v: { kid: string; at: number; until: number }) =>
  db
    .updateTable('signing_keys')
    .set({ retired_at: v.at, verifies_until: v.until })
    .where('kid', '=', v.kid)
    .where('retired_at', 'is', null)
    .where('revoked_at', 'is', null)
    .compile(),
);

const revoke = verb((db, v: { kid: string; at: number }) =>
  db
    .updateTable('signing_keys')
    .set({ revoked_at: v.at })
    .where('kid', '=', v.kid)
    .where('revoked_at', 'is', null)
    .compile(),
);

function toRow(key: SigningKey): SigningKeyRow {
  return {
    kid: key.kid,
    profile: key.profile,
    algorithm: key.algorithm,
    public_jwk: key.publicJwk,
    sealed_private_jwk: key.sealedPrivateJwk,
    created_at: key.createdAt,
    signs_from: key.signsFrom,
    retired_at: key.retiredAt,
    verifies_until: key.verifiesUntil,
    revoked_at: key.revokedAt,
  };
}

function fromRow(row: SigningKeyRow): SigningKey {
  return {
    kid: row.kid,
    profile: row.profile,
    algorithm: row.algorithm,
    publicJwk: row.public_jwk,
    sealedPrivateJwk: row.sealed_private_jwk,
    createdAt: row.created_at,
    signsFrom: row.signs_from,
    retiredAt: row.retired_at,
    verifiesUntil: row.verifies_until,
    revokedAt: row.revoked_at,
  };
}
