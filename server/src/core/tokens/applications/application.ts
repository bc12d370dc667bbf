// Applications: programs that people let act for them. Who is one, where answers may be sent and what may be asked for at
// most; what somebody then allows is theirs to say (consent/), and bounded by what they may do themselves.

import { allows, covers } from '@keyward/rules/permission';
import { hasKeys } from '../../assertions/key-source.ts';
import { type Caller, demand, demandConfirmed, demandGrantable } from '../../caller/caller.ts';
import { demandRegistered } from '../../caller/catalogue.ts';
import { newLifecycle } from '../../caller/lifecycle.ts';
import { writeAs } from '../../caller/write-as.ts';
import { KeywardError, notFound } from '../../errors.ts';
import { entryOf } from '../../journal/entry.ts';
import { digestOf, generatePassword, newId } from '../../secret.ts';
import type { Changes, Changing } from '../ports.ts';
import { endAccessOf } from './end-access.ts';
import type { Application } from './records.ts';
import {
  type ApplicationChange,
  checkedFields,
  demandKeysLeft,
  demandWhole,
  type NewApplication,
} from './wanted-application.ts';

/** The secret is told this once; a public application has none, nor has one with keys. */
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
  const { type, ...fields } = wanted;
  const application: Application = {
    ...usual,
    ...checkedFields(fields),
    id: newId(),
    metadataUrl: null,
    organizationId: caller.organization.id,
    type,
    createdAt: at,
    createdBy: caller.id,
    lifecycle: newLifecycle,
  };
  demandWhole(application);
  demandGrantable(caller, application.permissions);
  if (covers(application.permissions, '*:*')) demandConfirmed(caller, at);
  const secret = type === 'confidential' && !hasKeys(application) ? generatePassword() : null;
  return writeAs(ports, caller, async (changes) => {
    await demandRegistered(changes.permissions, 'permissions', application.permissions, { caller });
    await changes.applications.insert(application, type === 'public' ? null : digestOf(secret ?? nobodys()));
    const { name, redirectUris, grants, permissions } = application;
    const keys = hasKeys(application) && { jwksUri: application.jwksUri, jwks: application.jwks };
    const detail = told({ name, type, redirectUris, grants, permissions, ...keys });
    changes.journal(entryOf(caller, at, 'application.created', subjectOf(application.id), detail));
    return { application, secret };
  });
}

/**
 * Needs `update:application`, and all that the application may ask for, before and after. Where it comes to be allowed
 * less, all that it was given ends: people come back without being asked for what they have allowed. Keys take the place of
 * others, or of the secret, at once.
 */
export async function updateApplication(
  ports: Changing<'applications' | 'permissions' | 'applicationSessions' | 'authorizationCodes' | 'deviceCodes'>,
  caller: Caller,
  id: string,
  change: ApplicationChange,
): Promise<Application> {
  demand(caller, 'update:application');
  const at = ports.clock();
  const next = checkedFields(change);
  demandGrantable(caller, next.permissions ?? []);
  // Whoever receives the answers, or signs in its name, receives the tokens.
  const { redirectUris, jwks, jwksUri, permissions = [] } = next;
  const isOthers = [redirectUris, jwks, jwksUri].some((one) => one !== undefined);
  if (isOthers || covers(permissions, '*:*')) demandConfirmed(caller, at);
  return writeAs(ports, caller, async (changes) => {
    const before = await manageable(changes, caller, id);
    if (before.metadataUrl !== null) {
      throw new KeywardError('conflict', 'This application describes itself. Deactivate it to keep it out.');
    }
    const application = { ...before, ...next };
    demandWhole(application);
    demandKeysLeft(before, change);
    const known = { kept: before.permissions, caller };
    await demandRegistered(changes.permissions, 'permissions', next.permissions ?? [], known);
    if (!(await changes.applications.update(caller.organization.id, id, next))) throw notFound('application');
    if (next.jwks !== undefined)
      await changes.applications.replaceSecret(before.organizationId, id, digestOf(nobodys()));
    changes.journal(entryOf(caller, at, 'application.changed', subjectOf(id), told(next)));
    const isNarrowed =
      !allows(application.permissions, before.permissions) ||
      before.redirectUris.some((one) => !application.redirectUris.includes(one)) ||
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
    if (hasKeys(application)) {
      throw new KeywardError(
        'conflict',
        'This application signs with its own keys: it has no secret. Change its keys.',
      );
    }
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

/** Throws `not_found` for none, and for one that is deleted. */
export function demandThere<A extends Application>(application: A | null): A {
  if (application !== null && application.lifecycle.deletedAt === null) return application;
  throw notFound('application');
}

const usual = {
  name: '',
  redirectUris: [],
  grants: ['authorization_code', 'refresh_token'],
  permissions: [],
  logoUrl: null,
  jwksUri: null,
  jwks: null,
} as const;

/** The secret of an application that has none. */
function nobodys(): string {
  return generatePassword();
}

/** For the journal: of keys that are written down only how many. */
function told({ jwks, ...rest }: Partial<Application>): Readonly<Record<string, unknown>> {
  return jwks == null ? rest : { ...rest, keys: jwks.keys.length };
}
