// Where a call carries its credential, and that it carries only one (RFC 6750 section 2). It judges nothing.

import { trimBlanks } from '@keyward/rules/blanks';

/** The text behind `Bearer` or `apiToken`, null if there is none of these. Other schemes are not for guarded calls. */
export function credentialIn(authorization: string | null | undefined): string | null {
  return textBehind(authorization, bearers);
}

/** The access token behind `DPoP` (RFC 9449 section 7.1), null if there is none. */
export function boundTokenIn(authorization: string | null | undefined): string | null {
  return textBehind(authorization, bound);
}

const bearers = ['bearer', 'apitoken'];
const bound = ['dpop'];

function textBehind(authorization: string | null | undefined, schemes: readonly string[]): string | null {
  const text = trimBlanks(authorization ?? '');
  const space = text.search(/[ \t]/);
  if (space < 0) return null;
  const scheme = text.slice(0, space).toLowerCase();
  return schemes.includes(scheme) ? trimBlanks(text.slice(space)) : null;
}

/** The values of `apiToken` in a URL's query, decoded; of none the answer is always the same. */
export function apiTokensIn(url: string | undefined): readonly string[] {
  const mark = url?.indexOf('?') ?? -1;
  if (url === undefined || mark < 0) return none;
  const query = url.slice(mark + 1);
  // Without an escape the name can only stand there as it is.
  if (!query.includes('%') && !query.includes('apiToken')) return none;
  const end = query.indexOf('#');
  return new URLSearchParams(end < 0 ? query : query.slice(0, end)).getAll('apiToken');
}

const none: readonly string[] = [];

/** The header `DPoP`; of several lines Node makes one, which is no proof. */
export function proofIn({ dpop }: Readonly<Record<string, string | string[] | undefined>>): string | undefined {
  return dpop === undefined ? undefined : String(dpop);
}

/** True if a request has several `Authorization` lines, of which Node shows the first alone. */
export function isAmbiguous({ rawHeaders }: { rawHeaders: readonly string[] }): boolean {
  let lines = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') lines += 1;
  }
  return lines > 1;
}
