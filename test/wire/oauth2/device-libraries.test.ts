// Unmodified OAuth libraries as devices: the device grant, found by the metadata, with tokens of whoever bears them and with
// tokens bound to a key.

import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { type Page, signedIn } from '../native/session-client.ts';
import type { TestApplication } from './application-flow.ts';
import { answerDevice, registerDevice } from './device-flow.ts';

const insecure = { [oauth.allowInsecureRequests]: true } as const;

describe('libraries as devices', () => {
  let server: TestServer;
  let page: Page;
  let devices: TestApplication[];

  beforeAll(async () => {
    server = await startServer({ permissions: ['read:funds', 'write:funds'] });
    page = await signedIn(server, server.owner);
    devices = [await registerDevice(server), await registerDevice(server, { type: 'confidential' })];
  });
  afterAll(() => server.stop());

  it('oauth4webapi asks, polls and renews, as a public and as a confidential client, with DPoP and without', async () => {
    const issuer = new URL(server.url);
    const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
    const as = await oauth.processDiscoveryResponse(issuer, found);
    expect(as.device_authorization_endpoint).toBe(`${server.url}/oauth/device`);
    for (const { id, secret } of devices) {
      for (const isBound of [false, true]) {
        const client: oauth.Client = { client_id: id };
        const authentication = secret === null ? oauth.None() : oauth.ClientSecretBasic(secret);
        const dpop = isBound ? { DPoP: oauth.DPoP(client, await oauth.generateKeyPair('ES256')) } : {};
        const options = { ...insecure, ...dpop };
        const again = async <T>(ask: () => Promise<T>): Promise<T> => {
          try {
            return await ask();
          } catch (error) {
            if (oauth.isDPoPNonceError(error)) return ask();
            throw error;
          }
        };
        const asked = await oauth.deviceAuthorizationRequest(
          as,
          client,
          authentication,
          new URLSearchParams({
            scope: 'read:funds',
            ...(dpop.DPoP !== undefined && { dpop_jkt: await dpop.DPoP.calculateThumbprint() }),
          }),
          insecure,
        );
        const codes = await oauth.processDeviceAuthorizationResponse(as, client, asked);
        const poll = () =>
          again(async () =>
            oauth.processDeviceCodeResponse(
              as,
              client,
              await oauth.deviceCodeGrantRequest(as, client, authentication, codes.device_code, options),
            ),
          );
        await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending' });
        await expect(poll()).rejects.toMatchObject({ error: 'slow_down' });
        await answerDevice(page, codes.user_code);
        const granted = await poll();
        expect(granted.token_type).toBe(isBound ? 'dpop' : 'bearer');
        const used = await again(() =>
          oauth.protectedResourceRequest(
            granted.access_token,
            'GET',
            new URL('/v1/check?permissions=read:funds', server.url),
            undefined,
            null,
            options,
          ),
        );
        expect(used.status).toBe(200);
        const renewed = await again(async () =>
          oauth.processRefreshTokenResponse(
            as,
            client,
            await oauth.refreshTokenGrantRequest(as, client, authentication, granted.refresh_token ?? '', options),
          ),
        );
        expect(renewed.refresh_token).not.toBe(granted.refresh_token);
      }
    }
  });

  it('openid-client polls until somebody answers, with DPoP and without, and is told when they do not allow it', async () => {
    const configs = await Promise.all(
      devices.map(({ id, secret }) =>
        openid.discovery(
          new URL(server.url),
          id,
          undefined,
          secret === null ? openid.None() : openid.ClientSecretPost(secret),
          {
            algorithm: 'oauth2',
            execute: [openid.allowInsecureRequests],
          },
        ),
      ),
    );
    // All at once, as the library waits for as long as it is told between polls.
    const granted = configs.flatMap((config) =>
      [false, true].map(async (isBound) => {
        const asked = await openid.initiateDeviceAuthorization(config, { scope: 'read:funds' });
        await answerDevice(page, asked.user_code);
        const DPoP = isBound ? openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256')) : undefined;
        const tokens = await openid.pollDeviceAuthorizationGrant(config, asked, undefined, DPoP && { DPoP });
        expect(tokens.token_type).toBe(isBound ? 'dpop' : 'bearer');
        const url = new URL('/v1/check?permissions=read:funds', server.url);
        const options = DPoP && { DPoP };
        const used = await openid.fetchProtectedResource(
          config,
          tokens.access_token,
          url,
          'GET',
          undefined,
          undefined,
          options,
        );
        expect(used.status).toBe(200);
      }),
    );
    const denied = configs.map(async (config) => {
      const asked = await openid.initiateDeviceAuthorization(config, { scope: 'read:funds' });
      await answerDevice(page, asked.user_code, false);
      await expect(openid.pollDeviceAuthorizationGrant(config, asked)).rejects.toMatchObject({
        error: 'access_denied',
      });
    });
    await Promise.all([...granted, ...denied]);
  });
});
