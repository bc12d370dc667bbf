// Who is signed in and what they may do, as the server says; and the ways in and out. What a page hides for want of a
// permission the server refuses anyway: hiding is courtesy, never protection.

import { covers } from '@keyward/rules/permission';
import type { Organization, Session } from '@keyward/sdk/wire';
import { QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { actingFor } from './acting.ts';
import { onRefusal, part, request } from './api.ts';
import { ApiProblem, problemOf } from './problem.ts';
import { onReturn } from './reachability.ts';
import { schemeKey } from './scheme-key.ts';

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

/** The organization that this page works in, as it is now; the shell asks for it, and again when it may be gone. */
export const customerQuery = queryOptions({
  queryKey: ['/v1/organizations', actingFor],
  queryFn: ({ signal }) => request<Organization>('GET', `/v1/organizations/${part(actingFor ?? '')}`, { signal }),
  refetchInterval: 15_000,
});
if (actingFor !== null) onRefusal(() => void queries.invalidateQueries({ queryKey: customerQuery.queryKey }));

/** The organization that this page works in, as far as it is known; undefined where that is the viewer's own. */
export function useCustomer(): Organization | undefined {
  return useQuery({ ...customerQuery, enabled: false }).data;
}

/** The session as it is, for a page that only the signed in see: of the viewer's own organization. */
export function useOwnSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('This page needs a session.');
  return data;
}

/** The same in the organization that this page works in: there the viewer is no operator, no owner, and has nothing. */
export function useSession(): Session {
  const own = useOwnSession();
  const customer = useCustomer();
  if (actingFor === null) return own;
  if (customer === undefined) throw new Error('This page needs an organization.');
  const { id, name, planId, contributors } = customer;
  const organization = { id, name, planId, contributors, isOperator: false };
  return { ...own, organization, user: { ...own.user, role: '' } };
}

/** Whether somebody may work in organizations that are not theirs, and see which there are. */
export function mayAct({ organization, permissions }: Session): boolean {
  return organization.isOperator && acting.every((one) => holds(permissions, one));
}

const acting = ['act:organization', 'read:organization'];

/** Whether the person holds a permission (`verb:resource`); with several, whether they hold any. */
export function useMay(...wanted: string[]): boolean {
  const { permissions } = useSession();
  return wanted.some((one) => holds(permissions, one) && (actingFor === null || one !== ofOnesOwn));
}

/** Whoever works for a customer has no tokens of their own there. */
const ofOnesOwn = 'manage:own_api_key';

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
