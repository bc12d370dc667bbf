// A host where clients describe themselves, over HTTPS with a certificate of its own. It can say anything, redirect, or say
// nothing at all. For tests only.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../server/src/config/config.ts';
import { selfSigned } from '../../../server/src/http/self-signed.test-support.ts';
import type { TestApplication } from './application-flow.ts';

export interface ClientHost {
  url: string;
  /** As people are shown it. */
  host: string;
  /** For a server that is to read from it. */
  outbound: Config['outbound'];
  /** The paths that were asked for. */
  asked: string[];
  /** A client that describes itself here from now on; a member that is undefined is left out. */
  client(path: string, document?: Record<string, unknown>, headers?: Record<string, string>): TestApplication;
  /** What is answered at a path in place of a document; null is nothing, ever. */
  answers: Map<string, ((response: ServerResponse) => unknown) | null>;
  stop(): Promise<void>;
}

export const clientRedirect = 'https://client.example/callback';

export async function startClientHost(): Promise<ClientHost> {
  const certificate = selfSigned();
  const folder = mkdtempSync(join(tmpdir(), 'keyward-client-host-'));
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, certificate.cert);
  const asked: string[] = [];
  const answers: ClientHost['answers'] = new Map();
  const server = createServer(certificate, ({ url: path = '' }, response) => {
    asked.push(path);
    const answer = answers.get(path);
    if (answer === null) return;
    if (answer === undefined) response.writeHead(404).end();
    else answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `https://${host}`;
  return {
    url,
    host,
    outbound: { allowPrivate: ['127.0.0.1'], ca },
    asked,
    answers,
    client(path, document = {}, headers = {}) {
      const usual = {
        client_id: url + path,
        client_name: 'Example MCP Client',
        redirect_uris: [clientRedirect],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      };
      const said = { ...usual, ...document };
      answers.set(path, (response) =>
        response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(said)),
      );
      const [redirectUri = ''] = Array.isArray(said.redirect_uris) ? said.redirect_uris : [];
      return { id: url + path, secret: null, redirectUri };
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
