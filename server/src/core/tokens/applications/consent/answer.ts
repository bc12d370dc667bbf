// A browser brings what an application asks of somebody, and takes back their answer: with a code, where they allowed it. Nobody
// is sent but where the application says that it can be found.

import type { Caller } from '../../../caller/caller.ts';
import { writeAs } from '../../../caller/write-as.ts';
import type { Clocked } from '../../../clock.ts';
import type { Sealer } from '../../../sealer.ts';
import { digestOf, generateKey, newId } from '../../../secret.ts';
import type { Changing } from '../../ports.ts';
import { type ResolvingPorts, resolveApplication } from '../client.ts';
import type { KnownApplication } from '../ports.ts';
import { hostOfRedirect, isAnyonesRedirect, isRegisteredRedirect } from '../redirect-uri.ts';
import { type AskedForCode, openRequest } from '../request.ts';
import {
  allowAsked,
  type ConsentView,
  demandPerson,
  describeAsked,
  generationNow,
  gone,
  type LookingPorts,
} from './consent.ts';
import { isEverything } from './scope.ts';

/** How long a code is good for. */
const codeLifetimeMs = 60_000;

type AnsweringPorts = LookingPorts &
  Changing<'applications' | 'authorizations' | 'authorizationCodes' | 'permissions'> & {
    sealer: Pick<Sealer, 'open'>;
  };

/**
 * What is asked in a request that came with a browser. `host`: where the answer goes; `asksAlways`: that may be anybody's program,
 * or nobody here knows whose it is, or what is asked is everything.
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
  const { redirectUri, state, challenge, key, api } = asked;
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
      key,
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
