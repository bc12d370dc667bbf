// Ready calls of an application, filled with its id, its redirect URI and, right after it was made, its secret: how a person
// is sent to sign in, how the code that comes back becomes tokens, and how these are renewed. It makes no call itself.

import type { Application } from '@keyward/sdk/wire';
import { encoded, quoted } from '../../parts/quoting.ts';
import type { Snippet } from '../../parts/snippets.ts';
import { applicationWords } from '../../words/applications.ts';

const words = applicationWords.snippets;

/**
 * `url` is the server's address; `secret` null where it is not known, or where there is none. Nothing for an application that
 * cannot sign people in with a browser.
 */
export function snippetsOf(
  url: string,
  application: Pick<Application, 'id' | 'type' | 'redirectUris' | 'grants'>,
  secret: string | null = null,
): Snippet[] {
  const { id, type, grants } = application;
  const [redirectUri] = application.redirectUris;
  if (redirectUri === undefined || !grants.includes('authorization_code')) return [];
  const shown = type === 'public' ? null : (secret ?? words.secret);
  const client = shown === null ? `-d client_id=${id}` : `-u ${quoted(`${id}:${shown}`)}`;
  const token = `curl ${quoted(`${url}/oauth/token`)} ${client}`;
  const query = [
    'response_type=code',
    `client_id=${encoded(id)}`,
    `redirect_uri=${encoded(redirectUri)}`,
    'state=STATE',
    'code_challenge_method=S256',
    'code_challenge=$CHALLENGE',
  ].join('&');
  return [
    {
      id: 'begin',
      label: words.begin,
      text: `VERIFIER=$(openssl rand -hex 32)\nCHALLENGE=$(printf %s "$VERIFIER" | openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d '=')\n\necho "${url}/oauth/authorize?${query}"`,
    },
    {
      id: 'redeem',
      label: words.redeem,
      text: `${token} \\\n  -d grant_type=authorization_code -d code=CODE \\\n  --data-urlencode ${quoted(`redirect_uri=${redirectUri}`)} \\\n  -d "code_verifier=$VERIFIER"`,
    },
    ...(grants.includes('refresh_token')
      ? [
          {
            id: 'refresh',
            label: words.refresh,
            text: `${token} \\\n  -d grant_type=refresh_token -d refresh_token=REFRESH_TOKEN`,
          },
        ]
      : []),
    { id: 'node', label: words.node, text: nodeFor(url, id, shown, redirectUri) },
    {
      id: 'settings',
      label: words.settings,
      text: [
        `issuer         ${url}`,
        `metadata       ${url}/.well-known/oauth-authorization-server`,
        `client_id      ${id}`,
        ...(shown === null ? [] : [`client_secret  ${shown}`]),
        `redirect_uri   ${redirectUri}`,
      ].join('\n'),
    },
  ];
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
