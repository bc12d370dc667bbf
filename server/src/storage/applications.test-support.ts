// Records of applications and of what people let them do, for the room's tests: complete, with whatever a test wants otherwise.

import { randomUUID } from 'node:crypto';
import { newLifecycle } from '../core/caller/lifecycle.ts';
import type { User } from '../core/identity/records.ts';
import type { Store } from '../core/ports.ts';
import type {
  Application,
  ApplicationSession,
  Authorization,
  AuthorizationCode,
} from '../core/tokens/applications/records.ts';
import { another, aSession, digest, populate } from './records.test-support.ts';

export function anApplication(organizationId: string, wanted: Partial<Application> = {}): Application {
  return {
    id: randomUUID(),
    metadataUrl: null,
    organizationId,
    name: 'Reports',
    type: 'confidential',
    redirectUris: ['https://reports.example/callback'],
    grants: ['authorization_code', 'refresh_token'],
    permissions: ['read:*'],
    logoUrl: null,
    jwksUri: null,
    jwks: null,
    createdAt: another(),
    createdBy: null,
    lifecycle: newLifecycle,
    ...wanted,
  };
}

export function anAuthorization(
  user: User,
  application: Application,
  wanted: Partial<Authorization> = {},
): Authorization {
  return {
    id: randomUUID(),
    organizationId: user.organizationId,
    userId: user.id,
    applicationId: application.id,
    api: 'default',
    scope: ['read:funds'],
    createdAt: another(),
    changedAt: another(),
    lastUsedAt: null,
    ...wanted,
  };
}

export type Authorized = Awaited<ReturnType<typeof populateAuthorized>>;

/** An application that somebody lets act for them, in one session, with a code that nobody used. */
export async function populateAuthorized(
  store: Store,
  allowed: Pick<Authorization, 'scope' | 'api'> = { scope: ['read:funds'], api: 'default' },
) {
  const { organization, user } = await populate(store);
  const application = anApplication(organization.id);
  const authorization = anAuthorization(user, application, allowed);
  const session = aSession(user, { carrier: 'application' });
  const of: ApplicationSession = {
    sessionId: session.id,
    authorizationId: authorization.id,
    applicationId: application.id,
    organizationId: organization.id,
    userId: user.id,
    ...allowed,
    refresh: { familyDigest: digest(), tokenDigest: digest() },
    key: 'a thumbprint',
  };
  const code: AuthorizationCode = {
    digest: digest(),
    authorizationId: authorization.id,
    applicationId: application.id,
    organizationId: organization.id,
    userId: user.id,
    generation: '0.0',
    redirectUri: 'https://reports.example/callback',
    challenge: 'a-challenge',
    key: null,
    ...allowed,
    sessionId: randomUUID(),
    givenIn: randomUUID(),
    expiresAt: 5000,
    usedAt: null,
  };
  await store.write(async (changes) => {
    await changes.applications.insert(application, 'digest of its secret');
    await changes.authorizations.put(authorization);
    await changes.sessions.insert(session);
    await changes.applicationSessions.insert(of);
    await changes.authorizationCodes.insert(code);
  });
  return { organization, user, application, authorization, session, of, code };
}
