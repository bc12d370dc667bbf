// Applications: programs that people let act for them. Who is one, where answers may be sent and what may be asked for at
// most; what somebody then allows is theirs to say (consent.ts), and bounded by what they may do themselves.

import { allows, covers, isPermissionPattern } from '@keyward/rules/permission';
import { type Caller, demand, demandConfirmed, demandGrantable } from '../../caller/caller.ts';
import { demandRegistered } from '../../caller/catalogue.ts';
import { newLifecycle } from '../../caller/lifecycle.ts';
import { writeAs } from '../../caller/write-as.ts';
import { invalid, KeywardError, notFound } from '../../errors.ts';
import { entryOf } from '../../journal/entry.ts';
import { checkedName } from '../../name.ts';
import type { Page, PageRequest } from '../../page.ts';
import { digestOf, generatePassword, newId } from '../../secret.ts';
import type { Changes, Changing, Reading } from '../ports.ts';
import { endAccessOf } from './end-access.ts';
import { type Application, type ApplicationGrant, applicationGrants } from './records.ts';
import { checkedRedirectUris } from './redirect-uri.ts';

export interface NewApplication {
  name: string;
  type: Application['type'];
  redirectUris: readonly string[];
  /** What a code and refresh tokens take, unless said otherwise. */
  grants?: readonly ApplicationGrant[];
  permissions: readonly string[];
  logoUrl?: string | null;
}

export type ApplicationChange = Partial<Omit<NewApplication, 'type'>>;

/** The secret is told this once; a public application has none. */
export interface MadeApplication {
  application: Application;
  secret: string | null;
}

/** Needs `create:application`, and all that the application may ask for. */
export async function createApplication(
  ports: Changing<'applications' | 'permissions'>,
  caller: Caller,
  wanted: NewApplication,
): Promise<MadeApplication> {
  demand(caller, 'create:application');
  const at = ports.clock();
  const secret = wanted.type === 'confidential' ? generatePassword() : null;
  const application: Application = {
    id: newId(),
    organizationId: caller.organization.id,
    name: checkedName('name', wanted.name),
    type: wanted.type,
    redirectUris: checkedRedirectUris(wanted.redirectUris),
    grants: checkedGrants(wanted.grants ?? ['authorization_code', 'refresh_token']),
    permissions: checkedPatterns(wanted.permissions),
    logoUrl: checkedLogo(wanted.logoUrl ?? null),
    createdAt: at,
    createdBy: caller.id,
    lifecycle: newLifecycle,
  };
  demandReachable(application);
  demandGrantable(caller, application.permissions);
  if (covers(application.permissions, '*:*')) demandConfirmed(caller, at);
  return writeAs(ports, caller, async (changes) => {
    await demandRegistered(changes.permissions, 'permissions', application.permissions, { caller });
    await changes.applications.insert(application, secret === null ? null : digestOf(secret));
    const { name, type, redirectUris, grants, permissions } = application;
    const detail = { name, type, redirectUris, grants, permissions };
    changes.journal(entryOf(caller, at, 'application.created', subjectOf(application.id), detail));
    return { application, secret };
  });
}

/** Needs `read:application`. */
export async function readApplication(
  ports: Reading<'applications'>,
  caller: Caller,
  id: string,
): Promise<Application> {
  demand(caller, 'read:application');
  return demandThere(await ports.store.applications.find(caller.organization.id, id));
}

/** Needs `read:application`. */
export async function listApplications(
  ports: Reading<'applications'>,
  caller: Caller,
  page: PageRequest,
): Promise<Page<Application>> {
  demand(caller, 'read:application');
  return ports.store.applications.list(caller.organization.id, page);
}

/**
 * Needs `update:application`, and all that the application may ask for, before and after. Where it comes to be allowed
 * less, all that it was given ends: people come back without being asked for what they have allowed.
 */
