// Ready calls of an application, filled with its id, its redirect URI and, right after it was made, its secret: how people sign
// in, what brings tokens, and how these are renewed. It makes no call itself.

import type { Application } from '@keyward/sdk/wire';
import { encoded, quoted } from '../../parts/quoting.ts';
import type { Snippet } from '../../parts/snippets.ts';
import { applicationWords } from '../../words/applications.ts';

const words = applicationWords.snippets;

type Shown = Pick<Application, 'id' | 'tokenEndpointAuthMethod' | 'redirectUris' | 'grants'>;

/** In place of a secret: a JWT that the application has signed for this one call (RFC 7523). */
const assertion =
  '-d "client_assertion=$JWT" \\\n  -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code';

/** `url` is the server's address; `secret` null where it is not known, or where there is none. */
export function snippetsOf(url: string, application: Shown, secret: string | null = null): Snippet[] {
  const { id, tokenEndpointAuthMethod: proof, grants, redirectUris } = application;
  const shown = proof === 'client_secret_basic' ? (secret ?? words.secret) : null;
  const redirectUri = grants.includes('authorization_code') ? redirectUris[0] : undefined;
  const named = proof === 'private_key_jwt' ? `-d client_id=${id} ${assertion}` : `-d client_id=${id}`;
  const client = shown === null ? named : `-u ${quoted(`${id}:${shown}`)}`;
  const call = (path: string) => `curl ${quoted(url + path)} ${client}`;
  return [
    ...(redirectUri === undefined ? [] : inBrowser(url, id, redirectUri, call('/oauth/token'))),
    ...(grants.includes(deviceCode) ? byCode(call) : []),
    ...(grants.includes('refresh_token') ? [renewal(call('/oauth/token'))] : []),
    ...(redirectUri === undefined || proof === 'private_key_jwt'
      ? []
      : [{ id: 'node', label: words.node, text: nodeFor(url, id, shown, redirectUri) }]),
    {
      id: 'settings',
      label: words.settings,
      text: [
        `issuer         ${url}`,
        `metadata       ${url}/.well-known/oauth-authorization-server`,
        `client_id      ${id}`,
        ...(shown === null ? [] : [`client_secret  ${shown}`]),
        ...redirectUris.map((uri) => `redirect_uri   ${uri}`),
      ].join('\n'),
    },
  ];
}

function inBrowser(url: string, id: string, redirectUri: string, token: string): Snippet[] {
  const query = [
    'response_type=code',
    `client_id=${encoded(id)}`,
    `redirect_uri=${encoded(redirectUri)}`,
    'state=STATE',
    'code_challenge_method=S256',
    'code_challenge=$CHALLENGE',
  ].join('&');
  const challenge = `printf %s "$VERIFIER" | openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d '='`;
  return [
    {
      id: 'begin',
      label: words.begin,
      text: `VERIFIER=$(openssl rand -hex 32)\nCHALLENGE=$(${challenge})\n\necho "${url}/oauth/authorize?${query}"`,
    },
    {
      id: 'redeem',
      label: words.redeem,
      text: `${token} \\\n  -d grant_type=authorization_code -d code=CODE \\\n  --data-urlencode ${quoted(`redirect_uri=${redirectUri}`)} \\\n  -d "code_verifier=$VERIFIER"`,
    },
  ];
}

function byCode(call: (path: string) => string): Snippet[] {
  return [
    { id: 'device', label: words.device, text: call('/oauth/device') },
    {
      id: 'poll',
      label: words.poll,
      text: `${call('/oauth/token')} \\\n  -d grant_type=${deviceCode} \\\n  -d device_code=DEVICE_CODE`,
    },
  ];
}

function renewal(token: string): Snippet {
  return {
    id: 'refresh',
    label: words.refresh,
    text: `${token} \\\n  -d grant_type=refresh_token -d refresh_token=REFRESH_TOKEN`,
  };
}

function nodeFor(url: string, id: string, secret: string | null, redirectUri: string): string {
  const authentication = secret === null ? 'client.None()' : `client.ClientSecretPost(${JSON.stringify(secret)})`;
  return `import * as client from 'openid-client';

const config = await client.discovery(
  new URL(${JSON.stringify(url)}),
  ${JSON.stringify(id)},
  undefined,
  ${authentication},
  { algorithm: 'oauth2' },
);
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const expectedState = client.randomState();
const signIn = client.buildAuthorizationUrl(config, {
  redirect_uri: ${JSON.stringify(redirectUri)},
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
  state: expectedState,
});

// Send the person to signIn.href. Where they come back to, \`address\` is the whole address that they come with:
const tokens = await client.authorizationCodeGrant(config, new URL(address), { pkceCodeVerifier, expectedState });`;
}
