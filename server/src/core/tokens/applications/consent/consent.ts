// Somebody is told what an application asks, in a browser or with a device's code, and lets it act for them. What they have
// allowed is remembered, and asked again only where it is more. How much that is at most is in scope.ts; what takes the answer
// to the application is answer.ts, and device/answer.ts.

import { covering, simplify } from '@keyward/rules/permission';
import { builtInPermissions } from '../../../caller/built-in-roles.ts';
import { type Caller, demand, demandConfirmed } from '../../../caller/caller.ts';
import { generationOf } from '../../../caller/credential-lifecycle.ts';
import type { CachedCredentialLookup } from '../../../caller/ports.ts';
import type { Session } from '../../../caller/records.ts';
import { KeywardError } from '../../../errors.ts';
import { entryOf } from '../../../journal/entry.ts';
import { newId } from '../../../secret.ts';
import type { Changes, Reading } from '../../ports.ts';
import { keepBuiltIn, neededBy } from '../built-in.ts';
import { isFor, type ResolvingPorts, resolveApplication, resolveWithin } from '../client.ts';
import { keepDescribed } from '../described.ts';
import type { KnownApplication } from '../ports.ts';
import type { Application, Authorization } from '../records.ts';
import type { Asked } from '../request.ts';
import { isEverything, scopeFor } from './scope.ts';

/** What somebody is told before they answer. */
export interface ConsentView {
  application: Pick<Application, 'id' | 'metadataUrl' | 'name' | 'logoUrl'> & {
    organization: { id: string; name: string };
  };
  api: { handle: string; name: string };
  /** What it would be given. `description`: in the words of its API; of a pattern there are none. */
  permissions: { name: string; description: string | null; isNew: boolean }[];
}

/** In characters: of all that was allowed one application at one API, one after the other. */
const longestKept = 16_000;

export type LookingPorts = Reading<'authorizations' | 'permissions' | 'apis'> & ResolvingPorts;

/** What is asked, for somebody in a session. Throws `forbidden` where the application is not for their organization. */
export async function describeAsked(ports: LookingPorts, caller: Caller, asked: Asked): Promise<ConsentView> {
  demandPerson(caller);
  const { store } = ports;
  const known = demandUsable(await resolveApplication(ports, asked.clientId, caller.id), caller);
  const scope = await scopeFor(store.permissions, caller, known, asked);
  const before = await store.authorizations.find(caller.id, known.application.id, asked.api);
  const api = await store.apis.find(asked.api);
  if (api === null) throw gone();
  const { application, organization } = known;
  const descriptions = new Map((await store.permissions.list()).map((one) => [one.name, one.description]));
  const isKnown = covering(before?.scope ?? []);
  return {
    application: {
      id: application.id,
      metadataUrl: application.metadataUrl,
      name: application.name,
      logoUrl: application.logoUrl,
      organization: { id: organization.id, name: organization.name },
    },
    api: { handle: api.handle, name: api.name },
    permissions: scope.map((name) => ({
      name,
      description: builtInPermissions.get(name) ?? descriptions.get(name) ?? null,
      isNew: !isKnown(name),
    })),
  };
}

/**
 * Remembers within a change that the caller lets the application, as it was found before, do what it asked for, of which no more
 * than was `shown` to them: what has come to be allowed it since then is for the next time. Null where that is nothing: they may
 * do nothing of it themselves. Throws `confirmation_required` before it may do everything.
 */
export async function allowAsked(
  changes: Changes<'applications' | 'authorizations' | 'permissions'>,
  caller: Caller,
  found: KnownApplication | null,
  asked: Asked,
  at: number,
  shown?: readonly string[],
): Promise<{ authorization: Authorization; scope: readonly string[] } | null> {
  const known = demandUsable(found && (await resolveWithin(changes.applications, found)), caller);
  const scope = await scopeFor(changes.permissions, caller, known, asked, shown);
  if (scope.length === 0) return null;
  if (isEverything(scope)) demandConfirmed(caller, at);
  const { id: applicationId, name } = known.application;
  const { api } = asked;
  const given: Authorization = {
    id: newId(),
    organizationId: caller.organization.id,
    userId: caller.id,
    applicationId,
    api,
    scope,
    createdAt: at,
    changedAt: at,
    lastUsedAt: null,
  };
  await keepDescribed(changes, caller, at, known);
  await keepBuiltIn(changes, known, at);
  const before = await changes.authorizations.put(given);
  const isNew = before.id === given.id;
  if (!isNew && scope.every(covering(before.scope))) return { authorization: before, scope };
  const kept = simplify([...before.scope, ...scope]);
  if (kept.join(' ').length > longestKept) throw keptTooMuch();
  if (!isNew) await changes.authorizations.widen(before.organizationId, before.id, kept, at);
  const detail = { application: { id: applicationId, name }, api, scope: kept };
  const subject = { type: 'authorization', id: before.id };
  changes.journal(entryOf(caller, at, 'authorization.given', subject, detail));
  return { authorization: { ...before, scope: kept, changedAt: at }, scope };
}

/** Nobody consents but a person, in the portal: an access token that an application has gets no other application in. */
export function demandPerson(caller: Caller): Session {
  if (caller.type === 'user' && caller.session !== undefined) return caller.session;
  throw new KeywardError('forbidden', 'Only somebody who is signed in to the portal lets an application act for them.');
}

/** Of the caller and their organization. */
export async function generationNow(
  ports: { credentials: Pick<CachedCredentialLookup, 'bySource'> },
  { id }: Caller,
): Promise<string> {
  const record = await ports.credentials.bySource({ type: 'user', id });
  if (record === null)
    throw new KeywardError('unauthenticated', 'The credential was not accepted.', { reason: 'unknown' });
  return generationOf(record);
}

export function gone(): KeywardError {
  return new KeywardError('not_found', 'There is no such application any more, or no such API.');
}

function demandUsable(known: KnownApplication | null, caller: Caller): KnownApplication {
  if (known === null) throw gone();
  const needed = neededBy(known.application);
  if (needed !== null) demand(caller, needed);
  if (isFor(known, caller.organization.id)) return known;
  throw new KeywardError('forbidden', 'This application is for people of another organization.');
}

function keptTooMuch(): KeywardError {
  return new KeywardError(
    'conflict',
    'This application may do so much for you already that no more is kept. End that under Your account, Applications, and begin again there.',
  );
}
