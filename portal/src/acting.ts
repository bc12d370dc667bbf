// For whom this page works: an operator may work in a customer's organization. The page's own address says so, and from
// its load to its end it is one organization: going to another is another load, so that nothing of the one is ever kept,
// shown or sent for the other. It asks nothing; customer.ts does.

const name = 'organization';

/** The id of the organization that this page is loaded for; null where that is the viewer's own. */
export const actingFor = organizationIn(window.location.search);

/** Pages about what is an organization's own, by the beginnings of their paths. All else is one's own, or the server's. */
const actingPages = [
  ...[
    '/tokens',
    '/api-users',
    '/applications',
    '/people',
    '/plans',
    '/usage',
    '/calls',
    '/journal',
    '/webhooks',
    '/settings',
  ],
];

/** Paths of the API about the viewer, the server, or what is named in the path. All others are about an organization. */
const others = [
  ...['/v1/session', '/v1/sessions', '/v1/self', '/v1/set-up', '/v1/settings', '/v1/lookup'],
  ...['/v1/organizations', '/v1/apis', '/v1/permissions', '/v1/plans', '/v1/signing-keys'],
  ...['/v1/verifiers', '/v1/receipts', '/v1/journal/chain'],
];

/** What a request for `path` must say of the organization: an endpoint that nobody thought of refuses it, and does nothing. */
export function organizationFor(path: string): string | null {
  return others.some((other) => isAt(path, other)) ? null : actingFor;
}

/** Whether the page at `path` can be used for a customer. */
export function isActingPage(path: string): boolean {
  return path === '/' || actingPages.some((page) => isAt(path, page));
}

/** The address of a page of the portal in that organization, or in one's own; `to` such as `/tokens?state=active`. */
export function hrefIn(organization: string | null, to: string): string {
  const { pathname, searchParams } = new URL(to, window.location.origin);
  searchParams.delete(name);
  if (organization !== null) searchParams.set(name, organization);
  return pathname + (searchParams.size === 0 ? '' : `?${searchParams}`);
}

/** The list or page in another organization that is most like the page at `path`. */
export function alike(path: string): string {
  return actingPages.find((page) => isAt(path, page)) ?? '/';
}

/** The organization that an address names. */
export function organizationIn(search: string): string | null {
  return new URLSearchParams(search).get(name) || null;
}

function isAt(path: string, beginning: string): boolean {
  return path === beginning || path.startsWith(`${beginning}/`);
}
