// The target of a request in its absolute form, which every server has to take (RFC 9112 section 3.2.2): from here on it
// reads as if its host and its path had been sent apart. Whether they are allowed is for request-rules.ts.

import type { IncomingMessage, Server } from 'node:http';

/** What Node emits for a request, by what the request expects. */
export const requestEvents = ['request', 'checkContinue', 'checkExpectation'] as const;

/** Has all requests of a server reach its listeners in origin form. Call it when the listeners are there. */
export function acceptAbsoluteForm(server: Server): void {
  for (const event of [...requestEvents, 'upgrade'] as const) server.prependListener(event, toOriginForm);
}

/** The target's host replaces the Host header, whatever that says. What is not an absolute HTTP URL stays as it is. */
function toOriginForm(request: IncomingMessage): void {
  const { url = '', headers, rawHeaders } = request;
  if (url.startsWith('/')) return;
  const [, host, rest = ''] = /^https?:\/\/([^/?#]+)(.*)$/is.exec(url) ?? [];
  if (host === undefined) return;
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
  headers.host = host;
  let isThere = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== 'host') continue;
    rawHeaders[index + 1] = host;
    isThere = true;
  }
  // HTTP/1.0 may leave it out: whoever judges the lines sees the host all the same.
  if (!isThere) rawHeaders.push('Host', host);
}
