// What clients send to be taken for someone else, or to reach what they may not: headers, paths, and requests that two
// readers could read differently. And the judge: what may have reached the API of it.

import type { Received } from './backend.ts';

/** A request but for its credential. `%` in a target stands as it is. */
export interface Attack {
  name: string;
  method?: string;
  target?: string;
  lines?: readonly string[];
  /** Instead of the one right Authorization line; `§` stands for it. */
  authorization?: readonly string[];
  body?: string;
  host?: string;
}

const header = (...lines: string[]): Attack => ({ name: lines.join(' + ').replace(/[^\x20-\x7e]/g, '·'), lines });
const path = (target: string): Attack => ({ name: target, target });

/** Sent to a path that needs a credential, with and without it, and to an open one. */
export const headerAttacks: readonly Attack[] = [
  header('X-Auth-Principal: forged'),
  header('x-auth-principal: forged'),
  header('X-AUTH-PRINCIPAL: forged'),
  header('X_Auth_Principal: forged'),
  header('X.Auth.Principal: forged'),
  header('x-auth_principal: forged'),
  header('x_auth.principal: forged'),
  header('X-Auth-Principal:', 'X-Auth-Principal: forged'),
  header('X-Auth-Type: forged', 'X-Auth-Name: forged'),
  header('X-Auth-Organization: forged', 'X-Auth-Permissions: forged,*:*'),
  header('X_Auth_Permissions: forged', 'X.Auth.Organization: forged'),
  header('X-Auth-External-Id: forged', 'X-Auth-Organization-External-Id: forged'),
  header('x_auth_external_id: forged', 'X.Auth.Organization.External.Id: forged'),
  header('X-Auth-User: forged'),
  header('X_Auth_User: forged'),
  header('X.Auth.User: forged'),
  header('Connection: X-Auth-Principal'),
  header('Connection: close, x-auth-principal, x-auth-permissions', 'X-Auth-Principal: forged'),
  header('Connection: keep-alive', 'Connection: X-Auth-Principal, X-Auth-Type'),
  header('Connection: Authorization, close'),
  header('Connection: X-Forwarded-Uri, X-Original-URI, X-Forwarded-Method, X-Original-Method'),
  header('Connection: X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host'),
  header('X-Forwarded-Uri: /public/forged', 'X-Forwarded-Method: GET'),
  header('X-Original-URI: /public/forged', 'X-Original-Method: GET'),
  header('X-Original-URL: https://api.example.com/public/forged'),
  header('X_Forwarded_Uri: /public/forged', 'X.Original.URI: /public/forged'),
  header('X-Rewrite-URL: /admin/forged'),
  header('X-HTTP-Method-Override: forged'),
  header('X-Forwarded-For: 203.0.113.66, forged'),
  header('X-Forwarded-Proto: http', 'X-Forwarded-Host: forged'),
  header('X_Forwarded_For: forged', 'X.Forwarded.Host: forged'),
  header('Forwarded: for=forged;proto=http;host=forged'),
  header('X-Real-IP: forged', 'True-Client-IP: forged'),
  header('CF-Connecting-IP: forged', 'X-Client-IP: forged'),
  header('X-Mine: a\r\n X-Auth-Principal: forged'),
  header('X-Auth-Principal : forged'),
  header('X-Mine: a\nX-Auth-Principal: forged'),
  header('X-Mine: a\rX-Auth-Principal: forged'),
  header('X-Auth-Principal\x00: forged'),
  { name: 'two credentials, the right one first', authorization: ['§', 'Authorization: Bearer forged'] },
  { name: 'two credentials, the right one last', authorization: ['Authorization: Bearer forged', '§'] },
  { name: 'two hosts', lines: ['Host: forged.example'] },
  {
    name: 'a header in the trailer',
    method: 'POST',
    lines: ['Transfer-Encoding: chunked', 'Trailer: X-Auth-Principal'],
    body: '0\r\nX-Auth-Principal: forged\r\n\r\n',
  },
];

const hidden = 'GET /admin/forged HTTP/1.1\r\nHost: api.example.com\r\nX-Auth-Principal: forged\r\n\r\n';

