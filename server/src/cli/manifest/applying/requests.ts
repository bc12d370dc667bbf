// Steps as calls of the API: which path, which body, and where a field of the files stands in the body. Nothing is sent here.

import type { Kind, Thing } from '../model/thing.ts';
import { msOf } from '../model/values.ts';
import { ownerKey } from '../plan/references.ts';
import { type FieldChange, idOf, type Step } from '../plan/step.ts';
import type { Call } from '../state/asking.ts';

export interface Naming {
  /** Ids by `idOf`. */
  ids: ReadonlyMap<string, string>;
  /** Whether the caller is of the organization with this id, and so says nothing of acting for it. */
  isOwn(organizationId: string): boolean;
}

/** The call that makes the object. */
export function creation(step: Step, naming: Naming): Call {
  const body = bodyOf(step, step.changes, naming, true);
  const query = queryFor(step, naming);
  const call = (path: string, content: object = body): Call => ({ method: 'POST', path, ...query, body: content });
  const key = step.wanted?.fields.name ?? step.key;
  switch (step.kind) {
    case 'api':
      return call('/v1/apis', { name: step.key, ...body, handle: step.key });
    case 'permission':
      return call('/v1/permissions', { ...body, name: step.key, ...(step.parent !== null && { api: step.parent }) });
    case 'plan':
      return call('/v1/plans', { name: step.key, ...body, id: step.key });
    case 'webhook':
      return call('/v1/webhooks');
    case 'user': {
      const organizationId = naming.ids.get(organizationKey(step)) ?? '';
      const { email, name, role } = step.wanted?.fields ?? {};
      if (role !== 'owner' || naming.isOwn(organizationId)) return call('/v1/users');
      return { method: 'POST', path: `/v1/organizations/${organizationId}/owners`, body: { email, name } };
    }
    case 'federatedCredential':
      return call(
        `/v1/api-users/${naming.ids.get(idOf({ ...step, kind: 'apiUser', parent: null, key: step.parent ?? '' }))}/federated-credentials`,
      );
    default:
      return call(`/v1/${collections[step.kind]}`, { name: key, ...body });
  }
}

/** The calls that change what is there. */
export function changing(step: Step, naming: Naming): Call[] {
  const fields = step.changes.filter(({ field }) => field !== 'active');
  const path = pathOf(step, step.found?.id ?? '');
  const query = queryFor(step, naming);
  const calls: Call[] = [];
  if (fields.length > 0) calls.push({ method: 'PATCH', path, ...query, body: bodyOf(step, fields, naming, false) });
  return [...calls, ...switching(step, path, naming)];
}

/** The call that switches it on or off, if that changes; `path` is its own. */
export function switching(step: Step, path: string, naming: Naming): Call[] {
  const change = step.changes.find(({ field }) => field === 'active');
  if (change === undefined) return [];
  const query = queryFor(step, naming);
  if (step.kind === 'webhook') return [{ method: 'PATCH', path, ...query, body: { active: change.after === true } }];
  const verb = change.after === true ? 'activate' : 'deactivate';
  return [{ method: 'POST', path: `${path}/${verb}`, ...query }];
}

export function removal(step: Step, naming: Naming): Call {
  return { method: 'DELETE', path: pathOf(step, step.found?.id ?? ''), ...queryFor(step, naming) };
}

/** Where the API has the object with this id. */
export function pathOf({ kind }: Pick<Thing, 'kind'>, id: string): string {
  return `/v1/${collections[kind]}/${encodeURIComponent(id)}`;
}

/** The field of the files that a place in a body, such as `/body/limits/0/windowMs`, is about. */
export function fieldAt(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(2)
    .map((part) => inFiles[part] ?? (/^\d+$/.test(part) ? Number(part) : part));
}

const inFiles: Readonly<Record<string, string>> = {
  planId: 'plan',
  longestTokenLifetimeMs: 'longestTokenLifetime',
  windowMs: 'window',
  endsAfterMs: 'endsAfter',
};

function bodyOf(step: Step, changes: readonly FieldChange[], naming: Naming, isNew: boolean): Record<string, unknown> {
  const entries = changes.flatMap(({ field, after }): [string, unknown][] => {
    if (field === 'active' || (isNew && after === undefined)) return [];
    switch (field) {
      case 'plan':
        return [['planId', after]];
      case 'longestTokenLifetime':
        return [['longestTokenLifetimeMs', after === null ? null : msOf(String(after))]];
      case 'leakPolicy': {
        const { endsAfter, ...policy } = after as { endsAfter?: string };
        return [[field, { ...policy, ...(endsAfter !== undefined && { endsAfterMs: msOf(endsAfter) }) }]];
      }
      case 'limits':
        return [[field, limitsOf(after as Limit[])]];
      case 'owner':
        return [[field, ownerOf(step, after, naming)]];
      default:
        return [[field, after]];
    }
  });
  return Object.fromEntries(entries);
}

interface Limit {
  limit: number;
  window: string;
  per?: string;
  cap?: number | null;
}

function limitsOf(limits: readonly Limit[]): object[] {
  return limits.map(({ window, ...limit }) => ({ ...limit, windowMs: msOf(window) }));
}

function ownerOf(step: Step, owner: unknown, { ids }: Naming): object {
  const isUser = typeof owner === 'object' && owner !== null && 'user' in owner;
  return { type: isUser ? 'user' : 'api_user', id: ids.get(ownerKey(step, owner)) ?? '' };
}

function queryFor({ kind, organization }: Step, naming: Naming): Pick<Call, 'query'> {
  if (organization === null || kind === 'organization') return {};
  const id = naming.ids.get(organizationKey({ organization })) ?? '';
  return naming.isOwn(id) ? {} : { query: { organization: id } };
}

function organizationKey({ organization }: Pick<Thing, 'organization'>): string {
  return idOf({ kind: 'organization', organization, parent: null, key: organization ?? '' });
}

const collections: Readonly<Record<Kind, string>> = {
  api: 'apis',
  permission: 'permissions',
  plan: 'plans',
  organization: 'organizations',
  role: 'roles',
  user: 'users',
  apiUser: 'api-users',
  application: 'applications',
  federatedCredential: 'federated-credentials',
  token: 'tokens',
  webhook: 'webhooks',
};
