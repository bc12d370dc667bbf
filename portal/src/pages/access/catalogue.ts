// The permissions, APIs and roles that can be chosen; for who may not see the catalogue, the permissions that they hold.

import type { Api, ApiList, Permission, PermissionList, Role, RoleList } from '@keyward/sdk/wire';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { useMay, useSession } from '../../session.ts';

export function useCatalogue(): readonly Permission[] {
  const { permissions } = useSession();
  const maySee = useMay('read:permission');
  const { data } = useQuery(catalogueQuery(maySee));
  if (!maySee) return permissions.map((name) => ({ name, description: '', group: '', api: null, builtIn: false }));
  return data?.items ?? [];
}

export function catalogueQuery(isEnabled = true) {
  return {
    queryKey: ['/v1/permissions'],
    queryFn: ({ signal }: { signal: AbortSignal }) => api.get<PermissionList>('/v1/permissions', {}, signal),
    enabled: isEnabled,
  };
}

export function rolesQuery(isEnabled = true) {
  return {
    queryKey: ['/v1/roles'],
    queryFn: ({ signal }: { signal: AbortSignal }) => api.get<RoleList>('/v1/roles', {}, signal),
    enabled: isEnabled,
  };
}

/** The roles; none while they load, or for who may not see them. */
export function useRoles(): readonly Role[] {
  const maySee = useMay('read:role');
  const { data } = useQuery(rolesQuery(maySee));
  return data?.items ?? [];
}

/** The APIs; none while they load, or for who may not see them. */
export function useApis(): readonly Api[] {
  const { data } = useQuery({
    queryKey: ['/v1/apis'],
    queryFn: ({ signal }) => api.get<ApiList>('/v1/apis', {}, signal),
    enabled: useMay('read:permission'),
  });
  return data?.items ?? [];
}
