// Who is signed in and what they may do, as the server says; and the ways in and out. What a page hides for want of a
// permission the server refuses anyway: hiding is courtesy, never protection.

import { covers } from '@keyward/rules/permission';
import type { Session } from '@keyward/sdk/wire';
import { QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { request } from './api.ts';
import { ApiProblem, problemOf } from './problem.ts';
import { onReturn } from './reachability.ts';
import { schemeKey } from './theme.ts';

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always',
      staleTime: 5_000,
      retry: (count, error) => count < 2 && problemOf(error).status >= 500,
    },
    // A form that could not be sent says so at once, and is sent again by its own button.
    mutations: { networkMode: 'always', retry: false },
  },
});
onReturn(
  () => void queries.refetchQueries({ predicate: (query) => query.state.status === 'error' || query.isStale() }),
);

/** The server saw no cookie when it sent this page: the first question is answered already. */
let isKnownAbsent = document.documentElement.dataset.session === 'none';

/** The session, or null while nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async ({ signal }): Promise<Session | null> => {
    if (isKnownAbsent) {
      isKnownAbsent = false;
      return null;
    }
    try {
      return await request<Session>('GET', '/v1/session', { signal, quiet: true });
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null;
      throw error;
    }
  },
});

/** The session of a page that only the signed in see. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('This page needs a session.');
  return data;
}

/** Whether the person holds a permission (`verb:resource`); with several, whether they hold any. */
export function useMay(...wanted: string[]): boolean {
  const { permissions } = useSession();
  return wanted.some((one) => holds(permissions, one));
}

/** Whether what is held covers the permission or pattern. */
export const holds = covers;

export interface Credentials {
  email: string;
  password: string;
  code?: string;
}

/** Throws ApiProblem; `second_factor_required` means that the password was right. */
export async function signIn(credentials: Credentials): Promise<Session> {
  isKnownAbsent = false;
  const session = await request<Session>('POST', '/v1/session', { body: credentials, quiet: true });
  queries.setQueryData(sessionQuery.queryKey, session);
  return session;
}

/** Ends the session here and in every other tab, and leaves nothing of it behind (S91). */
export async function signOut(): Promise<void> {
  const scheme = localStorage.getItem(schemeKey);
  await request('DELETE', '/v1/session', { quiet: true }).catch((error: unknown) => {
    if (problemOf(error).status !== 401) throw error;
  });
  // The server had the browser forget everything; light or dark is no secret.
  if (scheme !== null) localStorage.setItem(schemeKey, scheme);
  otherTabs?.postMessage('signed-out');
  leave();
}

/** To the sign-in page by a load of its own: what this page held in memory goes with it. */
export function leave(): void {
  window.location.replace('/sign-in');
}

const otherTabs = 'BroadcastChannel' in window ? new BroadcastChannel('keyward') : undefined;
otherTabs?.addEventListener('message', ({ data }) => {
  if (data === 'signed-out' && queries.getQueryData(sessionQuery.queryKey)) leave();
});

// A page that the back button brings out of the browser's memory may show what its viewer must no longer see (S8, S91).
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) window.location.reload();
});
