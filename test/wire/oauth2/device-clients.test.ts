// Who else asks by the device grant: clients that describe themselves, those that sign their own proofs, and both at once. Each proves
// who it is at both endpoints.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer, testClock } from '../../server.ts';
import { type Page, signedIn } from '../native/session-client.ts';
import { type ClientHost, startClientHost } from './client-host.ts';
import { call, claimsOf, type OAuthAnswer, post } from './clients.ts';
import { answerDevice, deviceGrant, look, registerDevice } from './device-flow.ts';
import { newKey, type SigningKey, sign } from './issuer.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe('on the device grant', () => {
  const clock = testClock();
  let host: ClientHost;
  let server: TestServer;
  let page: Page;
  let key: SigningKey;

  beforeAll(async () => {
    host = await startClientHost();
    server = await startServer({
      clock,
      permissions: ['read:funds'],
      outbound: host.outbound,
      clientMetadata: { hosts: [host.host], permissions: ['read:*'] },
    });
    page = await signedIn(server, server.owner);
    key = await newKey('ES256');
  });
  afterAll(async () => {
    await server.stop();
    await host.stop();
  });

  const device = { redirect_uris: undefined, response_types: undefined, grant_types: [deviceGrant, 'refresh_token'] };
  const signs = () => ({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key.jwk] } });
  const said = ({ status, body }: OAuthAnswer) => [status, body.error];

  async function proofOf(id: string, by = key): Promise<Record<string, string>> {
    const seconds = Math.floor(clock.now() / 1000);
    const claims = { iss: id, sub: id, aud: server.url, jti: crypto.randomUUID(), iat: seconds, exp: seconds + 60 };
    return { client_id: id, client_assertion: await sign(claims, by), client_assertion_type: assertionType };
  }
  const alone = async (id: string) => ({ client_id: id });

  const kinds: Record<
    string,
    { client: () => Promise<string>; proof: (id: string) => Promise<Record<string, string>> }
  > = {
    'a client that describes itself': {
      client: async () => host.client('/device.json', device).id,
      proof: alone,
    },
    'a client that describes itself and its keys': {
      client: async () => host.client('/keyed.json', { ...device, ...signs() }).id,
      proof: proofOf,
    },
    'a registered client with keys': {
      client: async () =>
        (await registerDevice(server, { type: 'confidential', jwks: { keys: [key.jwk] }, permissions: ['read:funds'] }))
          .id,
      proof: proofOf,
    },
  };

  it.each(Object.keys(kinds))('%s is given tokens once somebody has allowed it, and renews them', async (kind) => {
    const { client, proof } = kinds[kind] as (typeof kinds)[string];
    const id = await client();
    const asked = await post(server, '/oauth/device', { ...(await proof(id)), scope: 'read:funds' });
    expect(asked.status, JSON.stringify(asked.body)).toBe(200);
    const { device_code, user_code } = asked.body;
    const polled = async () =>
      post(server, '/oauth/token', { grant_type: deviceGrant, device_code, ...(await proof(id)) });
    expect(said(await polled())).toEqual([400, 'authorization_pending']);
    const isDescribed = id.startsWith('https:');
    expect((await look(page, user_code)).body).toMatchObject({
      application: { metadataUrl: isDescribed ? id : null },
      permissions: [{ name: 'read:funds' }],
    });
    expect((await answerDevice(page, user_code)).body).toEqual({ allowed: true });
    clock.advance(6000);
    const { status, body } = await polled();
    expect([status, body.scope]).toEqual([200, 'read:funds']);
    expect(claimsOf(body.access_token)).toMatchObject({ client_id: id, sub: server.owner.id });
    expect((await call(server, '/v1/check?permissions=read:funds', body.access_token)).status).toBe(200);
    const again = { grant_type: 'refresh_token', refresh_token: body.refresh_token, ...(await proof(id)) };
    expect((await post(server, '/oauth/token', again)).status).toBe(200);
  });

  it.each(Object.keys(kinds).filter((kind) => kinds[kind]?.proof === proofOf))(
    '%s is nobody without its proof, at either endpoint [S45]',
    async (kind) => {
      const { client } = kinds[kind] as (typeof kinds)[string];
      const id = await client();
      const stranger = { ...(await newKey('ES256')), kid: key.kid };
      for (const proof of [alone, (one: string) => proofOf(one, stranger)]) {
        expect(said(await post(server, '/oauth/device', await proof(id)))).toEqual([401, 'invalid_client']);
      }
      const { body } = await post(server, '/oauth/device', await proofOf(id));
      await answerDevice(page, body.user_code);
      const wanted = { grant_type: deviceGrant, device_code: body.device_code };
      for (const proof of [alone, (one: string) => proofOf(one, stranger)]) {
        const answer = await post(server, '/oauth/token', { ...wanted, ...(await proof(id)) });
        expect(said(answer)).toEqual([401, 'invalid_client']);
      }
      // The code is as good as before.
      expect((await post(server, '/oauth/token', { ...wanted, ...(await proofOf(id)) })).status).toBe(200);
    },
  );

  it('a client that describes itself must say that it uses it, and asks for no more than the operator lets such clients have', async () => {
    const codes = host.client('/codes.json').id;
    expect(said(await post(server, '/oauth/device', { client_id: codes }))).toEqual([400, 'unauthorized_client']);
    const { id } = host.client('/wide.json', device);
    const wide = await post(server, '/oauth/device', { client_id: id, scope: 'create:user' });
    expect(said(wide)).toEqual([400, 'invalid_scope']);
    const unknown = `${host.url}/nowhere.json`;
    expect(said(await post(server, '/oauth/device', { client_id: unknown }))).toEqual([401, 'invalid_client']);
  });
});
