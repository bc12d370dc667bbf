// What changed in a noun, read off its entry and made so again. Each names the members that it understands: an entry with
// another one is not replayed here.

import type { Owner } from '../credentials/api-token-owner.ts';
import type { LeakPolicy } from '../identity/leak-policy.ts';
import type { JournalEntry } from '../journal/entry.ts';
import type { RestoringChanges } from './ports.ts';

interface Changing {
  members: readonly string[];
  /** False if it could not be made so. */
  apply(changes: RestoringChanges, entry: JournalEntry): Promise<boolean>;
}

const external = ['externalId', 'metadata'];

export const changing: Readonly<Record<string, Changing>> = {
  'api_token.changed': {
    members: [
      ...['name', 'description', 'permissions', 'addresses', 'apis', 'limits', 'use', 'expiresAt', 'owner'],
      ...['previousOwner', 'withdrawn', 'because', 'previousUntil', ...external],
    ],
    async apply(changes, entry) {
      const { id, organizationId, detail } = placed(entry);
      const { permissions, apis, addresses, limits, use, expiresAt, owner, because, previousUntil } = detail;
      if (previousUntil !== undefined) await changes.restoring.endOverlap('api_token', id);
      if (because === 'leaked' && typeof expiresAt === 'number')
        await changes.apiTokens.markLeaked(organizationId, id, { leakEndsAt: expiresAt });
      if (permissions !== undefined) await keepPermissions(changes, 'api_token', entry);
      if (Array.isArray(apis)) await changes.bindings.bind(organizationId, id, apis);
      const next = {
        ...(apis === null && { apis }),
        ...(addresses !== undefined && { addresses: addresses as string[] }),
        ...(limits !== undefined && { limits: limits as [] }),
        ...(use !== undefined && { use: use as 'both' }),
        ...(expiresAt !== undefined && { expiresAt: expiresAt as number | null }),
        ...(owner !== undefined && { owner: owner as Owner, sealedSecret: null }),
      };
      if (Object.keys(next).length > 0)
        await changes.apiTokens.update(organizationId, id, { ...next, updatedAt: entry.at });
      return true;
    },
  },
  'api_user.changed': {
    members: ['name', 'role', ...external],
    async apply(changes, entry) {
      const { id, organizationId, detail } = placed(entry);
      if (typeof detail.role === 'string') await changes.apiUsers.update(organizationId, id, { role: detail.role });
      return true;
    },
  },
  'user.changed': {
    members: ['name', 'role'],
    async apply(changes, entry) {
      const { id, organizationId, detail } = placed(entry);
      if (typeof detail.role === 'string') await changes.users.update(organizationId, id, { role: detail.role });
      return true;
    },
  },
  'role.created': {
    members: ['permissions'],
    async apply(changes, entry) {
      const { id: name, organizationId, detail } = placed(entry);
      const permissions = detail.permissions as string[];
      const role = { organizationId, name, description: '', permissions, createdAt: entry.at };
      // Whoever has it now was given the role that this is.
      if (!(await changes.roles.insert(role))) await changes.roles.update(organizationId, name, { permissions });
      return true;
    },
  },
  'role.changed': {
    members: ['description', 'permissions', 'withdrawn'],
    async apply(changes, entry) {
      const { id, organizationId, detail } = placed(entry);
      const permissions = detail.permissions as string[] | undefined;
      if (permissions !== undefined) await changes.roles.update(organizationId, id, { permissions });
      return true;
    },
  },
  'application.changed': {
    members: [
      ...['name', 'redirectUris', 'grants', 'permissions', 'logoUrl', 'jwksUri', 'keys', 'metadataUrl'],
      'withdrawn',
    ],
    async apply(changes, entry) {
      const { id, organizationId, detail } = placed(entry);
      const { redirectUris, grants, permissions, jwksUri, keys } = detail;
      await changes.applications.update(organizationId, id, {
        ...(redirectUris !== undefined && { redirectUris: redirectUris as string[] }),
        ...(grants !== undefined && { grants: grants as [] }),
        ...(permissions !== undefined && { permissions: permissions as string[] }),
        ...(jwksUri !== undefined && { jwksUri: jwksUri as string | null }),
        // Which keys it has since then nobody knows: until it is told them anew it has none.
        ...(keys !== undefined && { jwks: { keys: [] } }),
      });
      return true;
    },
  },
  'federated_credential.changed': {
    members: ['apiUser', 'name', 'issuer', 'audience', 'conditions', 'jwksUri', 'keys'],
    async apply(changes, entry) {
      const { id, organizationId, detail } = placed(entry);
      const before = await changes.federatedCredentials.find(organizationId, id);
      if (before === null) return true;
      const { issuer, audience, conditions, jwksUri, keys } = detail;
      return changes.federatedCredentials.update({
        ...before,
        issuer: issuer as string | null,
        audience: audience as string | null,
        conditions: conditions as Record<string, string>,
        jwksUri: jwksUri as string | null,
        // As of an application's.
        jwks: keys === null ? null : { keys: [] },
      });
    },
  },
  'organization.changed': {
    members: [
      ...['name', 'planId', 'contributors', 'longestTokenLifetimeMs', 'entitlement', 'withdrawn', 'leakPolicy'],
      ...external,
    ],
    async apply(changes, entry) {
      const { id, detail } = placed(entry);
      const { planId, contributors, entitlement, longestTokenLifetimeMs, leakPolicy } = detail;
      await changes.organizations.update(id, {
        ...(planId !== undefined && { planId: planId as string | null }),
        ...(leakPolicy !== undefined && { leakPolicy: leakPolicy as LeakPolicy }),
        ...(contributors !== undefined && { contributors: contributors as number }),
        ...(entitlement !== undefined && { entitlement: entitlement as string[] | null }),
        ...(longestTokenLifetimeMs !== undefined && {
          longestTokenLifetimeMs: longestTokenLifetimeMs as number | null,
        }),
      });
      return true;
    },
  },
  'plan.created': { members: ['id', 'name', 'limits', 'whenUnavailable', 'entitlement'], apply: putPlan },
  'plan.changed': { members: ['id', 'name', 'limits', 'whenUnavailable', 'entitlement', 'withdrawn'], apply: putPlan },
  'api.changed': {
    members: ['name', 'identifier', 'description', 'signingAlgorithm'],
    async apply(changes, entry) {
      const { id, detail } = placed(entry);
      const { identifier, signingAlgorithm } = detail;
      await changes.apis.update(id, {
        ...(identifier !== undefined && { identifier: identifier as string | null }),
        ...(signingAlgorithm !== undefined && { signingAlgorithm: signingAlgorithm as 'ES256' }),
      });
      return true;
    },
  },
};

function placed({ subject, organizationId, detail }: JournalEntry) {
  return { id: subject.id, organizationId: organizationId ?? '', detail };
}

/** Of a deleted one too. */
async function keepPermissions(changes: RestoringChanges, type: 'api_token', entry: JournalEntry): Promise<void> {
  const { id, organizationId, detail } = placed(entry);
  const holder = { type, id, organizationId, organizationName: '', name: '', permissions: [] };
  await changes.holders.keep(holder, detail.permissions as string[]);
}

async function putPlan(changes: RestoringChanges, entry: JournalEntry): Promise<boolean> {
  const { id, detail } = placed(entry);
  const before = await changes.plans.find(id);
  const { withdrawn: _, run: __, ...said } = detail;
  const plan = { ...before, ...said };
  // Of one that the backup lacks an entry that says less than all is of no use.
  if (['name', 'limits', 'whenUnavailable', 'entitlement'].some((member) => !(member in plan))) return before === null;
  await changes.plans.put({ id, ...plan } as Parameters<typeof changes.plans.put>[0]);
  return true;
}
