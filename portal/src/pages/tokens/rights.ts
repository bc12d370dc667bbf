// What the signed in may do with a token, to show no button that would be refused. The server decides all the same.

import type { Token } from '@keyward/sdk/wire';
import { holds, useSession } from '../../session.ts';

export interface TokenRights {
  isOwn: boolean;
  mayChange: boolean;
  mayDelete: boolean;
}

export function useTokenRights(): (token: Pick<Token, 'owner'>) => TokenRights {
  const { user, permissions } = useSession();
  return ({ owner }) => {
    const isOwn = owner.id === user.id;
    const manages = isOwn && holds(permissions, 'manage:own_api_key');
    return {
      isOwn,
      mayChange: manages || holds(permissions, 'update:organization_api_key'),
      mayDelete: manages || holds(permissions, 'delete:organization_api_key'),
    };
  };
}
