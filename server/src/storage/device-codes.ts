// Devices that ask for access, in the database: digests and MACs, never the codes. A used one stays for a while, so that a
// second use is known.

import type { DeviceCodeChanges, DeviceCodeReads } from '../core/tokens/applications/device/ports.ts';
import type { AllowedDevice, DeviceAnswer, DeviceCode } from '../core/tokens/applications/device/records.ts';
import type { DeviceCodeRow } from './application-rows.ts';
import type { Session } from './database.ts';
import type { Db } from './schema.ts';
import { changed, insertion, lookup, run, verb } from './statement.ts';

export function deviceCodeReads(db: Db): DeviceCodeReads {
  return {
    find: async (digest) => (await byDigest(db, { digest })).map(fromRow)[0] ?? null,
    findByUserCode: async (userCodeMac) => (await byUserCode(db, { userCodeMac })).map(fromRow)[0] ?? null,
  };
}

export function deviceCodeChanges({ db }: Session): DeviceCodeChanges {
  return {
    insert: (code) => insert(db, toRow(code)),
    waitingFrom: async (place, now) => Number((await waiting(db, { place, now }))[0]?.count ?? 0),
    poll: (digest, before, { at, intervalMs }) => poll(db, { digest, before, at, intervalMs }),
    answer: (digest, at, allowed) => answer(db, { digest, at, ...allowedColumns(allowed) }),
    take: (digest, at) => take(db, { digest, at }),
    deleteOf: async (applicationId) => {
      await deleteOf(db, { applicationId });
    },
    deleteExpired: async (before, limit) => {
      const expired = db.selectFrom('device_codes').select('digest').where('expires_at', '<', before);
      const some = expired.orderBy('expires_at').limit(limit);
      return changed(await run(db, db.deleteFrom('device_codes').where('digest', 'in', some).compile()));
    },
  };
}

const insert = insertion('device_codes');

const byDigest = lookup((db, v: { digest: string }) =>
  db.selectFrom('device_codes').selectAll().where('digest', '=', v.digest).compile(),
);

const byUserCode = lookup((db, v: { userCodeMac: string }) =>
  db.selectFrom('device_codes').selectAll().where('user_code_mac', '=', v.userCodeMac).compile(),
);

const waiting = lookup((db, v: { place: string; now: number }) =>
  db
    .selectFrom('device_codes')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('place', '=', v.place)
    .where('expires_at', '>', v.now)
    .where('answered_at', 'is', null)
    .compile(),
);

const poll = verb((db, v: { digest: string; before: number; at: number; intervalMs: number }) =>
  db
    .updateTable('device_codes')
    .set({ polled_at: v.at, interval_ms: v.intervalMs })
    .where('digest', '=', v.digest)
    .where('polled_at', '=', v.before)
    .where('answered_at', 'is', null)
    .compile(),
);

type AllowedColumns = Pick<
  DeviceCodeRow,
  'authorization_id' | 'organization_id' | 'user_id' | 'generation' | 'allowed_scope' | 'session_id' | 'given_in'
>;

const answer = verb((db, v: { digest: string; at: number } & AllowedColumns) =>
  db
    .updateTable('device_codes')
    .set({
      answered_at: v.at,
      authorization_id: v.authorization_id,
      organization_id: v.organization_id,
      user_id: v.user_id,
      generation: v.generation,
      allowed_scope: v.allowed_scope,
      session_id: v.session_id,
      given_in: v.given_in,
    })
    .where('digest', '=', v.digest)
    .where('answered_at', 'is', null)
    .where('expires_at', '>', v.at)
    .compile(),
);

const take = verb((db, v: { digest: string; at: number }) =>
  db
    .updateTable('device_codes')
    .set({ used_at: v.at })
    .where('digest', '=', v.digest)
    .where('session_id', 'is not', null)
    .where('used_at', 'is', null)
    .compile(),
);

const deleteOf = verb((db, v: { applicationId: string }) =>
  db.deleteFrom('device_codes').where('application_id', '=', v.applicationId).where('used_at', 'is', null).compile(),
);

function toRow({ answer: said, ...code }: DeviceCode): DeviceCodeRow {
  return {
    digest: code.digest,
    user_code_mac: code.userCodeMac,
    client_id: code.clientId,
    application_id: code.applicationId,
    api: code.api,
    scope: code.scope === null ? null : JSON.stringify(code.scope),
    key: code.key,
    address: code.address,
    place: code.place,
    expires_at: code.expiresAt,
    interval_ms: code.intervalMs,
    polled_at: code.polledAt,
    answered_at: said?.at ?? null,
    ...allowedColumns(said?.allowed ?? null),
    used_at: code.usedAt,
  };
}

function allowedColumns(allowed: AllowedDevice | null): AllowedColumns {
  return {
    authorization_id: allowed?.authorizationId ?? null,
    organization_id: allowed?.organizationId ?? null,
    user_id: allowed?.userId ?? null,
    generation: allowed?.generation ?? null,
    allowed_scope: allowed === null ? null : JSON.stringify(allowed.scope),
    session_id: allowed?.sessionId ?? null,
    given_in: allowed?.givenIn ?? null,
  };
}

function fromRow(row: DeviceCodeRow): DeviceCode {
  return {
    digest: row.digest,
    userCodeMac: row.user_code_mac,
    clientId: row.client_id,
    applicationId: row.application_id,
    api: row.api,
    scope: row.scope === null ? null : JSON.parse(row.scope),
    key: row.key,
    address: row.address,
    place: row.place,
    expiresAt: row.expires_at,
    intervalMs: row.interval_ms,
    polledAt: row.polled_at,
    answer: answerIn(row),
    usedAt: row.used_at,
  };
}

function answerIn(row: DeviceCodeRow): DeviceAnswer | null {
  const { answered_at: at, organization_id: organizationId, user_id: userId, generation } = row;
  const { authorization_id: authorizationId, allowed_scope: scope, session_id: sessionId, given_in: givenIn } = row;
  if (at === null) return null;
  if (organizationId === null || userId === null || generation === null) return { at, allowed: null };
  if (scope === null || sessionId === null || givenIn === null) return { at, allowed: null };
  const whose = { organizationId, userId, generation };
  return { at, allowed: { ...whose, authorizationId, scope: JSON.parse(scope), sessionId, givenIn } };
}
