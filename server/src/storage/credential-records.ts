// The lookups of the hot path: one statement each, found or not, that joins a credential to its owner, its organization
// and its role. Written by hand because all that it reads is one flat row.

import { type RawBuilder, sql } from 'kysely';
import type { Lifecycle } from '../core/caller/lifecycle.ts';
import { recordAt } from '../core/caller/observed.ts';
import type { CredentialLookup } from '../core/caller/ports.ts';
import type { CredentialRecord, ObservedBound, ObservedSubject } from '../core/caller/records.ts';
import type { Clock } from '../core/clock.ts';
import { observedIn } from './observed.ts';
import { planOf } from './organizations.ts';
import type { Db } from './schema.ts';
import { lookup } from './statement.ts';

export function credentialReads(db: Db, clock: Clock): CredentialLookup {
  const tokenRecord = (row: TokenRow | undefined) => (row === undefined ? null : recordAt(tokenFrom(row), clock()));
  const userRecord = (type: 'user' | 'api_user', row: PersonRow | undefined) =>
    row === undefined ? null : recordAt(personFrom(type, row), clock());
  return {
    byDigest: async (digest) => tokenRecord((await tokenByDigest(db, { digest }))[0]),
    bySource: async ({ type, id }) =>
      type === 'api_token'
        ? tokenRecord((await tokenById(db, { id }))[0])
        : userRecord(type, (await (type === 'user' ? userById : apiUserById)(db, { id }))[0]),
    isIssued: async (jti) => (await issued(db, { jti })).length > 0,
    hasSession: async (id) => (await session(db, { id })).length > 0,
  };
}

/** The owner, the organization and the role. */
interface PersonRow {
  owner_id: string;
  owner_name: string;
  owner_number: number;
  owner_role: string;
  owner_deactivated_at: number | null;
  owner_deleted_at: number | null;
  owner_generation: number;
  owner_cut_off_generation: number;
  organization_id: string;
  organization_name: string;
  organization_external_id: string | null;
  /** The credential's own: of a token never its owner's. */
  external_id: string | null;
  plan_id: string;
  entitlement: string | null;
  plan_entitlement: string | null;
  observed: string | null;
  plan_observed: string | null;
  contributors: number;
  is_operator: number;
  organization_deactivated_at: number | null;
  organization_deleted_at: number | null;
  organization_generation: number;
  organization_cut_off_generation: number;
  role_permissions: string | null;
}

interface TokenRow extends PersonRow {
  token_observed: string | null;
  id: string;
  name: string;
  number: number;
  permissions: string;
  use: 'direct' | 'exchange' | 'both';
  digest: string;
  addresses: string | null;
  apis: string | null;
  limits: string | null;
  limited_with: string | null;
  previous_digest: string | null;
  previous_ends_at: number | null;
  expires_at: number | null;
  owner_type: 'user' | 'api_user';
  deactivated_at: number | null;
  deleted_at: number | null;
  generation: number;
  cut_off_generation: number;
}

const ownerColumns = sql`
  p.id as owner_id, p.number as owner_number, p.role as owner_role,
  p.deactivated_at as owner_deactivated_at, p.deleted_at as owner_deleted_at`;

// Access tokens that were made with a password end with it, those of the API tokens beside it do not: it has generations of its
// own, and each of the two that grows makes the sum another.
const generations = {
  users: sql`p.generation as owner_generation, p.cut_off_generation as owner_cut_off_generation`,
  api_users: sql`p.generation + p.password_generation as owner_generation,
    p.cut_off_generation + p.password_generation as owner_cut_off_generation`,
};

const organizationColumns = sql`
  o.id as organization_id, o.name as organization_name, o.external_id as organization_external_id, o.is_operator, o.plan_id, o.contributors,
  o.entitlement, o.observed, l.entitlement as plan_entitlement, l.observed as plan_observed,
  o.deactivated_at as organization_deactivated_at, o.deleted_at as organization_deleted_at,
  o.generation as organization_generation, o.cut_off_generation as organization_cut_off_generation,
  r.permissions as role_permissions`;

// SQLite plans a join anew at every run when it compares a column with a bare parameter, which costs ten times the run.
const text = (value: string) => sql`cast(${value} as text)`;

const person = (table: 'users' | 'api_users', name: 'email' | 'username', id: string) => sql<PersonRow>`
  select p.${sql.ref(name)} as owner_name, ${externalId[table]} as external_id, ${ownerColumns}, ${generations[table]}, ${organizationColumns}
  from ${sql.table(table)} p
  join organizations o on o.id = p.organization_id
  left join plans l on l.id = o.plan_id
  left join roles r on r.organization_id = p.organization_id and r.name = p.role
  where p.id = ${text(id)}`;

/** People have none. */
const externalId = { users: sql`cast(null as text)`, api_users: sql`p.external_id` };

const userById = lookup((db, v: { id: string }) => person('users', 'email', v.id).compile(db));
const apiUserById = lookup((db, v: { id: string }) => person('api_users', 'username', v.id).compile(db));

// One of u and a is absent, so coalesce takes the one that owns the token.
const ownerOfToken = sql.raw(`
  t.owner_id, coalesce(u.email, a.username) as owner_name,
  ${['number', 'role', 'deactivated_at', 'deleted_at', 'generation', 'cut_off_generation']
    .map((column) => `coalesce(u.${column}, a.${column}) as owner_${column}`)
    .join(', ')}`);

