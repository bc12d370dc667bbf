// Who a token can belong to: the users and API users of the organization, found by what is typed. Of each kind nobody is
// found by those who may not see it.

import type { ApiUserList, OwnerId, UserList } from '@keyward/sdk/wire';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { useMay } from '../../session.ts';

export interface FoundOwner extends OwnerId {
  /** A user's e-mail, an API user's name. */
  label: string;
  role: string;
  active: boolean;
}

interface FoundOwners {
  users: readonly FoundOwner[];
  apiUsers: readonly FoundOwner[];
  /** Whether the signed in may see any. */
  maySee: boolean;
}

export function useOwners(text: string): FoundOwners {
  const [maySeeUsers, maySeeApiUsers] = [useMay('read:user'), useMay('read:api_user')];
  const [search] = useDebouncedValue(text, 200);
  const query = { search, limit: 20, sort: 'name', order: 'asc' };
  const users = useQuery({
    queryKey: ['/v1/users', query],
    queryFn: ({ signal }) => api.get<UserList>('/v1/users', query, signal),
    enabled: maySeeUsers,
    placeholderData: keepPreviousData,
  });
  const apiUsers = useQuery({
    queryKey: ['/v1/api-users', query],
    queryFn: ({ signal }) => api.get<ApiUserList>('/v1/api-users', query, signal),
    enabled: maySeeApiUsers,
    placeholderData: keepPreviousData,
  });
  return {
    users: (users.data?.items ?? []).map(({ id, email, role, active }) => {
      return { type: 'user', id, label: email, role, active };
    }),
    apiUsers: (apiUsers.data?.items ?? []).map(({ id, name, role, active }) => {
      return { type: 'api_user', id, label: name, role, active };
    }),
    maySee: maySeeUsers || maySeeApiUsers,
  };
}
