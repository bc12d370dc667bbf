// Client ids that are addresses, where clients describe themselves (draft-ietf-oauth-client-id-metadata-document section 3):
// which text is one, whose the operator allows, and under which id such a client is kept. Compared as text, never resolved here.

import { digestOf } from '../../secret.ts';

/** For people to read, and for a token to carry. */
const longest = 500;

/** Whether a client id means to be an address. The ids that this server gives begin otherwise (section 7.1). */
export function meansClientUrl(clientId: string): boolean {
  return clientId.startsWith('https://');
}

/**
 * Whether it is one, written as an address is fetched: no user, dot segment, usual port or fragment, and a path; no query, which
 * the draft advises against.
 */
export function isClientUrl(clientId: string): boolean {
  if (clientId.length > longest || !meansClientUrl(clientId) || /[?#]/.test(clientId)) return false;
  const url = URL.parse(clientId);
  if (url === null || url.href !== clientId || url.pathname === '/') return false;
  return url.username === '' && url.password === '';
}

/** What people are shown of it: whose it is, with the port where that is unusual. */
export function hostOfClient(clientUrl: string): string {
  return new URL(clientUrl).host;
}

/** Whether its host is in a list of hosts; `*.example.com` stands for all below example.com, `*` for every one. */
export function isAllowedClient(hosts: readonly string[], clientUrl: string): boolean {
  const host = hostOfClient(clientUrl);
  return hosts.some((one) => one === '*' || one === host || (one.startsWith('*.') && host.endsWith(one.slice(1))));
}

/** The id under which what people let it do is kept: always the same, and of the form of all ids. */
export function idOfClient(clientUrl: string): string {
  const hex = digestOf(clientUrl);
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([from, to]) => hex.slice(from, to))
    .join('-');
}