const token = (condition: RawBuilder<unknown>) => sql<TokenRow>`
  select t.id, t.name, t.number, t.permissions, t.use, t.digest, t.addresses, t.apis, t.limits, t.limited_with, t.observed as token_observed, t.expires_at, t.external_id, t.owner_type,
    t.deactivated_at, t.deleted_at, t.generation, t.cut_off_generation,
    s.digest as previous_digest, s.ends_at as previous_ends_at,
    ${ownerOfToken}, ${organizationColumns}
  from api_tokens t
  join organizations o on o.id = t.organization_id
  left join users u on t.owner_type = 'user' and u.id = t.owner_id and u.organization_id = t.organization_id
  left join api_users a on t.owner_type = 'api_user' and a.id = t.owner_id and a.organization_id = t.organization_id
  left join plans l on l.id = o.plan_id
  left join roles r on r.organization_id = t.organization_id and r.name = coalesce(u.role, a.role)
  left join previous_secrets s on s.token_id = t.id
  where ${condition} and coalesce(u.id, a.id) is not null`;

const tokenByDigest = lookup((db, v: { digest: string }) => {
  const previous = sql`(select token_id from previous_secrets where digest = ${text(v.digest)})`;
  return token(sql`(t.digest = ${text(v.digest)} or t.id = ${previous})`).compile(db);
});
const tokenById = lookup((db, v: { id: string }) => token(sql`t.id = ${text(v.id)}`).compile(db));

const issued = lookup((db, v: { jti: string }) =>
  db.selectFrom('issued_tokens').select('jti').where('jti', '=', v.jti).compile(),
);

const session = lookup((db, v: { id: string }) =>
  db.selectFrom('sessions').select('id').where('id', '=', v.id).compile(),
);

function personFrom(type: 'user' | 'api_user', row: PersonRow): CredentialRecord {
  const parts = personParts(type, row);
  const { id, name, lifecycle } = parts.owner;
  return {
    source: { type, id },
    name,
    externalId: row.external_id,
    lifecycle,
    expiresAt: null,
    token: null,
    ...parts,
    ...observedOf(row),
  };
}

function tokenFrom(row: TokenRow): CredentialRecord {
  return {
    source: { type: 'api_token', id: row.id },
    name: row.name,
    externalId: row.external_id,
    lifecycle: lifecycle(row.deactivated_at, row.deleted_at, row.generation, row.cut_off_generation),
    expiresAt: row.expires_at,
    token: {
      permissions: JSON.parse(row.permissions),
      use: row.use,
      digest: row.digest,
      number: row.number,
      addresses: row.addresses === null ? [] : JSON.parse(row.addresses),
      apis: row.apis === null ? null : JSON.parse(row.apis),
      limits: row.limits === null ? [] : JSON.parse(row.limits),
      limitedWith: row.limited_with,
      previous:
        row.previous_digest === null || row.previous_ends_at === null
          ? null
          : { digest: row.previous_digest, endsAt: row.previous_ends_at },
    },
    ...personParts(row.owner_type, row),
    ...observedOf(row),
  };
}

function personParts(
  type: 'user' | 'api_user',
  row: PersonRow,
): Pick<CredentialRecord, 'owner' | 'rolePermissions' | 'organization'> {
  return {
    owner: {
      type,
      id: row.owner_id,
      name: row.owner_name,
      number: row.owner_number,
      role: row.owner_role,
      lifecycle: lifecycle(
        row.owner_deactivated_at,
        row.owner_deleted_at,
        row.owner_generation,
        row.owner_cut_off_generation,
      ),
    },
    rolePermissions: row.role_permissions === null ? null : JSON.parse(row.role_permissions),
    organization: {
      id: row.organization_id,
      name: row.organization_name,
      externalId: row.organization_external_id,
      isOperator: row.is_operator !== 0,
      planId: planOf(row.plan_id),
      entitlement: entitlementOf(row),
      contributors: row.contributors,
      lifecycle: lifecycle(
        row.organization_deactivated_at,
        row.organization_deleted_at,
        row.organization_generation,
        row.organization_cut_off_generation,
      ),
    },
  };
}

/** Left out where nothing is observed, as of nearly all. */
function observedOf(row: PersonRow & Partial<TokenRow>): Pick<CredentialRecord, 'observed'> {
  const { token_observed: ofToken = null, observed: ofOrganization, plan_observed: ofPlan } = row;
  if (ofToken === null && ofOrganization === null && ofPlan === null) return {};
  const observed = [
    boundIn(ofToken, { type: 'api_token', id: row.id ?? '' }),
    boundIn(ofOrganization, { type: 'organization', id: row.organization_id }),
    // A list of the organization's own is in the place of the plan's.
    row.entitlement === null ? boundIn(ofPlan, { type: 'plan', id: row.plan_id }) : null,
  ].filter((bound) => bound !== null);
  return observed.length === 0 ? {} : { observed };
}

/** Null also where no credential is bounded by it, as by a plan's limits. */
function boundIn(text: string | null, subject: ObservedSubject): ObservedBound | null {
  const kept = observedIn({ observed: text });
  if (kept === null) return null;
  const { limits: _, ...bound } = kept;
  return subject.type === 'api_token' || bound.entitlement !== undefined ? { subject, ...bound } : null;
}

/** Without a plan there is no bound; a plan that is not there gives nothing. */
function entitlementOf({ entitlement, plan_id: planId, plan_entitlement: ofPlan }: PersonRow): string[] | null {
  if (entitlement !== null) return JSON.parse(entitlement);
  return planOf(planId) === null ? null : JSON.parse(ofPlan ?? '[]');
}

function lifecycle(
  deactivatedAt: number | null,
  deletedAt: number | null,
  generation: number,
  cutOffGeneration: number,
): Lifecycle {
  return { deactivatedAt, deletedAt, generation, cutOffGeneration };
}
