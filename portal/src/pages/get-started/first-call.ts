// Watching for a first call: what is known of the last use of the credentials in question, asked again every two seconds.

import type { ApiUser, ApiUserList, Token, TokenList, UsageList } from '@keyward/sdk/wire';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, part } from '../../api.ts';
import type { NewCredential } from '../../new-credential.ts';
import { useMay } from '../../session.ts';

export interface Seen {
  name: string;
  at: string;
  address: string | null;
  userAgent: string | null;
}

export interface FirstCall {
  /** The call that has arrived, or null while none has. */
  seen: Seen | null;
  /** Why calls with the new credential were refused so far, the most frequent reason first. */
  refused: string | null;
  /** Forgets what has arrived and waits again. */
  again: () => void;
  canWatch: boolean;
}

type Watched = { id: string; name: string; lastUsed: Token['lastUsed'] };

const everyMs = 2000;

/**
 * With a credential that was just made, its first use ever; without one, the next use of any of one's own tokens or of
 * any API user, `kind` says which.
 */
export function useFirstCall(credential: NewCredential | null, kind: 'api_token' | 'api_user'): FirstCall {
  const mayToken = useMay('manage:own_api_key', 'read:organization_api_key');
  const mayApiUser = useMay('read:api_user');
  const canWatch = kind === 'api_user' ? mayApiUser : mayToken;
  // Uses from before the watch began, by id; null until the first look. One that was just made has none.
  const [before, setBefore] = useState<ReadonlyMap<string, string | null> | null>(null);
  const [seen, setSeen] = useState<Seen | null>(null);
  const isWatching = canWatch && seen === null;
  useQuery({
    queryKey: ['first-call', kind, credential?.id ?? null],
    queryFn: async ({ signal }) => {
      const now = await look(credential, kind, signal);
      const known = before ?? new Map(now.map(({ id, lastUsed }) => [id, usedBefore(credential, id, lastUsed)]));
      if (before === null) setBefore(known);
      const used = now.find(({ id, lastUsed }) => lastUsed !== null && lastUsed.at !== (known.get(id) ?? null));
      if (used?.lastUsed) setSeen({ name: used.name, ...used.lastUsed });
      return now.length;
    },
    enabled: isWatching,
    refetchInterval: everyMs,
    refetchOnMount: 'always',
    gcTime: 0,
  });
  const { data: refused } = useQuery({
    queryKey: ['first-call-refused', credential?.id ?? null],
    queryFn: async ({ signal }) => {
      const query = { source: `${credential?.kind}:${credential?.id}`, group: 'total', by: 'verdict' };
      const { items } = await api.get<UsageList>('/v1/usage', query, signal);
      return items.find(({ verdict }) => verdict !== 'allowed')?.verdict ?? null;
    },
    enabled: isWatching && credential !== null,
    refetchInterval: everyMs,
    gcTime: 0,
  });
  return {
    seen,
    refused: refused ?? null,
    canWatch,
    again: () => {
      setBefore(new Map(seen === null || credential === null ? [] : [[credential.id, seen.at]]));
      if (credential === null) setBefore(null);
      setSeen(null);
    },
  };
}

async function look(
  credential: NewCredential | null,
  kind: 'api_token' | 'api_user',
  signal: AbortSignal,
): Promise<Watched[]> {
  if (credential?.kind === 'api_token') {
    return [await api.get<Token>(`/v1/tokens/${part(credential.id)}`, {}, signal)];
  }
  if (credential?.kind === 'api_user') {
    const { id, name, lastUsed } = await api.get<ApiUser>(`/v1/api-users/${part(credential.id)}`, {}, signal);
    return [{ id, name, lastUsed }];
  }
  if (kind === 'api_user') return (await api.get<ApiUserList>('/v1/api-users', { limit: 100 }, signal)).items;
  return (await api.get<TokenList>('/v1/tokens', { whose: 'own', limit: 100 }, signal)).items;
}

function usedBefore(credential: NewCredential | null, id: string, lastUsed: Token['lastUsed']): string | null {
  return credential?.id === id ? null : (lastUsed?.at ?? null);
}
