// Second factors in the database, sealed, and MACs of the recovery codes that are left.

import type { SecondFactorChanges, SecondFactorReads } from '../core/identity/ports.ts';
import type { SecondFactor } from '../core/identity/records.ts';
import type { Session } from './database.ts';
import type { Db, SecondFactorRow } from './schema.ts';
import { changed, insertion, lookup, run, verb } from './statement.ts';

export function secondFactorReads(db: Db): SecondFactorReads {
  return {
    find: async (organizationId, userId) => (await ofUser(db, { organizationId, userId })).map(fromRow)[0] ?? null,
    recoveryCodes: async (organizationId, userId) =>
      (await codesOf(db, { organizationId, userId })).map(({ mac }) => mac),
  };
}

export function secondFactorChanges({ db }: Session): SecondFactorChanges {
  return {
    ...secondFactorReads(db),
    prepare: async (secondFactor) => {
      await removePrepared(db, secondFactor);
      return insert(db, toRow(secondFactor));
    },
    confirm: (organizationId, userId, at, step) => confirm(db, { organizationId, userId, at, step }),
    advance: (organizationId, userId, step) => advance(db, { organizationId, userId, step }),
    delete: async (organizationId, userId) => {
      // First, since whoever confirms it at this moment adds codes before this goes on.
      const isRemoved = await remove(db, { organizationId, userId });
      await run(db, codes(db, { organizationId, userId }).compile());
      return isRemoved;
    },
    addRecoveryCodes: async (organizationId, userId, macs) => {
      for (const mac of macs) await insertCode(db, { user_id: userId, organization_id: organizationId, mac });
    },
    useRecoveryCode: async (organizationId, userId, mac) => {
      const one = codes(db, { organizationId, userId }).where('mac', '=', mac);
      return changed(await run(db, one.compile())) > 0;
    },
  };
}

type OfUser = { organizationId: string; userId: string };

const insert = insertion('second_factors');
const insertCode = insertion('recovery_codes');

const ofUser = lookup((db, v: OfUser) =>
  db
    .selectFrom('second_factors')
    .selectAll()
    .where('organization_id', '=', v.organizationId)
    .where('user_id', '=', v.userId)
    .compile(),
);

const codesOf = lookup((db, v: OfUser) =>
  db
    .selectFrom('recovery_codes')
    .select('mac')
    .where('organization_id', '=', v.organizationId)
    .where('user_id', '=', v.userId)
    .compile(),
);

const codes = (db: Db, v: OfUser) =>
  db.deleteFrom('recovery_codes').where('organization_id', '=', v.organizationId).where('user_id', '=', v.userId);

const deletion = (db: Db, v: OfUser) =>
  db.deleteFrom('second_factors').where('organization_id', '=', v.organizationId).where('user_id', '=', v.userId);

const remove = verb((db, v: OfUser) => deletion(db, v).compile());

const removePrepared = async (db: Db, v: OfUser) =>
  changed(await run(db, deletion(db, v).where('confirmed_at', 'is', null).compile()));

const confirm = verb((db, v: OfUser & { at: number; step: number }) =>
  db
    .updateTable('second_factors')
    .set({ confirmed_at: v.at, last_step: v.step })
    .where('organization_id', '=', v.organizationId)
    .where('user_id', '=', v.userId)
    .where('confirmed_at', 'is', null)
    .compile(),
);

const advance = verb((db, v: OfUser & { step: number }) =>
  db
    .updateTable('second_factors')
    .set({ last_step: v.step })
    .where('organization_id', '=', v.organizationId)
    .where('user_id', '=', v.userId)
    .where('confirmed_at', 'is not', null)
    .where('last_step', '<', v.step)
    .compile(),
);

function toRow(secondFactor: SecondFactor): SecondFactorRow {
  return {
    user_id: secondFactor.userId,
    organization_id: secondFactor.organizationId,
    sealed_secret: secondFactor.sealedSecret,
    last_step: secondFactor.lastStep,
    created_at: secondFactor.createdAt,
    confirmed_at: secondFactor.confirmedAt,
  };
}

function fromRow(row: SecondFactorRow): SecondFactor {
  return {
    userId: row.user_id,
    organizationId: row.organization_id,
    sealedSecret: row.sealed_secret,
    lastStep: row.last_step,
    createdAt: row.created_at,
    confirmedAt: row.confirmed_at,
  };
}
