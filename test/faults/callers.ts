// Callers who change things over HTTP, each on a connection of its own and as fast as it is answered, and note what was
// acknowledged. What they change belongs to them, so that none is refused because of another.

import { type Connection, openConnection } from '../bad-input/http-client.ts';
import type { Acknowledged } from './losses.ts';

export interface Callers {
  /** Resolves when every caller has ended: when the server is gone, or after `stop`. */
  ended: Promise<void>;
  stop(): void;
}

interface Caller {
  /** A name that nobody else uses. */
  name(): string;
  /** Sends a change and notes it if it was acknowledged. Throws if there is no answer, or one that says no. */
  change(method: string, target: string, body: object | undefined, action: string, id?: string): Promise<string>;
}

/** Starts `count` callers; `notes` grows with every acknowledgement. */
export function startCallers(url: string, bearer: string, count: number, notes: Acknowledged[]): Callers {
  let stopped = false;
  const ended = Array.from({ length: count }, async () => {
    const connection = openConnection(url);
    try {
      const caller = callerOver(connection, bearer, notes);
      for (let at = 0; !stopped; at += 1) await works[at % works.length]?.(caller);
    } catch (error) {
      // A server that was killed answers nothing; a refusal is a fault of these callers.
      if (error instanceof Refused) throw error;
    } finally {
      connection.close();
    }
  });
  return {
    ended: Promise.all(ended).then(() => undefined),
    stop: () => {
      stopped = true;
    },
  };
}

class Refused extends Error {}

let names = 0;

function callerOver(connection: Connection, bearer: string, notes: Acknowledged[]): Caller {
  return {
    name: () => {
      names += 1;
      return `thing-${names}`;
    },
    async change(method, target, body, action, id) {
      const headers = [
        ['Authorization', `Bearer ${bearer}`],
        ['X-Forwarded-Proto', 'https'],
        ...(body === undefined ? [] : [['Content-Type', 'application/json'] as const]),
      ] as const;
      const call = { method, target, headers, ...(body !== undefined && { body: Buffer.from(JSON.stringify(body)) }) };
      const reply = await connection.send(call);
      if (reply.status >= 300) throw new Refused(`${method} ${target}: ${reply.status} ${reply.body}`);
      const made = id ?? idIn(reply.body);
      notes.push({ action, id: made });
      return made;
    },
  };
}

function idIn(body: string): string {
  const answer = JSON.parse(body) as { id?: string; token?: { id: string }; name?: string };
  return answer.token?.id ?? answer.id ?? answer.name ?? '';
}

const patterns = ['read:funds'];

async function tokenLife({ name, change }: Caller): Promise<void> {
  const id = await change('POST', '/v1/tokens', { name: name(), permissions: patterns }, 'api_token.created');
  const one = `/v1/tokens/${id}`;
  await change(
    'PATCH',
    one,
    { name: name(), description: 'changed', permissions: ['read:other'] },
    'api_token.changed',
    id,
  );
  await change('POST', `${one}/deactivate`, undefined, 'api_token.deactivated', id);
  await change('POST', `${one}/activate`, undefined, 'api_token.activated', id);
  await change('DELETE', one, undefined, 'api_token.deleted', id);
  await change('POST', `${one}/restore`, undefined, 'api_token.restored', id);
}

async function newToken({ name, change }: Caller): Promise<void> {
  await change('POST', '/v1/tokens', { name: name(), permissions: patterns, readable: true }, 'api_token.created');
}

async function apiUserLife({ name, change }: Caller): Promise<void> {
  const id = await change('POST', '/v1/api-users', { name: name(), role: 'viewer' }, 'api_user.created');
  await change('PATCH', `/v1/api-users/${id}`, { role: 'member' }, 'api_user.changed', id);
  await change('POST', `/v1/api-users/${id}/deactivate`, { cutOff: true }, 'api_user.deactivated', id);
  await change('DELETE', `/v1/api-users/${id}`, undefined, 'api_user.deleted', id);
}

async function roleLife({ name, change }: Caller): Promise<void> {
  const role = name();
  await change('POST', '/v1/roles', { name: role, permissions: patterns }, 'role.created', role);
  await change('PATCH', `/v1/roles/${role}`, { permissions: ['read:other'] }, 'role.changed', role);
  await change('DELETE', `/v1/roles/${role}`, undefined, 'role.deleted', role);
}

async function newPermission({ name, change }: Caller): Promise<void> {
  const permission = `read:${name()}`;
  await change('POST', '/v1/permissions', { name: permission, description: 'd' }, 'permission.registered', permission);
}

const works = [tokenLife, newToken, apiUserLife, newToken, roleLife, newPermission];
