// Somebody is asked, and lets an application act for them or does not. It is given what it asks for as far as it may ask and
// they may do that themselves; what they have allowed is remembered, and asked again only where it is more.

import { isOwnPermission } from '@keyward/rules/own-permissions';
import { covering, intersect, isPermission, simplify } from '@keyward/rules/permission';
import { builtInPermissions } from '../../caller/built-in-roles.ts';
import { type Caller, demand, demandConfirmed } from '../../caller/caller.ts';
import { defaultApi, reachingIn } from '../../caller/catalogue.ts';
import { generationOf } from '../../caller/credential-lifecycle.ts';
import type { CachedCredentialLookup, PermissionReads } from '../../caller/ports.ts';
import type { Session } from '../../caller/records.ts';
import { writeAs } from '../../caller/write-as.ts';
import type { Clocked } from '../../clock.ts';
import { invalid, KeywardError } from '../../errors.ts';
import { entryOf } from '../../journal/entry.ts';
import type { Sealer } from '../../sealer.ts';
import { digestOf, generateKey, newId } from '../../secret.ts';
import type { Changes, Changing, Reading } from '../ports.ts';
import { longestScope } from '../scope.ts';
import { keepBuiltIn, neededBy } from './built-in.ts';
import { isFor, type ResolvingPorts, resolveApplication, resolveWithin } from './client.ts';
import { keepDescribed } from './described.ts';
import type { KnownApplication } from './ports.ts';
import type { Application, Authorization } from './records.ts';
import { hostOfRedirect, isAnyonesRedirect, isRegisteredRedirect } from './redirect-uri.ts';
import { type Asked, type AskedForCode, openRequest } from './request.ts';

/** What somebody is told before they answer. */
export interface ConsentView {
  application: Pick<Application, 'id' | 'metadataUrl' | 'name' | 'logoUrl'> & {
    organization: { id: string; name: string };
  };
  api: { handle: string; name: string };
  /** What it would be given. `description`: in the words of its API; of a pattern there are none. */
  permissions: { name: string; description: string | null; isNew: boolean }[];
}

/** How long a code is good for. */
export const codeLifetimeMs = 60_000;

/** What an application may ask for and somebody may do are compared line by line: beyond this it is not asked. */
const mostCompared = 1000;
/** In characters: of all that was allowed one application at one API, one after the other. */
const longestKept = 16_000;

type LookingPorts = Reading<'authorizations' | 'permissions' | 'apis'> & ResolvingPorts;

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

type AnsweringPorts = LookingPorts &
  Changing<'applications' | 'authorizations' | 'authorizationCodes' | 'permissions'> & {
    sealer: Pick<Sealer, 'open'>;
  };

/**
 * The same of a request that came with a browser. `host`: where the answer goes; `asksAlways`: that may be anybody's program, or
 * nobody here knows whose it is, or what is asked is everything.
 */
export async function readConsent(
  ports: LookingPorts & Clocked & { sealer: Pick<Sealer, 'open'> },
  caller: Caller,
  request: string,
): Promise<ConsentView & { host: string; asksAlways: boolean }> {
  demandPerson(caller);
  const { asked } = await openStanding(ports, caller, request);
  const view = await describeAsked(ports, caller, asked);
  const { redirectUri } = asked;
  const isOpen = view.application.metadataUrl !== null || isAnyonesRedirect(redirectUri);
  const asksAlways = isOpen || isEverything(view.permissions.map(({ name }) => name));
  return { ...view, host: hostOfRedirect(redirectUri), asksAlways };
}

/** What the browser takes back: a code, or null where it was not allowed. */
export interface ConsentAnswer {
  redirectUri: string;
  state: string | null;
  code: string | null;
}

