// Keycloak 26: introspection of the JWTs of a client with a service account, in a realm of its own. The folder is copied
// without its data first, since starting it changes what is in it.

import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../keyward.ts';
import { freePort } from '../nginx.ts';
import { introspection, post } from './introspection.ts';
import type { Peers } from './peer.ts';
import { startProgram, whileServing } from './program.ts';

const realm = 'bench';
const secret = 'only-for-measuring-0123456789abcdef';
const admin = { username: 'bench', password: secret };

/** `unpacked` is the folder with bin/kc.sh, which needs Java. */
export async function startKeycloak(bench: Bench, unpacked: string): Promise<Peers> {
  const name = 'Keycloak introspect, warm';
  bench.progress(`making tokens: ${name}`);
  const folder = join(bench.scratch, 'keycloak');
  mkdirSync(folder);
  const home = join(folder, 'home');
  const data = join(unpacked, 'data');
  cpSync(unpacked, home, { recursive: true, filter: (path) => path !== data });
  const port = await freePort();
  const keycloak = await startProgram({
    // Ends by `exec java …`, so its process is the one that serves.
    program: join(home, 'bin', 'kc.sh'),
    args: ['start-dev', '--http-host=127.0.0.1', `--http-port=${port}`],
    environment: { KC_BOOTSTRAP_ADMIN_USERNAME: admin.username, KC_BOOTSTRAP_ADMIN_PASSWORD: admin.password },
    folder,
    url: `http://127.0.0.1:${port}`,
    ready: '/realms/master',
  });
  try {
    await setUp(keycloak.url);
    const endpoints = `${keycloak.url}/realms/${realm}/protocol/openid-connect`;
    const server = {
      tokenUrl: `${endpoints}/token`,
      client: { id: realm, secret },
      introspectionUrl: `${endpoints}/token/introspect`,
      headers: { authorization: `Basic ${Buffer.from(`${realm}:${secret}`).toString('base64')}` },
    };
    const work = await whileServing('Keycloak', keycloak, () => introspection(bench, server, 2000));
    const against = [{ own: 'jwt', marks: [40, 60] }] as const;
    return { peers: [{ name, contestant: keycloak, work, warmUp: 20_000, against }], stop: keycloak.stop };
  } catch (error) {
    await keycloak.stop();
    throw error;
  }
}

/** Makes the realm, and in it the client that asks about its own tokens. */
async function setUp(url: string): Promise<void> {
  // Asked for each time: a token holds what its user might do when it was made, and lives for a minute.
  const asAdmin = async (path: string, body: object) => {
    const grant = { grant_type: 'password', client_id: 'admin-cli', ...admin };
    const tokenUrl = `${url}/realms/master/protocol/openid-connect/token`;
    const { access_token: token } = await post<{ access_token: string }>(tokenUrl, new URLSearchParams(grant));
    await post(`${url}/admin/realms${path}`, body, { authorization: `Bearer ${token}` });
  };
  const tenHours = 36_000;
  await asAdmin('', { realm, enabled: true, accessTokenLifespan: tenHours, ssoSessionMaxLifespan: tenHours });
  await asAdmin(`/${realm}/clients`, {
    clientId: realm,
    secret,
    protocol: 'openid-connect',
    publicClient: false,
    clientAuthenticatorType: 'client-secret',
    serviceAccountsEnabled: true,
    standardFlowEnabled: false,
    directAccessGrantsEnabled: false,
    // From 26.6.2 on a token is only active for a client that is in its audience.
    protocolMappers: [
      {
        name: 'audience',
        protocol: 'openid-connect',
        protocolMapper: 'oidc-audience-mapper',
        config: {
          'included.client.audience': realm,
          'access.token.claim': 'true',
          'introspection.token.claim': 'true',
        },
      },
    ],
  });
}
