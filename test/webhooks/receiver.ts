// Receivers of webhooks on this machine, which remember what they were sent and answer as they are told. For tests only.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../server/src/config/config.ts';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';

export interface Received {
  id: string;
  headers: Record<string, string>;
  body: string;
  event: { type: string; timestamp: string; data: Record<string, unknown> & { entry?: number } };
}

/** Answers one message. */
export type Answer = (response: ServerResponse, received: Received) => void;

export interface Receiver {
  url: string;
  /** For a server that may call it over TLS. */
  outbound: Config['outbound'];
  /** Whatever arrived whole, repetitions and what was refused too. */
  received: Received[];
  /** Those that were answered 2xx. */
  accepted: Received[];
  /** The next messages are answered so, one after the other; then all are accepted. */
  next(...answers: readonly Answer[]): void;
  /** Every message is answered so from now on; undefined accepts them. */
  always(answer: Answer | undefined): void;
  /** Stops listening, with all that is under way. */
  goAway(): Promise<void>;
  /** Listens again, on the same port. */
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

export const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (response) =>
    void response.writeHead(code, headers).end(body);

/** Says nothing, ever. */
export const hangs: Answer = () => {};
/** Has taken the message, and closes before it says so. */
export const closes: Answer = (response) => void response.destroy();
/** Begins to answer and then says no more. */
export const stops: Answer = (response) => void response.writeHead(200, { 'content-length': '500' }).write('beg');

export async function startReceiver(scheme: 'http' | 'https' = 'http'): Promise<Receiver> {
  const certificate = selfSigned();
  const folder = mkdtempSync(join(tmpdir(), 'keyward-receiver-'));
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, certificate.cert);
  const received: Received[] = [];
  const accepted: Received[] = [];
  const queue: Answer[] = [];
  let always: Answer | undefined;

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of request) pieces.push(piece);
    } catch {
      return;
    }
    const body = Buffer.concat(pieces).toString();
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const one: Received = { id: headers['webhook-id'] ?? '', headers, body, event: JSON.parse(body) };
    received.push(one);
    const answer = queue.shift() ?? always;
    if (answer !== undefined) return answer(response, one);
    accepted.push(one);
    response.writeHead(204).end();
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => void handle(request, response);
  const server = scheme === 'http' ? createPlain(listener) : createTls(certificate, listener);
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const goAway = async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}/hook`,
    outbound: { allowPrivate: ['127.0.0.1'], ca },
    received,
    accepted,
    next: (...answers) => void queue.push(...answers),
    always(answer) {
      always = answer;
    },
    goAway,
    comeBack: () => listen(port),
    async stop() {
      if (server.listening) await goAway();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
