// What the Versio tests share: calls on the guarded environment path, and tokens to make them with. For tests only.

import type { NewApiToken } from '../../../server/src/core/credentials/api-token.ts';
import type { TestServer } from '../../server.ts';

export const path = '/api-versio.db/1.0/acme';

/** A token of the owner's that may read the environment. */
export async function environmentToken(server: TestServer, name: string, wanted: Partial<NewApiToken> = {}) {
  return server.core.createApiToken(server.asOwner, { name, permissions: ['read:environment'], ...wanted });
}

/** `authorization` is the whole header; `at` a path other than the environment's, or with a query. */
export function call(server: TestServer, authorization?: string, at = path, method = 'GET'): Promise<Response> {
  return fetch(server.url + at, { method, headers: authorization === undefined ? {} : { authorization } });
}
