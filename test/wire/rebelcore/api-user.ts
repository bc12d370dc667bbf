// What the RebelCore tests share: API users, the authorize call and the guarded one. For tests only.

import { Agent, request } from 'node:http';
import type { TestServer } from '../../server.ts';

export interface Credentials {
  username: string;
  password: string;
}

export interface Authorized {
  token: string;
  expires_at: number;
  token_type: string;
}

export async function addApiUser(server: TestServer, role = 'admin'): Promise<Credentials & { id: string }> {
  const { apiUser, password } = await server.core.createApiUser(server.asOwner, { name: 'Robot', role });
  return { id: apiUser.id, username: apiUser.username, password };
}

/** A body that is not a string is sent as JSON. */
export function authorize(
  server: TestServer,
  body: unknown,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`${server.url}/api/v1/authorize`, { method: 'POST', headers, body: text });
}

/** The token of credentials that must be right. */
export async function tokenFor(server: TestServer, { username, password }: Credentials): Promise<string> {
  const response = await authorize(server, { username, password });
  if (response.status !== 200) throw new Error(`Authorizing answered ${response.status}.`);
  return ((await response.json()) as Authorized).token;
}

/** The guarded call, which needs `run:inference`. `authorization` is the whole header. */
export function infer(server: TestServer, authorization?: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) };
  return fetch(`${server.url}/api/v1/infer`, { method: 'POST', headers, body: '{"prompt":"Hello","spec_ids":[]}' });
}

export interface RawAnswer {
  status: number;
  /** Names and values as they were sent, in their order, but for the date. */
  headers: string[];
  body: string;
  tookMs: number;
}

/** The authorize call over one kept connection, with everything that the answer says. */
export function rawAuthorize(server: TestServer, body: Credentials, agent: Agent): Promise<RawAnswer> {
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const begun = process.hrtime.bigint();
    const call = request(`${server.url}/api/v1/authorize`, { method: 'POST', headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: withoutDate(response.rawHeaders),
          body: Buffer.concat(chunks).toString('latin1'),
          tookMs: Number(process.hrtime.bigint() - begun) / 1e6,
        }),
      );
    });
    call.on('error', reject);
    call.end(text);
  });
}

export function oneConnection(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 });
}

function withoutDate(raw: readonly string[]): string[] {
  return raw.filter((_, index) => raw[index - (index % 2)]?.toLowerCase() !== 'date');
}
