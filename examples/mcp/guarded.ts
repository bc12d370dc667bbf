// The MCP server guarded by Keyward's SDK. Every message needs `read:notes`, and a tool that changes something needs more: whoever
// lacks it is told what to ask for (insufficient_scope), and where.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createVerifier, protectedResourceMetadata } from '@keyward/sdk';
import { guard } from '@keyward/sdk/node';
import { always, answer, messageOf, neededBy } from './notes.ts';

export interface NotesOptions {
  /** Keyward's address, and the API token of a holder of `verify:credential` and `follow:feed`. */
  keyward: { url: string; token: string };
  /** The address that clients call: the identifier of this API in Keyward, `http://127.0.0.1:3001/mcp`. */
  resource: string;
  /** Its handle in Keyward. */
  api: string;
}

/** Listens on the port of `resource`, once calls can be checked. */
export async function startNotes({ keyward, resource, api }: NotesOptions): Promise<{ close(): Promise<void> }> {
  const { port, pathname } = new URL(resource);
  const verifier = createVerifier({ url: keyward.url, credential: { apiToken: keyward.token }, exchange: 'none', api });
  await verifier.ready();
  const metadata = protectedResourceMetadata({ resource, issuer: verifier.issuer, scopes: always });
  const options = { resourceMetadata: metadata.url };

  const guarded = guard(verifier, { ...options, permissions: always }, async (request, response) => {
    const message = await messageOf(request);
    // The call is counted once.
    const more = { ...options, permissions: neededBy(message), cost: 0 };
    await guard(verifier, more, () => answer(request, response, message))(request, response);
  });

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const [path] = (request.url ?? '').split('?');
    if (path === metadata.path) return sendJson(response, 200, metadata.document);
    if (path !== pathname) return sendJson(response, 404, { error: 'not found' });
    if (request.method !== 'POST') return sendJson(response.setHeader('allow', 'POST'), 405, { error: 'POST only' });
    return guarded(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(Number(port), '127.0.0.1', listening));
  return {
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await verifier.close();
    },
  };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
