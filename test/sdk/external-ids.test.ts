// What a verifier says of whose a credential is in the provider's own systems: as Keyward does, also after a change.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVerifier, type Principal, type Verifier } from '../../sdk/src/index.ts';
import { startServer, type TestServer } from '../server.ts';
import { call } from '../wire/native/calls.ts';

let server: TestServer;
let verifier: Verifier;
beforeAll(async () => {
  server = await startServer();
  const permissions = ['verify:credential', 'follow:feed'];
  const { secret } = await server.core.createApiToken(server.asOwner, { permissions });
  verifier = createVerifier({ url: server.url, credential: { apiToken: secret }, clock: server.clock.now });
  await verifier.ready();
});
afterAll(async () => {
  await verifier?.close();
  await server?.stop();
});

test('external ids of a credential and of its organization are told, whatever its form, and anew after a change', async () => {
  const { id } = server.organization;
  await server.core.updateOrganization(server.asOwner, id, { externalId: 'cus_7' });
  const wanted = { permissions: ['read:user'], externalId: 'till 7' };
  const { token, secret } = await server.core.createApiToken(server.asOwner, wanted);
  const exchanged = await call(server, 'POST', '/v1/access-tokens', undefined, { apiToken: secret });
  const forms = [secret, String(exchanged.body.accessToken)];
  const told = async (text: string) => {
    const verdict = await verifier.verify(text);
    if (!verdict.allowed) throw new Error(verdict.reason);
    return verdict.principal;
  };
  const idsOf = async (text: string) => {
    const { externalId, organization } = await told(text);
    return { externalId, organization };
  };
  const both = { externalId: 'till 7', organization: { id, name: 'acme', externalId: 'cus_7' } };
  for (const text of forms) expect(await idsOf(text)).toEqual(both);
  await server.core.updateApiToken(server.asOwner, { id: token.id }, { externalId: null });
  await server.core.updateOrganization(server.asOwner, id, { externalId: 'cus_8' });
  const changed = { externalId: null, organization: { id, name: 'acme', externalId: 'cus_8' } };
  for (const text of forms) await expect.poll(() => idsOf(text)).toEqual(changed);
});

test('no call can change whose the next one is [S102]', async () => {
  const { secret } = await server.core.createApiToken(server.asOwner, { permissions: [] });
  const verdict = await verifier.verify(secret);
  const { organization, permissions } = verdict.principal as Principal;
  for (const shared of [verdict.principal, organization, permissions]) expect(Object.isFrozen(shared)).toBe(true);
});
