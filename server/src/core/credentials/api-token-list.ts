// Lists of API tokens: what they can be narrowed to, and what is told beside each token's own record.

import { isPermissionPattern } from '@keyward/rules/permission';
import { actingPermission, type Caller, demand, demandOperator, managesOwn, may } from '../caller/caller.ts';
import type { Clocked } from '../clock.ts';
import { invalid } from '../errors.ts';
import type { Page } from '../page.ts';
import type { ApiTokenFilter, ApiTokenPage, Reading } from './ports.ts';
import type { ApiToken } from './records.ts';

export interface WantedTokens {
  state?: 'active' | 'inactive' | 'expired';
  unusedDays?: number;
  expiringDays?: number;
  owner?: string;
  permission?: string;
  externalId?: string;
}

/**
 * `own` lists the caller's; `all` the organization's and needs `read:organization_api_key`. `unusedDays` are those made at
 * least so long ago and not used since; `expiringDays` those still good, but not for longer.
 */
export async function listApiTokens(
  ports: Reading<'apiTokens'> & Clocked,
  caller: Caller,
  page: ApiTokenPage,
  whose: 'own' | 'all',
  wanted: WantedTokens = {},
): Promise<Page<ApiToken>> {
  if (whose === 'all' || !managesOwn(caller)) demand(caller, 'read:organization_api_key');
  const owner = whose === 'own' ? caller.owner.id : wanted.owner;
  if (owner !== (wanted.owner ?? owner)) throw invalid(['query', 'owner'], 'Ask for whose=all to see others.');
  const filter = filterOf({ ...wanted, ...(owner !== undefined && { owner }) }, ports.clock());
  return ports.store.apiTokens.list(caller.organization.id, page, filter);
}

/**
 * As `listApiTokens`, of all organizations, by when they were made: for whoever could act for each of them
 * (`act:organization`) and holds `read:organization_api_key`. What is told beside them is asked for as one who does.
 */
export async function listAllApiTokens(
  ports: Reading<'apiTokens'> & Clocked,
  caller: Caller,
  { sort, ...page }: ApiTokenPage,
  wanted: WantedTokens = {},
): Promise<Page<ApiToken>> {
  demandOperator(caller, actingPermission);
  demand(caller, 'read:organization_api_key');
  if (sort !== 'createdAt') throw invalid(['query', 'sort'], 'Of all organizations they come by when they were made.');
  return ports.store.apiTokens.listAll(page, filterOf(wanted, ports.clock()));
}

function filterOf(wanted: WantedTokens, now: number): ApiTokenFilter {
  const { state, unusedDays, expiringDays, owner, permission, externalId } = wanted;
  if (permission !== undefined && !isPermissionPattern(permission)) {
    throw invalid(['query', 'permission'], 'Use a permission such as read:funds, or a pattern such as read:*.');
  }
  return {
    ...(owner !== undefined && { ownerId: owner }),
    ...(state !== undefined && { state: { is: state, now } }),
    ...(unusedDays !== undefined && { unusedSince: now - unusedDays * dayMs }),
    ...(expiringDays !== undefined && { expiring: { from: now, until: now + expiringDays * dayMs } }),
    ...(permission !== undefined && { permission }),
    ...(externalId !== undefined && { externalId }),
  };
}

/** What the owners of these tokens are called, by their ids. As `lastUsesOf`, only of tokens that the caller may see. */
export async function ownerNamesOf(
  ports: Reading<'names'>,
  caller: Caller,
  tokens: readonly ApiToken[],
): Promise<ReadonlyMap<string, string>> {
  const all = may(caller, 'read:organization_api_key');
  const owners = tokens.map(({ owner }) => owner).filter(({ id }) => all || id === caller.owner.id);
  const names = await ports.store.names.of(caller.organization.id, owners);
  return new Map(owners.map(({ type, id }) => [id, names.get(`${type}:${id}`) ?? '']));
}

const dayMs = 24 * 3_600_000;
