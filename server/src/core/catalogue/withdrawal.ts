// Who holds a permission, and what it takes that it leaves the catalogue: nobody holds it, or it is taken from all who do. Who
// holds it by a pattern alone keeps the pattern. To be entitled to it is not to hold it: it is taken from entitlements in
// either case, as it is from what people let applications do.

import { type Caller, isOperating } from '../caller/caller.ts';
import { type Holders, KeywardError } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import type { Changes, PermissionHolderReads } from './ports.ts';
import type { PermissionHolder } from './records.ts';

const mostShown = 10;
/** A change lets others in between. */
const batch = 500;

/**
 * How many hold it by its name and which of these routes require it; and who, as far as the caller may know of
 * organizations.
 */
export async function holdersOf(
  holders: PermissionHolderReads,
  caller: Caller,
  permission: string,
  routes: readonly string[],
): Promise<Holders> {
  const roles = await holders.roles({ permission });
  const applications = await holders.applications(permission);
  const apiTokens = await holders.countApiTokens(permission);
  const { id } = caller.organization;
  const isAll = isOperating(caller);
  const page = { after: '', limit: mostShown, ...(!isAll && { organizationId: id }) };
  const first = [
    ...[...roles, ...applications].filter(({ organizationId }) => isAll || organizationId === id),
    ...(apiTokens === 0 ? [] : await holders.apiTokens({ permission }, page)),
  ];
  const counts = { roles: roles.length, apiTokens, applications: applications.length };
  return { permission, ...counts, routes, first: first.slice(0, mostShown).map(shown) };
}

/** Throws `conflict`, which says who holds it. */
export async function demandUnheld(...asked: Parameters<typeof holdersOf>): Promise<void> {
  const held = await holdersOf(...asked);
  if (held.roles + held.apiTokens + held.applications + held.routes.length === 0) return;
  throw new KeywardError('conflict', textOf(held), { holders: held });
}

/** Takes it from some who hold it, deleted API tokens too. True once nobody does. */
export async function takeFromAll(
  changes: Changes<'holders'>,
  caller: Caller,
  at: number,
  permission: string,
): Promise<boolean> {
  if (!(await endAuthorized(changes, caller, at, { permission }))) return false;
  const page = { after: '', limit: batch, withDeleted: true };
  const tokens = await changes.holders.apiTokens({ permission }, page);
  const isLast = tokens.length < batch;
  const others = async () => [
    ...(await changes.holders.roles({ permission })),
    ...(await changes.holders.applications(permission)),
  ];
  for (const holder of isLast ? [...tokens, ...(await others())] : tokens) {
    const { type, id, organizationId } = holder;
    const permissions = holder.permissions.filter((one) => one !== permission);
    await changes.holders.keep(holder, permissions);
    const detail = { permissions, withdrawn: permission };
    changes.journal(entryOf(caller, at, `${type}.changed`, { type, id }, detail, organizationId));
  }
  return isLast;
}

/**
 * Ends some of what people let applications do with a permission or on an API. True once nothing of it is left. Each
 * organization of theirs is told, since that is what their verifiers follow.
 */
export async function endAuthorized(
  changes: Changes<'holders'>,
  caller: Caller,
  at: number,
  of: { permission: string } | { api: string },
): Promise<boolean> {
  const { touched, isAll } = await changes.holders.withdrawAuthorized(of, at, batch);
  const withdrawn = 'api' in of ? of.api : of.permission;
  for (const { applicationId, organizationId } of touched) {
    const subject = { type: 'application', id: applicationId };
    changes.journal(entryOf(caller, at, 'application.access_ended', subject, { withdrawn }, organizationId));
  }
  return isAll;
}

/** Takes it from all entitlements that name it. */
export async function takeFromEntitlements(
  changes: Changes<'holders'>,
  caller: Caller,
  at: number,
  permission: string,
): Promise<void> {
  for (const { type, id, entitlement: before } of await changes.holders.entitling(permission)) {
    const entitlement = before.filter((one) => one !== permission);
    await changes.holders.entitle({ type, id }, entitlement);
    const detail = { entitlement, withdrawn: permission };
    const organizationId = type === 'organization' ? [id] : [];
    changes.journal(entryOf(caller, at, `${type}.changed`, { type, id }, detail, ...organizationId));
  }
}

function shown({ type, id, name, organizationId, organizationName }: PermissionHolder): Holders['first'][number] {
  return { type, id, name, organization: { id: organizationId, name: organizationName } };
}

function textOf({ permission, roles, apiTokens, applications, routes }: Holders): string {
  const counts = [
    [roles, 'role', 'roles'],
    [apiTokens, 'API token', 'API tokens'],
    [applications, 'application', 'applications'],
    [routes.length, 'route', 'routes'],
  ] as const;
  const parts = counts
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => `${count} ${count === 1 ? one : many}`);
  return `${permission} is in use: ${parts.join(', ')}. Take it from them first, or delete it with force, which takes it from all of them.`;
}
