// How a program signs in by a federated credential: what is put into its pipeline or pod, ready to copy. It makes no call itself.

import type { FederatedCredential } from '@keyward/sdk/wire';
import { encoded, quoted } from '../../../parts/quoting.ts';
import type { Snippet } from '../../../parts/snippets.ts';
import { federatedWords, type Preset } from '../../../words/federated-credentials.ts';
import { issuers } from './recipes.ts';

const words = federatedWords.steps;

/** Where its program runs, as far as its conditions tell. */
export function presetOf({ issuer, conditions }: Pick<FederatedCredential, 'issuer' | 'conditions'>): Preset {
  if (issuer === null) return 'key';
  if (issuer === issuers.github) return 'github';
  if (issuer === issuers.gitlab || conditions.project_path !== undefined) return 'gitlab';
  return conditions.sub?.startsWith('system:serviceaccount:') ? 'kubernetes' : 'other';
}

/** `url` is the server's address. */
export function howToUse(url: string, credential: FederatedCredential): Snippet[] {
  const { apiUser, conditions } = credential;
  const audience = credential.audience ?? url;
  const environment = conditions.environment?.includes('*') ? undefined : conditions.environment;
  const call = (jwt: string) => callOf(url, apiUser, jwt);
  switch (presetOf(credential)) {
    case 'github':
      return [{ id: 'workflow', label: words.workflow, text: workflowOf(audience, environment, call('$JWT')) }];
    case 'gitlab':
      return [{ id: 'pipeline', label: words.pipeline, text: pipelineOf(audience, environment, call('$KEYWARD_JWT')) }];
    case 'kubernetes':
      return [
        { id: 'volume', label: words.volume, text: volumeOf(audience, conditions.sub) },
        { id: 'call', label: words.call, text: `JWT=$(cat /var/run/secrets/keyward/token)\n${call('$JWT')}` },
      ];
    case 'key': {
      const claims = { iss: apiUser, sub: apiUser, aud: url, jti: 'ANOTHER EACH TIME', iat: 'NOW', exp: 'IN A MINUTE' };
      return [
        { id: 'claims', label: words.claims, text: JSON.stringify(claims, null, 2) },
        { id: 'call', label: words.call, text: call('$JWT') },
      ];
    }
    default:
      return [{ id: 'call', label: words.call, text: call('$JWT') }];
  }
}

function callOf(url: string, clientId: string, jwt: string): string {
  return `ACCESS_TOKEN=$(curl -s ${quoted(`${url}/oauth/token`)} -d grant_type=client_credentials \\
  -d client_id=${quoted(clientId)} -d "client_assertion=${jwt}" \\
  -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer | jq -r .access_token)`;
}

function workflowOf(audience: string, environment: string | undefined, call: string): string {
  const lines = `JWT=$(curl -s -H "Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \\
  "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=${encoded(audience)}" | jq -r .value)
${call}
echo "::add-mask::$ACCESS_TOKEN"
echo "ACCESS_TOKEN=$ACCESS_TOKEN" >> "$GITHUB_ENV"`;
  return `permissions:
  id-token: write
jobs:
  deploy:
    runs-on: ubuntu-latest${environment === undefined ? '' : `\n    environment: ${JSON.stringify(environment)}`}
    steps:
      - run: |
${indented(lines, 10)}`;
}

function pipelineOf(audience: string, environment: string | undefined, call: string): string {
  return `deploy:${environment === undefined ? '' : `\n  environment: ${JSON.stringify(environment)}`}
  id_tokens:
    KEYWARD_JWT: { aud: ${JSON.stringify(audience)} }
  script:
    - |
${indented(call, 6)}`;
}

function volumeOf(audience: string, sub = ''): string {
  const [, namespace = 'NAMESPACE', account = 'SERVICE_ACCOUNT'] =
    /^system:serviceaccount:([^:*]+):([^:*]+)$/.exec(sub) ?? [];
  const token = `{ path: token, audience: ${JSON.stringify(audience)}, expirationSeconds: 600 }`;
  return `metadata:
  namespace: ${JSON.stringify(namespace)}
spec:
  serviceAccountName: ${JSON.stringify(account)}
  containers:
    - name: app
      volumeMounts:
        - { name: keyward, mountPath: /var/run/secrets/keyward, readOnly: true }
  volumes:
    - name: keyward
      projected:
        sources:
          - serviceAccountToken: ${token}`;
}

function indented(text: string, by: number): string {
  return text.replace(/^/gm, ' '.repeat(by));
}
