// The MCP server for the gateway: it listens on this machine alone and trusts whoever reaches it, because only Keyward can. What a
// message needs is said by Keyward's route; a tool that needs more than the route is not called this way.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { always, answer, messageOf, neededBy } from './notes.ts';

/** Starts it on a loopback port, a free one for 0. */
export async function startOpenNotes(port = 0): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return response.writeHead(405, { allow: 'POST' }).end();
    const message = await messageOf(request);
    if (neededBy(message).length > always.length) return response.writeHead(403).end();
    return answer(request, response, message).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}
