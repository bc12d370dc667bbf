// The same API behind the guard of each framework, on a real socket. For tests only.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { type Context, Hono } from 'hono';
import { guard as expressGuard, type GuardedRequest } from '../../sdk/src/express.ts';
import { guard as fastifyGuard } from '../../sdk/src/fastify.ts';
import { type GuardedVariables, guard as honoGuard } from '../../sdk/src/hono.ts';
import type { GuardOptions, Principal, Verifier } from '../../sdk/src/index.ts';
import { guard as nodeGuard } from '../../sdk/src/node.ts';

/** An API that answers who is calling, and how its server is stopped. */
export type Api = (verifier: Verifier, requirement: Omit<GuardOptions<never>, 'addressOf'>) => Promise<Running>;
export interface Running {
  url: string;
  close(): Promise<unknown>;
}

async function listen(server: Server): Promise<Running> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}
const answer = (response: ServerResponse, principal: Principal | undefined) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ caller: principal?.id }));

/** By framework. */
export const apis: Record<string, Api> = {
  'node:http': (verifier, requirement) =>
    listen(
      createServer(nodeGuard(verifier, requirement, (_request, response, principal) => answer(response, principal))),
    ),
  fastify: async (verifier, requirement) => {
    const app = fastify();
    app.decorateRequest('principal');
    app.addHook('onRequest', fastifyGuard(verifier, requirement));
    app.get('/', async (request) => ({ caller: (request as { principal?: Principal }).principal?.id }));
    return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
  },
  express: (verifier, requirement) => {
    const app = express();
    app.get('/', expressGuard(verifier, requirement), (request, response) => {
      response.json({ caller: (request as GuardedRequest).principal?.id });
    });
    return listen(createServer(app));
  },
  hono: (verifier, requirement) => {
    const app = new Hono<{ Variables: GuardedVariables; Bindings: Bindings }>();
    const addressOf = ({ env }: { env: Bindings }) => env.address;
    app.use(
      honoGuard<Context<{ Variables: GuardedVariables; Bindings: Bindings }>>(verifier, { ...requirement, addressOf }),
    );
    app.get('/', (c) => c.json({ caller: c.get('principal').id }));
    return listen(createServer((request, response) => serve(app.fetch, request, response)));
  },
};

interface Bindings {
  address: string | undefined;
}

/** As an adapter for Node does it: the header fields as they came, several of one name joined. */
async function serve(
  handle: (request: Request, bindings: Bindings) => Response | Promise<Response>,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) headers.set(name, values.join(', '));
  const answered = await handle(new Request(`http://localhost${incoming.url}`, { headers }), {
    address: incoming.socket.remoteAddress,
  });
  response.writeHead(answered.status, Object.fromEntries(answered.headers)).end(await answered.text());
}
