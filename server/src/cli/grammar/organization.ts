// `--organization`: the same client, which asks for a customer. The API knows a customer by id or name; by its external id it is
// looked up, once, where it is known by neither.

import { ask, type Client, type Page, type SendOptions } from '../client/client.ts';

/** Every request of the client is for this organization. */
export function actingFor(client: Client, organization: string): Client {
  let which = organization;
  const send = (method: string, path: string, options: SendOptions = {}) =>
    client.send(method, path, { ...options, query: { ...options.query, organization: which } });
  let isKnown = organization === '*';
  return {
    ...client,
    async send(method, path, options) {
      const response = await send(method, path, options);
      if (isKnown || response.status !== 404) {
        isKnown ||= response.ok;
        return response;
      }
      isKnown = true;
      const query = { externalId: organization, limit: '1' };
      const found = await ask<Page<{ id: string }>>(client, 'GET', '/v1/organizations', { query }).catch(() => null);
      const id = found?.items[0]?.id;
      if (id === undefined) return response;
      which = id;
      return send(method, path, options);
    },
  };
}