/** Answers a request, in a session of a browser alone. `shown`: the names that were allowed as they were read; null for none. */
export async function answerConsent(
  ports: AnsweringPorts,
  caller: Caller,
  request: string,
  shown: readonly string[] | null,
): Promise<ConsentAnswer> {
  const session = demandPerson(caller);
  const { asked, known } = await openStanding(ports, caller, request);
  const { redirectUri, state, challenge, api } = asked;
  if (shown === null) return { redirectUri, state, code: null };
  const code = generateKey();
  const at = ports.clock();
  const isGiven = await writeAs(ports, caller, async (changes) => {
    const allowed = await allowAsked(changes, caller, known, asked, at, shown);
    if (allowed === null) return false;
    await changes.authorizationCodes.insert({
      digest: digestOf(code),
      authorizationId: allowed.authorization.id,
      applicationId: known.application.id,
      organizationId: caller.organization.id,
      userId: caller.id,
      generation: await generationNow(ports, caller),
      redirectUri,
      challenge,
      api,
      scope: allowed.scope,
      sessionId: newId(),
      givenIn: session.id,
      expiresAt: at + codeLifetimeMs,
      usedAt: null,
    });
    return true;
  });
  return { redirectUri, state, code: isGiven ? code : null };
}

/** Nobody consents but a person, in the portal: an access token that an application has gets no other application in. */
export function demandPerson(caller: Caller): Session {
  if (caller.type === 'user' && caller.session !== undefined) return caller.session;
  throw new KeywardError('forbidden', 'Only somebody who is signed in to the portal lets an application act for them.');
}

/** Nobody is sent where the application has no redirect URI any more. */
async function openStanding(
  ports: ResolvingPorts & Clocked & { sealer: Pick<Sealer, 'open'> },
  caller: Caller,
  request: string,
): Promise<{ asked: AskedForCode; known: KnownApplication }> {
  const asked = openRequest(ports, request);
  const known = await resolveApplication(ports, asked.clientId, caller.id);
  if (known === null) throw gone();
  const { redirectUris, grants } = known.application;
  if (grants.includes('authorization_code') && isRegisteredRedirect(redirectUris, asked.redirectUri)) {
    return { asked, known };
  }
  throw gone();
}

function demandUsable(known: KnownApplication | null, caller: Caller): KnownApplication {
  if (known === null) throw gone();
  const needed = neededBy(known.application);
  if (needed !== null) demand(caller, needed);
  if (isFor(known, caller.organization.id)) return known;
  throw new KeywardError('forbidden', 'This application is for people of another organization.');
}

export function gone(): KeywardError {
  return new KeywardError('not_found', 'There is no such application any more, or no such API.');
}

function keptTooMuch(): KeywardError {
  return new KeywardError(
    'conflict',
    'This application may do so much for you already that no more is kept. End that under Your account, Applications, and begin again there.',
  );
}

/**
 * What it would be given of what is there, and no more than was `shown`. Where it names nothing, only what belongs to the API.
 * Throws where nobody could look through it.
 */
async function scopeFor(
  permissions: PermissionReads,
  caller: Caller,
  { application }: KnownApplication,
  { scope, api }: Asked,
  shown?: readonly string[],
): Promise<readonly string[]> {
  const asked = scope ?? (await ofApi(permissions, application.permissions, api));
  const askable = simplify(intersect(asked, application.permissions));
  if (askable.length > mostCompared) throw askedTooMuch();
  // Nobody reads a list of what another line of it says already.
  const may = simplify(intersect(askable, caller.permissions));
  if (may.join(' ').length > longestScope) throw askedTooMuch();
  const isReached = reachingIn(permissions);
  const given: string[] = [];
  // Whoever removes one of them meanwhile waits for who is given it, and finds them.
  for (const one of shown === undefined ? may : common(may, shown)) if (await isReached(one)) given.push(one);
  return given;
}

function askedTooMuch(): KeywardError {
  return invalid('request', 'This application asks for more than one token can carry. It has to ask for less at once.');
}

/** What both say, without what each says only half of: it is allowed less, and asked again. */
function common(given: readonly string[], shown: readonly string[]): readonly string[] {
  return simplify([...given.filter(covering(shown)), ...shown.filter(covering(given))]);
}

function isEverything(scope: readonly string[]): boolean {
  return scope.includes('*:*');
}

async function ofApi(
  permissions: PermissionReads,
  patterns: readonly string[],
  api: string,
): Promise<readonly string[]> {
  const apis = new Map((await permissions.list()).map((one) => [one.name, one.api]));
  return patterns.filter(
    (one) => !isPermission(one) || (apis.get(one) ?? (isOwnPermission(one) ? defaultApi : '')) === api,
  );
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
