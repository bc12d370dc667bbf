// Serves the portal: one page for every one of its addresses, with a fresh nonce each time, another for the reference of the
// API, and the files that they load. It opens no session: everything the page shows it asks of the native API like anyone else.

import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dialect } from '../../dialects/dialect.ts';
import { cookieName } from '../../dialects/native/session-cookie.ts';
import type { GuardedRoute } from '../gateway/guarded-route.ts';
import { rulesOf } from '../gateway/route-match.ts';
import { rawPathOf } from '../query.ts';
import { nonceMark, type PortalFile, type PortalFiles, sessionMark } from './portal-files.ts';

export interface PortalOptions {
  /** What was built; null if nothing was. */
  files: PortalFiles | null;
  /** The public address, to which a page asked for over plain HTTP is sent if it is one of HTTPS. */
  url: () => string;
}

/** What the portal answers outside the routes that it registers. */
export interface Portal {
  /** The page for an address that nobody else owns; undefined where the request does not look like a browser's. */
  page(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined;
  /** Where a page that was asked for over plain HTTP is; undefined for anything else: only the portal redirects (S3). */
  secureTarget(request: FastifyRequest): string | undefined;
}

/** The portal's addresses: the first segments of its paths. The page itself finds out what to show. */
export const portalPages = [
  '',
  'sign-in',
  'set-up',
  'welcome',
  'new-password',
  'get-started',
  'tokens',
  'api-users',
  'applications',
  'people',
  'permissions',
  'apis',
  'plans',
  'usage',
  'calls',
  'journal',
  'signing-keys',
  'verifiers',
  'settings',
  'webhooks',
  'account',
  'consent',
  'device',
  'organizations',
] as const;

/** Where the interactive reference of the API is. */
export const referencePath = '/docs';

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Keyward</title><h1>Keyward is running</h1>
<p>Its portal has not been built. Run <code>npm run build</code> in the repository and start the server again.</p>
<p>The API and the command line work without it.</p></html>`;

/** Registers `/` and the portal's files. What guarded routes claim is left to them; `/` claimed means no portal. */
export function mountPortal(
  app: FastifyInstance,
  { files, url }: PortalOptions,
  dialects: readonly Dialect[],
  guarded: readonly GuardedRoute[],
): Portal | undefined {
  const rules = rulesOf(guarded.filter((route) => route.upstream != null));
  const claimed = portalPages.filter((page) => rules.find('GET', `/${page}`) !== undefined);
  if (claimed.length > 0)
    app.log.warn({ paths: claimed.map((page) => `/${page}`) }, 'routes cover pages of the portal');
  if (claimed.includes('')) return undefined;

  const owned = dialects.flatMap((dialect) => dialect.paths);
  const isOwned = (path: string) => owned.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  const html = files?.page ?? notBuilt;
  app.route({ method: ['GET', 'HEAD'], url: '/', handler: (request, reply) => sendPage(request, reply, html) });
  if (files !== null) {
    const { reference } = files;
    if (rules.find('GET', referencePath) === undefined) {
      app.route({
        method: ['GET', 'HEAD'],
        url: referencePath,
        handler: (one, reply) => sendPage(one, reply, reference),
      });
    }
    for (const [path, file] of files.files) {
      app.route({ method: ['GET', 'HEAD'], url: path, handler: (request, reply) => sendFile(request, reply, file) });
    }
  }
  return {
    page(request, reply) {
      const path = rawPathOf(request.url);
      if (!asksForPage(request) || isOwned(path) || files === null) return undefined;
      return sendPage(request, reply.code(isPage(path) ? 200 : 404), html);
    },
    secureTarget(request) {
      const target = url();
      const isPortal = asksForPage(request) && isPage(rawPathOf(request.url)) && target.startsWith('https://');
      return isPortal ? target + rawPathOf(request.url) : undefined;
    },
  };
}

/** The headers of a page (S87): scripts and styles by nonce alone, nothing from elsewhere, in nobody's frame. */
export function policyFor(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy':
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), ' +
    'microphone=(), midi=(), payment=(), screen-wake-lock=(), serial=(), usb=(), clipboard-write=(self)',
} as const;

function isPage(path: string): boolean {
  return path === referencePath || (portalPages as readonly string[]).includes(path.split('/')[1] ?? '');
}

/** Only a browser that opens an address says this; programs that take anything get the API's plain answer. */
function asksForPage({ method, headers }: FastifyRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && headers.accept?.includes('text/html') === true;
}

function sendPage({ headers }: FastifyRequest, reply: FastifyReply, html: string): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  reply.headers(pageHeaders).header('content-security-policy', policyFor(nonce));
  // Whoever is sent here by another site brings no cookie, which is for this site's own pages.
  const isSent = headers['sec-fetch-site'] === 'cross-site';
  const session = isSent || headers.cookie?.includes(`${cookieName}=`) === true ? 'perhaps' : 'none';
  return reply.send(html.replaceAll(nonceMark, nonce).replace(sessionMark, session));
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: PortalFile): FastifyReply {
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const coding = (['br', 'gzip'] as const).find((one) => file[one] !== undefined && accepts(accepted, one));
  reply.header('content-type', file.type);
  reply.header('cache-control', file.isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600');
  reply.header('vary', 'accept-encoding');
  reply.header('cross-origin-resource-policy', 'same-origin');
  if (coding !== undefined) reply.header('content-encoding', coding);
  return reply.send((coding && file[coding]) ?? file.plain);
}

function accepts(header: string, coding: string): boolean {
  return header.split(',').some((one) => {
    const [name, ...parameters] = one.split(';').map((part) => part.trim());
    return name === coding && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
