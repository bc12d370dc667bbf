// Unmodified OAuth libraries as applications: authorization codes with PKCE, refresh tokens and their revocation, with tokens
// of whoever bears them and with tokens bound to a key.

import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { type Page, signedIn } from '../native/session-client.ts';
import { answer, register, type TestApplication } from './application-flow.ts';
import { call } from './clients.ts';

const insecure = { [oauth.allowInsecureRequests]: true } as const;

describe('libraries as applications', () => {
  let server: TestServer;
  let page: Page;
  let apps: TestApplication[];

  beforeAll(async () => {
    server = await startServer({ permissions: ['read:funds', 'write:funds'] });
    page = await signedIn(server, server.owner);
    const redirectUris = ['http://127.0.0.1/callback'];
    apps = [await register(server), await register(server, { type: 'public', redirectUris })];
  });
  afterAll(() => server.stop());

  /** What the browser does: to the page that asks, and back with the answer. */
  async function browse(url: URL): Promise<URL> {
    const asked = await fetch(url, { redirect: 'manual' });
    return answer(page, new URL(asked.headers.get('location') ?? '').searchParams.get('request') ?? '');
  }

  it('oauth4webapi gets, renews and revokes, as a confidential and as a public client, with DPoP and without', async () => {
    const issuer = new URL(server.url);
    const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
    const as = await oauth.processDiscoveryResponse(issuer, found);
    expect(as.authorization_response_iss_parameter_supported).toBe(true);
    expect(as.code_challenge_methods_supported).toEqual(['S256']);
    for (const { id, secret, redirectUri } of apps) {
      for (const isBound of [false, true]) {
        const client: oauth.Client = { client_id: id };
        const authentication = secret === null ? oauth.None() : oauth.ClientSecretBasic(secret);
        const dpop = isBound ? { DPoP: oauth.DPoP(client, await oauth.generateKeyPair('ES256')) } : {};
        const options = { ...insecure, ...dpop };
        /** As the library asks it: once more with the nonce that it was told. */
        const again = async <T>(ask: () => Promise<T>): Promise<T> => {
          try {
            return await ask();
          } catch (error) {
            if (oauth.isDPoPNonceError(error)) return ask();
            throw error;
          }
        };
        const verifier = oauth.generateRandomCodeVerifier();
        const state = oauth.generateRandomState();
        const url = new URL(as.authorization_endpoint ?? '');
        url.search = new URLSearchParams({
          client_id: id,
          redirect_uri: redirectUri,
          response_type: 'code',
          scope: 'read:funds',
          state,
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
        }).toString();
        const parameters = oauth.validateAuthResponse(as, client, await browse(url), state);
        const granted = await again(async () =>
          oauth.processAuthorizationCodeResponse(
            as,
            client,
            await oauth.authorizationCodeGrantRequest(
              as,
              client,
              authentication,
              parameters,
              redirectUri,
              verifier,
              options,
            ),
          ),
        );
        expect(granted.token_type).toBe(isBound ? 'dpop' : 'bearer');
        const use = (token: string) =>
          oauth.protectedResourceRequest(
            token,
            'GET',
            new URL('/v1/check?permissions=read:funds', server.url),
            undefined,
            null,
            options,
          );
        expect((await again(() => use(granted.access_token))).status).toBe(200);

        const renewed = await again(async () =>
          oauth.processRefreshTokenResponse(
            as,
            client,
            await oauth.refreshTokenGrantRequest(as, client, authentication, granted.refresh_token ?? '', options),
          ),
        );
        expect(renewed.refresh_token).not.toBe(granted.refresh_token);
        expect((await again(() => use(renewed.access_token))).status).toBe(200);

        const refresh = (token: string, wanted: typeof options) =>
          oauth.refreshTokenGrantRequest(as, client, authentication, token, wanted);
        if (isBound && secret === null) {
          const stolen = await refresh(renewed.refresh_token ?? '', { ...insecure });
          expect([stolen.status, await errorOf(stolen)]).toEqual([400, 'invalid_dpop_proof']);
        }
        const revoked = await oauth.revocationRequest(
          as,
          client,
          authentication,
          renewed.refresh_token ?? '',
          insecure,
        );
        await oauth.processRevocationResponse(revoked);
        const dead = await refresh(renewed.refresh_token ?? '', options);
        expect([dead.status, await errorOf(dead)]).toEqual([400, 'invalid_grant']);
      }
    }
  });

  it('openid-client discovers, gets and renews, and finds a mix-up by iss', async () => {
    for (const { id, secret, redirectUri } of apps) {
      const authentication = secret === null ? openid.None() : openid.ClientSecretPost(secret);
      const config = await openid.discovery(new URL(server.url), id, undefined, authentication, {
        algorithm: 'oauth2',
        execute: [openid.allowInsecureRequests],
      });
      const verifier = openid.randomPKCECodeVerifier();
      const state = openid.randomState();
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'read:funds',
        state,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      const back = await browse(url);
      const checks = { pkceCodeVerifier: verifier, expectedState: state };
      const elsewhere = new URL(back);
      elsewhere.searchParams.set('iss', 'https://evil.example');
      await expect(openid.authorizationCodeGrant(config, elsewhere, checks)).rejects.toMatchObject({
        code: 'OAUTH_INVALID_RESPONSE',
      });
      const tokens = await openid.authorizationCodeGrant(config, back, checks);
      expect((await call(server, '/v1/check?permissions=read:funds', tokens.access_token)).status).toBe(200);
      const next = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '');
      expect((await call(server, '/v1/check?permissions=read:funds', next.access_token)).status).toBe(200);
      await openid.tokenRevocation(config, next.access_token);
      expect((await call(server, '/v1/check', next.access_token)).status).toBe(401);
    }
  });
});

async function errorOf(answer: Response): Promise<string> {
  return ((await answer.json()) as { error: string }).error;
}
