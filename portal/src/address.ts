// What a page keeps in its address: text parameters, so that reload, back and a shared link show the same. They are read
// and written as plain text: a search for 123 stays a text.

import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useCallback } from 'react';

export type Parameters = Readonly<Record<string, string>>;

/** For the router: parameters are texts and nothing else. */
export function readParameters(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

/** For the router, in both directions alike. */
export function writeParameters(parameters: Record<string, unknown>): string {
  const given = Object.entries(parameters).filter(([, value]) => typeof value === 'string' && value !== '');
  const text = new URLSearchParams(given as [string, string][]).toString();
  return text === '' ? '' : `?${text}`;
}

/** The parameters of the present address, and a way to change some: null or '' removes one. */
export function useParameters(): [
  Parameters,
  (changes: Record<string, string | null>, how?: 'push' | 'replace') => void,
] {
  const parameters = useRouterState({ select: (state) => state.location.search as Parameters });
  const navigate = useNavigate();
  const change = useCallback(
    (changes: Record<string, string | null>, how: 'push' | 'replace' = 'replace') => {
      void navigate({
        to: '.',
        search: (before: Record<string, string>) => ({ ...before, ...changes }) as never,
        replace: how === 'replace',
        resetScroll: false,
      });
    },
    [navigate],
  );
  return [parameters, change];
}

/** A path of this very portal to go to, or `/`: an address from elsewhere is never followed (S73, S88). */
export function ownPath(wanted: string | undefined): string {
  if (wanted === undefined || !/^\/(?![/\\])/.test(wanted)) return '/';
  const url = new URL(wanted, window.location.origin);
  return url.origin === window.location.origin ? url.pathname + url.search : '/';
}
