// Asks for recent calls, again and again while the page is looked at.

import type { CallList } from '@keyward/sdk/wire';
import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';

export interface WantedCalls {
  /** As `api_token:<id>`. */
  credential?: string | undefined;
  verdict?: string | undefined;
  /** `*` for those of all organizations. */
  organization?: '*' | undefined;
  limit: number;
}

export function useCalls(wanted: WantedCalls): UseQueryResult<CallList> {
  return useQuery({
    queryKey: ['/v1/calls', wanted],
    queryFn: ({ signal }) => api.get<CallList>('/v1/calls', { ...wanted }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 5000,
  });
}
