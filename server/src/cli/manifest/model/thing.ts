// One object, as the files and the server are compared by: of what kind, whose, what it is called, and its fields in one form.

import { parseAddressRange } from '@keyward/rules/address';
import { everyEvent } from '@keyward/rules/webhooks/events';
import { canonicalUsername } from '../../../core/name.ts';
import {
  ApiDocument,
  ApiUserDocument,
  ApplicationDocument,
  FederatedCredentialDocument,
  OrganizationDocument,
  PlanDocument,
  RoleDocument,
  TokenDocument,
  UserDocument,
  WebhookDocument,
} from './documents.ts';
import { durationOf, msOf, sorted, timeOf } from './values.ts';

/** In the order in which they are made: each needs those before it. */
export const kinds = [
  ...(['api', 'permission', 'plan', 'organization', 'role', 'user', 'apiUser', 'application'] as const),
  ...(['federatedCredential', 'token', 'webhook'] as const),
] as const;
export type Kind = (typeof kinds)[number];

export type Fields = Readonly<Record<string, unknown>>;

export interface Thing {
  kind: Kind;
  /** What the files call its organization; null for what is the whole server's. */
  organization: string | null;
  /** The API of a permission, the API user of a federated credential; null of others. */
  parent: string | null;
  /** What it is called among those: an external id where it has one, else its name. */
  key: string;
  fields: Fields;
}

/** What the files call each kind. */
export const plurals: Readonly<Record<Kind, string>> = {
  api: 'apis',
  permission: 'permissions',
  plan: 'plans',
  organization: 'organizations',
  role: 'roles',
  user: 'users',
  apiUser: 'apiUsers',
  application: 'applications',
  federatedCredential: 'federatedCredentials',
  token: 'tokens',
  webhook: 'webhooks',
};

/** What people call each kind. */
export const titles: Readonly<Record<Kind, string>> = {
  api: 'API',
  permission: 'permission',
  plan: 'plan',
  organization: 'organization',
  role: 'role',
  user: 'user',
  apiUser: 'API user',
  application: 'application',
  federatedCredential: 'federated credential',
  token: 'API token',
  webhook: 'webhook',
};

interface ReadSchema {
  properties: Readonly<Record<string, object>>;
}

const schemas: Readonly<Record<Exclude<Kind, 'permission'>, ReadSchema>> = {
  api: ApiDocument,
  plan: PlanDocument,
  organization: OrganizationDocument,
  role: RoleDocument,
  user: UserDocument,
  apiUser: ApiUserDocument,
  application: ApplicationDocument,
  federatedCredential: FederatedCredentialDocument,
  token: TokenDocument,
  webhook: WebhookDocument,
};

/** What stands in a document of its kind and is an object of its own. */
const nested = new Set([
  ...['permissions@api', 'roles@organization', 'users@organization', 'apiUsers@organization', 'tokens@organization'],
  ...['applications@organization', 'federatedCredentials@apiUser', 'webhooks@organization'],
]);

/** The fields of a kind, in the order in which they are written, each with what it is when left out; undefined for as it is. */
export const fieldsOf: Readonly<Record<Kind, ReadonlyMap<string, unknown>>> = Object.fromEntries(
  kinds.map((kind) => [kind, kind === 'permission' ? ofPermission() : ofSchema(kind, schemas[kind])]),
) as Record<Kind, ReadonlyMap<string, unknown>>;

function ofSchema(kind: Kind, { properties }: ReadSchema): ReadonlyMap<string, unknown> {
  const own = Object.entries(properties).filter(([field]) => !nested.has(`${field}@${kind}`) && field !== 'operator');
  return new Map(
    own.map(([field, schema]) => [field, 'default' in schema ? canonical(field, schema.default) : undefined]),
  );
}

function ofPermission(): ReadonlyMap<string, unknown> {
  return new Map([
    ['description', ''],
    ['group', ''],
  ]);
}

/** The field that names a thing of these kinds, and is written in more than one way. */
const spelled: Partial<Record<Kind, string>> = { user: 'email', webhook: 'url' };

/** The one form of what a thing is called. */
export function canonicalKey(kind: Kind, key: string): string {
  return canonicalText(spelled[kind] ?? 'key', key);
}

/** The one form in which a field is compared and shown. */
export function canonical(field: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    if (field === 'limits') return value.map(canonicalLimit).sort(byText);
    const texts = value.map(String);
    if (field === 'events' && texts.includes(everyEvent)) return [everyEvent];
    return sorted(field === 'addresses' ? texts.map((one) => parseAddressRange(one)?.text ?? one) : texts);
  }
  if (typeof value === 'string') return canonicalText(field, value);
  if (field === 'leakPolicy' && typeof value === 'object' && value !== null) return canonicalLeakPolicy(value);
  if (field === 'owner' && typeof value === 'object' && value !== null && 'user' in value) {
    return { user: canonicalUsername(String(value.user)) };
  }
  return value;
}

function canonicalLeakPolicy(policy: { action?: string; endsAfter?: string; descendants?: boolean }) {
  const { action, endsAfter, descendants = true } = policy;
  return { action, ...(endsAfter !== undefined && { endsAfter: durationOf(msOf(endsAfter)) }), descendants };
}

function canonicalText(field: string, text: string): string {
  if (field === 'expiresAt') return timeOf(text);
  if (field === 'longestTokenLifetime') return durationOf(msOf(text));
  if (field === 'email') return canonicalUsername(text);
  if (field === 'url') return URL.parse(text)?.href ?? text;
  return text.normalize('NFC').trim();
}

function canonicalLimit(limit: { limit: number; window: string; per?: string; cap?: number | null }) {
  const { limit: calls, window, per, cap = null } = limit;
  return {
    limit: calls,
    window: durationOf(msOf(window)),
    ...(per !== undefined && { per, ...(cap !== null && { cap }) }),
  };
}

/** Whether two values in this form are the same, whatever the order of the fields of objects. */
export function isSame(one: unknown, other: unknown): boolean {
  return textOf(one) === textOf(other);
}

/** JSON with its keys in order. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

function byText(one: unknown, other: unknown): number {
  return textOf(one) < textOf(other) ? -1 : 1;
}

/** Such as `acme: API token Deploy`. */
export function titleOf({ kind, organization, parent, key }: Omit<Thing, 'fields'>): string {
  const whose = organization === null || kind === 'organization' ? '' : `${organization}: `;
  const of = kind === 'federatedCredential' ? `API user ${parent}: ` : '';
  return `${whose}${of}${titles[kind]} ${key}`;
}

/** Where things of one kind stand beside each other: what is unique, and what is pruned. */
export function scopeOf({ kind, organization, parent }: Pick<Thing, 'kind' | 'organization' | 'parent'>): string {
  return JSON.stringify([kind, organization, kind === 'federatedCredential' || kind === 'permission' ? parent : null]);
}
