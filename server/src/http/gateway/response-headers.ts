// What of an upstream's answer may go on to the client: nothing that is for one hop only, no session in the portal, and no
// address that only this side of the gateway reaches. The framing of the body is said anew.

import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { cookieName } from '../../dialects/native/session-cookie.ts';
import { hopByHop, namedInConnection } from './request-headers.ts';

/** The headers of an upstream's answer that may go on to the client. */
export function answeredHeaders(headers: IncomingHttpHeaders, upstream: URL): IncomingHttpHeaders {
  const named = namedInConnection(headers.connection);
  const kept = Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.has(name));
  return Object.fromEntries(
    kept.flatMap(([name, value]) => {
      if (name === 'set-cookie') {
        const cookies = [value ?? []].flat().filter((cookie) => !cookie.trimStart().startsWith(cookieName));
        return cookies.length === 0 ? [] : [[name, cookies.map((cookie) => outerCookie(cookie, upstream))]];
      }
      return addressed.has(name) && typeof value === 'string'
        ? [[name, outerAddress(value, upstream)]]
        : [[name, value]];
    }),
  );
}

/** Leaves the CORS headers of one: the upstream's own, if it has any, or Keyward's, which are on the reply already. */
export function keepOneCors(reply: HeadersOfReply, answered: IncomingHttpHeaders): void {
  const own = reply.getHeader('vary');
  if (answered['access-control-allow-origin'] !== undefined) {
    for (const name of Object.keys(reply.getHeaders())) if (name.startsWith(corsPrefix)) reply.removeHeader(name);
  }
  // Fetch standard: whose origin may read it differs, whatever else the answer differs by.
  if (typeof own === 'string' && answered.vary !== undefined) {
    answered.vary = namesIn(answered.vary).some((name) => name === '*' || name === own.toLowerCase())
      ? answered.vary
      : `${answered.vary}, ${own}`;
  }
}

type HeadersOfReply = Pick<FastifyReply, 'getHeader' | 'getHeaders' | 'removeHeader'>;

const corsPrefix = 'access-control-';

function namesIn(list: string): string[] {
  return list
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
}

const addressed: ReadonlySet<string> = new Set(['location', 'content-location', 'refresh']);

/**
 * An address as the client knows it: where it leads to the upstream, only its path is left, without the path that the
 * route puts before a call's own. `Refresh` has its address behind `url=`.
 */
function outerAddress(text: string, upstream: URL): string {
  const refresh = /^(\s*\d+\s*[;,]\s*url\s*=\s*)(.+)$/i.exec(text);
  if (refresh !== null) return `${refresh[1]}${outerAddress(refresh[2] ?? '', upstream)}`;
  const isPath = text.startsWith('/') && !text.startsWith('//');
  if (isPath) return outerPath(text, upstream);
  if (!/^(?:https?:)?\/\//i.test(text) || !URL.canParse(text, upstream.href)) return text;
  const url = new URL(text, upstream);
  if (url.host !== upstream.host) return text;
  return onOneHost(outerPath(`${url.pathname}${url.search}${url.hash}`, upstream));
}

function outerPath(path: string, { pathname }: URL): string {
  const base = pathname.replace(/\/$/, '');
  if (base === '' || !path.startsWith(base)) return path;
  const rest = path.slice(base.length);
  if (rest === '') return '/';
  // Behind the base may come a further path, a query or a fragment; `/apiary` is not below `/api`.
  return rest.startsWith('/') ? onOneHost(rest) : /^[?#]/.test(rest) ? `/${rest}` : path;
}

/** A path that no browser takes for a host: it reads `\\` as `/`, and overlooks tabs (WHATWG URL, section 4.4). */
function onOneHost(path: string): string {
  return path.replace(/^[/\\\t]+/, '/');
}

/** A cookie for the host that the client knows; one for another domain stays as it is. */
function outerCookie(cookie: string, upstream: URL): string {
  return cookie
    .split(';')
    .flatMap((part, at) => {
      const [, name = '', value = ''] = /^\s*(domain|path)\s*=\s*(.*?)\s*$/i.exec(part) ?? [];
      if (at === 0 || name === '') return [part];
      if (name.toLowerCase() === 'path') return [` ${name}=${outerPath(value, upstream)}`];
      return value.replace(/^\./, '').toLowerCase() === upstream.hostname ? [] : [part];
    })
    .join(';');
}
