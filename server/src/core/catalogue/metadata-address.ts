// Where the metadata of an API is, and whose metadata is where (RFC 9728 section 3.1). It reads addresses and fetches nothing.

import { defaultApi } from '../caller/catalogue.ts';

/** What stands between the host and the path of an identifier. */
export const metadataPath = '/.well-known/oauth-protected-resource';

/**
 * As the section makes it of an identifier at this server's own address; of any other one, under the path that every API
 * has here, where it can be had whoever serves the API.
 */
export function metadataAddressOf(handle: string, identifier: string, issuer: string): string {
  const url = resourceUrl(identifier);
  const path = url !== null && url.origin === new URL(issuer).origin ? pathIn(url) : ownPathOf(handle);
  return issuer + metadataPath + path;
}

/**
 * The API whose metadata is at this path behind `metadataPath`: that of an identifier at the host that was asked, or at the server's own
 * address, or the one whose own path it is. Undefined if there is none.
 */
export function apiAt(
  apis: ReadonlyMap<string, string>,
  issuer: string,
  { path, host }: { path: string; host: string },
): string | undefined {
  const bare = path === '/' ? '' : path;
  const found = [...apis].flatMap(([handle, identifier]) => {
    const url = resourceUrl(identifier);
    return url !== null && pathIn(url) === bare ? [{ handle, url }] : [];
  });
  const asked =
    found.find(({ url }) => isAt(host, url)) ?? found.find(({ url }) => url.origin === new URL(issuer).origin);
  return asked?.handle ?? [...apis.keys()].find((handle) => ownPathOf(handle) === bare);
}

/** By which the default API is known too where its identifier is elsewhere. */
function ownPathOf(handle: string): string {
  return handle === defaultApi ? '' : `/v1/apis/${handle}`;
}

/** The identifier as an address; null for one that is none. */
function resourceUrl(identifier: string): URL | null {
  if (!/^https?:/i.test(identifier) || !URL.canParse(identifier)) return null;
  const url = new URL(identifier);
  return url.search === '' ? url : null;
}

/** The section takes away a slash that ends the host. */
function pathIn({ pathname }: URL): string {
  return pathname === '/' ? '' : pathname;
}

function isAt(host: string, url: URL): boolean {
  const asked = `${url.protocol}//${host}`;
  return URL.canParse(asked) && new URL(asked).host === url.host;
}