/** Sent with the credential, which opens /orders and not /admin, and without it. */
export const pathAttacks: readonly Attack[] = [
  path('/orders/../admin/x'),
  path('/orders/./../admin/x'),
  path('/orders/%2e%2e/admin/x'),
  path('/orders/%2E./admin/x'),
  path('/orders/..%2fadmin/x'),
  path('/orders/..;/admin/x'),
  path('/orders/..\\admin/x'),
  path('/orders/..%5cadmin/x'),
  path('/orders/%c0%ae%c0%ae/admin/x'),
  path('/orders/%252e%252e/admin/x'),
  path('//admin/x'),
  path('/orders//../admin/x'),
  path('/./admin/x'),
  path('/%61dmin/x'),
  path('/ADMIN/x'),
  path('/admin;x=/orders/x'),
  path('/admin/x;/../../public/x'),
  path('/public/../admin/x'),
  path('/public/%2e%2e%2fadmin/x'),
  path('/public/..%00/admin/x'),
  path('/public/x#/../../admin/x'),
  path('/admin/x?/public/x'),
  path('/orders/x?/../../admin/x'),
  path('https://api.example.com/admin/x'),
  path('http://public/admin/x'),
  path('admin/x'),
  path('*'),
  { name: 'another host', target: '/admin/x', host: 'public' },
  {
    name: 'CL.TE',
    method: 'POST',
    lines: [`Content-Length: ${5 + hidden.length}`, 'Transfer-Encoding: chunked'],
    body: `0\r\n\r\n${hidden}`,
  },
  {
    name: 'TE.CL',
    method: 'POST',
    lines: ['Content-Length: 4', 'Transfer-Encoding: chunked'],
    body: `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  },
  {
    name: 'TE.TE',
    method: 'POST',
    lines: ['Transfer-Encoding: chunked', 'Transfer-Encoding: x'],
    body: `0\r\n\r\n${hidden}`,
  },
  {
    name: 'two lengths',
    method: 'POST',
    lines: ['Content-Length: 0', `Content-Length: ${hidden.length}`],
    body: hidden,
  },
  { name: 'a body on GET', method: 'GET', lines: [`Content-Length: ${hidden.length}`], body: hidden },
  {
    name: 'a WebSocket that is none',
    lines: [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 777',
      `Content-Length: ${hidden.length}`,
    ],
    body: hidden,
  },
  {
    name: 'an upgrade to h2c',
    lines: ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA'],
    body: hidden,
  },
];

/** The bytes of an attack on a path, with a credential or without. */
export function bytesOf(attack: Attack, target: string, token: string | null): string {
  const right = token === null ? [] : [`Authorization: Bearer ${token}`];
  const written = attack.authorization?.flatMap((line) => (line === '§' ? right : [line])) ?? right;
  const ends = attack.lines?.some((line) => /^connection:/i.test(line)) ? [] : ['Connection: close'];
  const head = [
    `${attack.method ?? 'GET'} ${attack.target ?? target} HTTP/1.1`,
    `Host: ${attack.host ?? 'api.example.com'}`,
    ...written,
    ...(attack.lines ?? []),
    ...ends,
  ];
  return `${head.join('\r\n')}\r\n\r\n${attack.body ?? ''}`;
}

/**
 * What is wrong with a request that reached the API; empty if nothing is. Under /orders the caller must be the token's
 * holder, under /public nobody; nothing else may be reached. No word of the client's about itself may be left.
 */
export function faultsOf({ method, url, rawHeaders }: Received, identity: Readonly<Record<string, string>>): string[] {
  const faults: string[] = [];
  const where = resolved(url);
  const isOpen = where.startsWith('/public/');
  if (!isOpen && !/^\/orders\//.test(where)) faults.push(`reached ${where}`);
  if (!/^(GET|POST)$/.test(method)) faults.push(`with ${method}`);
  const seen = new Map<string, string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    const plain = name.toLowerCase().replace(/[_.]/g, '-');
    if (/^x-auth-/.test(plain)) {
      if (name.toLowerCase() !== plain || !(plain in identity)) faults.push(`the header ${name}`);
      if (seen.has(plain)) faults.push(`${name} twice`);
      seen.set(plain, value);
    }
    if (
      /^(authorization|forwarded$|x-(forwarded|original|rewrite|http-method|real|client)-|true-client|cf-connecting)/.test(
        plain,
      ) &&
      /forged/.test(value)
    ) {
      faults.push(`${name}: ${value}`);
    }
    if (plain === 'authorization') faults.push('the credential');
  }
  for (const [name, value] of Object.entries(identity)) {
    const told = seen.get(name) ?? '';
    if (told !== (isOpen ? '' : value)) faults.push(`${name} is "${told}"`);
  }
  return faults;
}

/** Where a lax server would think that a path leads; it decodes once. */
function resolved(url: string): string {
  const path = url
    .replace(/^https?:\/\/[^/]*/i, '')
    .replace(/[?#].*$/s, '')
    .replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  const parts: string[] = [];
  for (const part of path.replaceAll('\\', '/').split('/')) {
    const name = part.replace(/[;\0].*$/s, '').toLowerCase();
    if (name === '..') parts.pop();
    else if (name !== '' && name !== '.') parts.push(name);
  }
  return `/${parts.join('/')}`;
}