export async function updateApplication(
  ports: Changing<'applications' | 'permissions' | 'applicationSessions' | 'authorizationCodes'>,
  caller: Caller,
  id: string,
  change: ApplicationChange,
): Promise<Application> {
  demand(caller, 'update:application');
  const at = ports.clock();
  const next: Partial<Application> = {
    ...(change.name !== undefined && { name: checkedName('name', change.name) }),
    ...(change.redirectUris !== undefined && { redirectUris: checkedRedirectUris(change.redirectUris) }),
    ...(change.grants !== undefined && { grants: checkedGrants(change.grants) }),
    ...(change.permissions !== undefined && { permissions: checkedPatterns(change.permissions) }),
    ...(change.logoUrl !== undefined && { logoUrl: checkedLogo(change.logoUrl) }),
  };
  demandGrantable(caller, next.permissions ?? []);
  // Whoever receives the answers receives the tokens.
  if (next.redirectUris !== undefined || covers(next.permissions ?? [], '*:*')) demandConfirmed(caller, at);
  return writeAs(ports, caller, async (changes) => {
    const before = await manageable(changes, caller, id);
    const application = { ...before, ...next };
    demandReachable(application);
    const known = { kept: before.permissions, caller };
    await demandRegistered(changes.permissions, 'permissions', next.permissions ?? [], known);
    if (!(await changes.applications.update(caller.organization.id, id, next))) throw notFound('application');
    changes.journal(entryOf(caller, at, 'application.changed', subjectOf(id), next));
    const isNarrowed =
      !allows(application.permissions, before.permissions) ||
      before.grants.some((one) => !application.grants.includes(one));
    if (isNarrowed) await endAccessOf(changes, caller, at, id);
    return application;
  });
}

/** Another secret, which is told this once; the one before ends at once. Needs what changing the application does. */
export async function rotateApplicationSecret(
  ports: Changing<'applications'>,
  caller: Caller,
  id: string,
): Promise<MadeApplication> {
  demand(caller, 'update:application');
  const at = ports.clock();
  demandConfirmed(caller, at);
  const secret = generatePassword();
  return writeAs(ports, caller, async (changes) => {
    const application = await manageable(changes, caller, id);
    if (!(await changes.applications.replaceSecret(caller.organization.id, id, digestOf(secret)))) {
      throw new KeywardError('conflict', 'This application is public: it has no secret.');
    }
    changes.journal(entryOf(caller, at, 'application.rotated', subjectOf(id)));
    return { application, secret };
  });
}

/** One that is not deleted, all of whose permissions the caller could grant. */
export async function manageable(changes: Changes<'applications'>, caller: Caller, id: string): Promise<Application> {
  const application = demandThere(await changes.applications.find(caller.organization.id, id));
  demandGrantable(caller, application.permissions);
  return application;
}

export function subjectOf(id: string) {
  return { type: 'application', id };
}

function demandThere(application: Application | null): Application {
  if (application !== null && application.lifecycle.deletedAt === null) return application;
  throw notFound('application');
}

function checkedGrants(grants: readonly ApplicationGrant[]): readonly ApplicationGrant[] {
  const given = applicationGrants.filter((one) => grants.includes(one));
  if (given.some((one) => one !== 'refresh_token')) return given;
  throw invalid('grants', 'Allow at least one grant beside refresh_token.');
}

function demandReachable({ grants, redirectUris }: Application): void {
  if (redirectUris.length > 0 || !grants.includes('authorization_code')) return;
  throw invalid('redirectUris', 'With authorization_code an application needs at least one redirect URI.');
}

function checkedPatterns(patterns: readonly string[]): readonly string[] {
  if (patterns.length === 0) throw invalid('permissions', 'Name at least one permission that it may ask for.');
  patterns.forEach((one, index) => {
    if (isPermissionPattern(one)) return;
    throw invalid(['body', 'permissions', index], 'Use verb:resource, such as read:funds; * may stand for a side.');
  });
  return [...new Set(patterns)];
}

function checkedLogo(url: string | null): string | null {
  if (url === null) return null;
  const isPlain = url.length <= 2000 && /^https:\/\/[\x21-\x7e]+$/.test(url) && URL.canParse(url);
  if (isPlain && new URL(url).username === '' && new URL(url).password === '') return url;
  throw invalid('logoUrl', 'Use an https address of at most 2,000 characters.');
}
