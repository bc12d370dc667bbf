// Keyward's API answered by the database of this machine, while no server runs on it: the same endpoints, asked from inside this
// process. The journal says `system`.

import { Readable } from 'node:stream';
import type { Config } from '../../config/config.ts';
import { loadServerModule } from '../installation/server-module.ts';
import { type Client, targetOf } from './client.ts';

/** Throws StartupError where there is no database, or a server has it open. */
export async function openLocal(config: Config): Promise<Client> {
  const { assembleAsOperator } = await loadServerModule();
  const server = await assembleAsOperator(config);
  return {
    where: config.database === null ? config.data : 'The database',
    isLocal: true,
    who: "this machine's own access",
    signIn: null,
    async send(method, path, { query, body, headers } = {}) {
      const {
        status,
        headers: answered,
        body: stream,
      } = await server.inject({
        method,
        path: targetOf(path, query),
        headers: { host: 'localhost', ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const isEmpty = status === 204 || status === 304;
      if (isEmpty) stream.resume();
      const content = isEmpty ? null : (Readable.toWeb(stream) as unknown as ReadableStream);
      return new Response(content, { status, headers: headersOf(answered) });
    },
    close: () => server.close(),
  };
}

function headersOf(given: Readonly<Record<string, number | string | readonly string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, String(one));
  }
  return headers;
}
