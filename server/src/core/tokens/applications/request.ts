// What an application asks somebody for, as it comes with a browser: checked once, then carried sealed through signing in to
// whoever is asked. Nothing is kept of it, and it says nothing of who may be asked.

import { allows, isPermissionPattern } from '@keyward/rules/permission';
import { defaultApi, reachingIn } from '../../caller/catalogue.ts';
import type { PermissionReads } from '../../caller/ports.ts';
import type { ApiCache } from '../../catalogue/api-cache.ts';
import type { Clocked } from '../../clock.ts';
import { invalid } from '../../errors.ts';
import type { Sealer } from '../../sealer.ts';
import type { Reading } from '../ports.ts';
import type { JwtProfile } from '../records.ts';
import { longestScope } from '../scope.ts';
import { profileOf } from './built-in.ts';
import { clientIdOf, type ResolvingPorts, resolveApplication } from './client.ts';
import type { Application } from './records.ts';
import { isRegisteredRedirect } from './redirect-uri.ts';

/** What is asked for, however that was done. */
export interface Asked {
  /** What the application calls itself. */
  clientId: string;
  /** The handle of the API. */
  api: string;
  /** Permissions and patterns; null for all that the application may ask for. */
  scope: readonly string[] | null;
}

/** The same, with where the answer is to be sent and what belongs to it. */
export interface AskedForCode extends Asked {
  redirectUri: string;
  state: string | null;
  /** Base64url SHA-256 of what the code's use must show. */
  challenge: string;
  /** The thumbprint of the key that the code is to be of use with alone; null for none. */
  key: string | null;
}

/** How long somebody may take to sign in and to answer. */
export const answerWithinMs = 30 * 60_000;

/** More words nobody reads before they allow them. */
const mostWords = 100;

/**
 * The application that an answer may be sent to at `redirectUri`. Of anything else nobody is sent anywhere: `client` where
 * there is no such application, or one that gets tokens of another profile, `redirect` where it did not register that. `address`:
 * of the browser.
 */
export async function applicationToAnswer(
  ports: ResolvingPorts,
  clientId: string,
  redirectUri: string,
  address: string,
  profile: JwtProfile = 'oauth',
): Promise<Application | 'client' | 'redirect'> {
  const known = await resolveApplication(ports, clientId, address);
  if (known === null || profileOf(known.application) !== profile) return 'client';
  return isRegisteredRedirect(known.application.redirectUris, redirectUri) ? known.application : 'redirect';
}

/** The request sealed, for whoever is asked; or what is wrong with it. `resources`: identifiers of the one API that is meant. */
export async function sealRequest(
  ports: Reading<'permissions'> & {
    sealer: Pick<Sealer, 'seal'>;
    apis: Pick<ApiCache, 'handleOf' | 'has'>;
  } & Clocked,
  application: Application,
  wanted: Omit<AskedForCode, 'clientId' | 'api'> & { resources: readonly string[] },
): Promise<string | { fault: 'grant' | 'api' | 'scope' }> {
  const { resources, ...rest } = wanted;
  const scope = await scopeMeant(ports.store.permissions, application, wanted.scope);
  if (!application.grants.includes('authorization_code')) return { fault: 'grant' };
  const api = apiNamed(ports.apis, resources);
  if (api === null) return { fault: 'api' };
  if (!(await mayAsk(ports.store.permissions, application, scope))) return { fault: 'scope' };
  const asked: AskedForCode = { ...rest, scope, clientId: clientIdOf(application), api };
  return ports.sealer.seal(
    'authorization-request',
    JSON.stringify({ ...asked, until: ports.clock() + answerWithinMs }),
  );
}

/** Throws `invalid_request` for what this server did not seal, and for what has waited too long. */
export function openRequest(ports: { sealer: Pick<Sealer, 'open'> } & Clocked, sealed: string): AskedForCode {
  const opened = ports.sealer.open('authorization-request', sealed);
  const { until, ...asked } = opened === null ? { until: 0 } : (JSON.parse(opened) as AskedForCode & { until: number });
  // Those from before there were keys name none.
  if ('redirectUri' in asked && until > ports.clock()) return { ...asked, key: asked.key ?? null };
  throw invalid('request', 'This request was not made here, or has waited too long. Begin again at the application.');
}

/** The one API that these identifiers name, the default one if there are none; null if it does not exist, or is not one. */
export function apiNamed(apis: Pick<ApiCache, 'handleOf' | 'has'>, resources: readonly string[]): string | null {
  if (resources.length === 0) return apis.has(defaultApi) ? defaultApi : null;
  const [api, ...others] = new Set(resources.map(apis.handleOf));
  return api !== undefined && others.length === 0 ? api : null;
}

/** Whether it may ask for that, no more than can be looked through, and all of it is there (S48); null is whatever it may. */
export async function mayAsk(
  permissions: PermissionReads,
  application: Application,
  scope: readonly string[] | null,
): Promise<boolean> {
  if (scope === null) return true;
  if (scope.length === 0 || scope.length > mostWords || scope.join(' ').length > longestScope) return false;
  if (!scope.every(isPermissionPattern) || !allows(application.permissions, scope)) return false;
  const isReached = reachingIn(permissions);
  for (const one of new Set(scope)) if (!(await isReached(one))) return false;
  return true;
}

/** The words of another system stand for whatever there may be of a kind: of that, what there is here. */
async function scopeMeant(
  permissions: PermissionReads,
  application: Application,
  scope: readonly string[] | null,
): Promise<readonly string[] | null> {
  if (scope === null || profileOf(application) === 'oauth') return scope;
  const isReached = reachingIn(permissions);
  const reached = await Promise.all(scope.map(isReached));
  return scope.filter((_, at) => reached[at]);
}
