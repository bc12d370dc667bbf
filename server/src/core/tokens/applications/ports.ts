// What applications need of the world: where they, what people have let them do, and their codes and sessions are kept.

import type { LifecycleChanges } from '../../identity/ports.ts';
import type { Organization } from '../../identity/records.ts';
import type { Page, PageRequest } from '../../page.ts';
import type { Application, ApplicationSession, Authorization, AuthorizationCode } from './records.ts';

/** An application as somebody who claims to be it is judged. */
export interface KnownApplication {
  application: Application;
  /** Null for a public one; of a secret that nobody knows for one with keys. */
  secretDigest: string | null;
  organization: Pick<Organization, 'id' | 'name' | 'isOperator' | 'lifecycle'>;
}

export interface ApplicationReads {
  find(organizationId: string, id: string): Promise<Application | null>;
  /** Of whichever organization. */
  findKnown(id: string): Promise<KnownApplication | null>;
  /** Whose those are that nobody registers: the operator's organization; null before there is one. */
  operator(): Promise<KnownApplication['organization'] | null>;
  list(organizationId: string, page: PageRequest): Promise<Page<Application>>;
}

/** Nobody else changes what `find` and `findKnown` find until the commit. */
export interface ApplicationChanges
  extends ApplicationReads,
    Pick<LifecycleChanges, 'deactivate' | 'activate' | 'delete'> {
  insert(application: Application, secretDigest: string | null): Promise<void>;
  /** A public one, unless it is there: true for one of many racing callers. */
  keep(application: Application): Promise<boolean>;
  /** Keeps one that describes itself as it does now, in place of what it was. */
  describe(application: Application): Promise<void>;
  update(
    organizationId: string,
    id: string,
    change: Partial<
      Pick<Application, 'name' | 'redirectUris' | 'grants' | 'permissions' | 'logoUrl' | 'jwksUri' | 'jwks'>
    >,
  ): Promise<boolean>;
  /** False unless it is there, and confidential. */
  replaceSecret(organizationId: string, id: string, secretDigest: string): Promise<boolean>;
}

/** With what they are told to people by. */
export interface ShownAuthorization extends Authorization {
  user: { id: string; email: string };
  application: Pick<Application, 'id' | 'metadataUrl' | 'name' | 'logoUrl'> & {
    organization: { id: string; name: string };
  };
}

/** How an application is used. */
export interface ApplicationUse {
  /** How many let it act for them, in whichever organization. */
  people: number;
  /** The last time that an access token was made for any of them. */
  lastUsedAt: number | null;
}

export interface AuthorizationReads {
  find(userId: string, applicationId: string, api: string): Promise<Authorization | null>;
  /** Of an organization's people, or of one of them: the newest first, of users that are not deleted. */
  list(
    organizationId: string,
    filter: { userId?: string; applicationId?: string },
    page: Pick<PageRequest, 'limit' | 'after'>,
  ): Promise<Page<ShownAuthorization>>;
  /** By id, of those applications of the organization that people let act for them; deleted users are not counted. */
  usesOf(organizationId: string, applicationIds: readonly string[]): Promise<ReadonlyMap<string, ApplicationUse>>;
}

export interface AuthorizationChanges extends AuthorizationReads {
  /** Nobody else ends it until the commit. */
  claim(id: string): Promise<Authorization | null>;
  /**
   * Unless there is one of the same user, application and API, which is answered in its place. Nobody else changes or ends it
   * until the commit.
   */
  put(authorization: Authorization): Promise<Authorization>;
  /** Gives one that was claimed or put another scope. */
  widen(organizationId: string, id: string, scope: readonly string[], at: number): Promise<void>;
  touch(id: string, at: number): Promise<void>;
  /** With its codes. `userId`: of this user alone. Null if there is none. */
  delete(organizationId: string, id: string, userId?: string): Promise<Authorization | null>;
  /** All of an application, with their codes. */
  deleteOf(applicationId: string): Promise<void>;
}

export interface AuthorizationCodeReads {
  find(digest: string): Promise<AuthorizationCode | null>;
}

export interface AuthorizationCodeChanges {
  insert(code: AuthorizationCode): Promise<void>;
  /** Uses it up: `usedAt` is null in what one of many racing callers is told. Null if there is none. */
  take(digest: string, at: number): Promise<AuthorizationCode | null>;
  /** Those of an application that were not used. */
  deleteOf(applicationId: string): Promise<void>;
  /** At most `limit` that ended before `before`; returns how many. */
  deleteExpired(before: number, limit: number): Promise<number>;
}

/** With what its session says of it. */
export interface KnownApplicationSession extends ApplicationSession {
  /** Of its user and organization when it began. */
  generation: string;
  createdAt: number;
  expiresAt: number;
}

export interface ApplicationSessionReads {
  findFamily(familyDigest: string): Promise<KnownApplicationSession | null>;
}

/** Nobody else uses or ends what `findFamily` finds until the commit. */
export interface ApplicationSessionChanges extends ApplicationSessionReads {
  insert(session: ApplicationSession): Promise<void>;
  /** Compares and sets: true for one of many racing callers who show the same refresh token. */
  rotate(familyDigest: string, tokenDigest: string, next: string): Promise<boolean>;
  /** Keeps its session until `expiresAt`. */
  extend(
    sessionId: string,
    use: { seenAt: number; expiresAt: number; address: string; userAgent: string },
  ): Promise<void>;
  /** Ends those of an authorization with their sessions, but for the `kept` that were used last; answers their ids. */
  endUnused(organizationId: string, authorizationId: string, kept: number): Promise<string[]>;
  /** Ends them with their sessions; answers the organizations that had some. */
  endOf(of: { authorizationId: string } | { applicationId: string }): Promise<string[]>;
}
