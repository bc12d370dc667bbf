// Keyward's own command line as a client: known to every server by one name, so that `keyward login` works against a new one,
// and nobody can rename, widen or delete it. What it gets is no authorization but its user signed in: a session with an access
// token, as a password gives, and all that the user may do.

import { newLifecycle } from '../../../caller/lifecycle.ts';
import { principalOf } from '../../../caller/principal.ts';
import type { CredentialRecord } from '../../../caller/records.ts';
import { beginSession, newSession } from '../../../identity/new-session.ts';
import type { GrantingPorts } from '../../grant.ts';
import { issue } from '../../issue.ts';
import type { Changes } from '../../ports.ts';
import { type Application, deviceGrant } from '../records.ts';
import type { ApplicationToken, WantedApplicationToken } from '../tokens-for.ts';
import type { AllowedDevice } from './records.ts';

export const commandLine: Application = {
  id: 'keyward-cli',
  metadataUrl: null,
  organizationId: '',
  name: 'Keyward command line',
  type: 'public',
  redirectUris: [],
  grants: [deviceGrant],
  permissions: ['*:*'],
  logoUrl: null,
  jwksUri: null,
  jwks: null,
  createdAt: 0,
  createdBy: null,
  lifecycle: newLifecycle,
};

/** A working day: who works longer signs in again. */
export const workingDayMs = 12 * 3_600_000;

/** Signs the user of `record` in, within a change. */
export async function signInCommandLine(
  ports: Pick<GrantingPorts, 'clock' | 'keys' | 'sealer' | 'settings'>,
  changes: Changes<'sessions' | 'users'>,
  record: CredentialRecord,
  { sessionId }: AllowedDevice,
  { address, userAgent = '' }: WantedApplicationToken,
): Promise<ApplicationToken> {
  const at = ports.clock();
  const { token, record: issued } = issue(ports, record, {
    form: 'oauth',
    lifetimeMs: workingDayMs,
    sessionId,
    claims: ({ issuedAt, expiresAt }) => ({ exp: expiresAt, iat: issuedAt, client_id: commandLine.id }),
  });
  const times = { at, expiresAt: at + workingDayMs };
  const { session } = newSession(record, { carrier: 'access_token', ...times }, { address, userAgent });
  const { issuedAt, expiresAt } = issued;
  const principal = principalOf(record, expiresAt);
  await beginSession(changes, principal, { ...session, id: sessionId });
  return {
    allowed: true,
    token,
    issuedAt,
    expiresAt,
    scope: principal.permissions,
    principal,
    key: null,
    refreshToken: null,
  };
}
