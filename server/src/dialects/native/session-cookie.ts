// The cookie that a session travels in, and what a request with it must show: that a page of ours sent it. It is read
// here and nowhere else, so that on guarded calls it is no credential at all (S33).

import { trimBlanks } from '@keyward/rules/blanks';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Core } from '../../core/core.ts';
import { KeywardError } from '../../core/errors.ts';
import type { SessionOrigin } from '../../core/identity/new-session.ts';

/** `__Host-` binds it to this host and to HTTPS (RFC 6265bis section 4.1.3.2); a loopback address counts as such. */
export const cookieName = '__Host-keyward';
/** What a page sends with whatever changes something: no form and no foreign page can (S86). */
export const pageHeader = 'x-keyward-portal';

const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict';

/** The secret in the request's session cookie, if it has one. Throws `invalid_request` for two of them (S62). */
export function sessionSecret(request: FastifyRequest): string | undefined {
  const header = request.headers.cookie;
  if (header === undefined || !header.includes(cookieName)) return undefined;
  const found = header
    .split(';')
    .map(trimBlanks)
    .filter((pair) => pair.startsWith(`${cookieName}=`))
    .map((pair) => pair.slice(cookieName.length + 1));
  if (found.length > 1) throw new KeywardError('invalid_request', 'This request carries more than one session.');
  return found[0] === '' ? undefined : found[0];
}

/** A Cookie header without the session, for whom it is none of their business; empty if nothing is left. */
export function withoutSession(cookies: string): string {
  if (!cookies.includes(cookieName)) return cookies;
  return cookies
    .split(';')
    .filter((pair) => !pair.trimStart().startsWith(cookieName))
    .join(';')
    .trim();
}

/** Hands a session out; the browser forgets it when it is closed, the server when it ends. */
export function setSession(reply: FastifyReply, secret: string): void {
  reply.header('set-cookie', `${cookieName}=${secret}; ${attributes}`);
}

export function clearSession(reply: FastifyReply): void {
  reply.header('set-cookie', `${cookieName}=; ${attributes}; Max-Age=0`);
}

export function sessionOriginOf(request: FastifyRequest): SessionOrigin {
  return { address: request.clientAddress, userAgent: request.headers['user-agent'] ?? '' };
}

/** Throws `forbidden` unless a page of this server sent a request that changes something by a session. */
export function demandOwnPage(request: FastifyRequest, core: Pick<Core, 'isOwnOrigin'>): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  demandOwnOrigin(request, core);
  if (request.headers[pageHeader] === '1') return;
  throw new KeywardError('forbidden', `A session may change something only with the header ${pageHeader}: 1.`);
}

/** Throws `forbidden` for a request that a browser says another site's page has sent. */
export function demandOwnOrigin(request: FastifyRequest, core: Pick<Core, 'isOwnOrigin'>): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  const isOwnSite = site === undefined || site === 'same-origin' || site === 'none';
  if (isOwnSite && (origin === undefined || isWhereItCame(origin, request) || core.isOwnOrigin(origin))) return;
  throw new KeywardError('forbidden', 'This request comes from a page of another site.');
}

/**
 * A page can set none of these: that its origin is the scheme and the host which the request came to means that the page
 * came from here. One of the same host over plain HTTP may be anybody's.
 */
function isWhereItCame(origin: string, { headers: { host }, isSecure }: FastifyRequest): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  return page.host === host.toLowerCase() && page.protocol === (isSecure ? 'https:' : 'http:');
}
