// The verdict on a credential that someone else presented, for a service that asks. Who provides the APIs asks about
// everybody's; to any other service, what is not of its own organization is unknown, whatever it is.

import { isNamedBy } from '@keyward/rules/organization-handle';
import { type Awaitable, whenHere } from '../awaitable.ts';
import { organizationNamed } from '../caller/acting.ts';
import { type Caller, demand } from '../caller/caller.ts';
import { defaultApi, noApiText } from '../caller/catalogue.ts';
import { KeywardError } from '../errors.ts';
import type { JournalProgress } from '../journal/ports.ts';
import { whenReached } from '../journal/when-reached.ts';
import type { Reading } from './ports.ts';
import { type Call, type Verdict, type VerifyingPorts, verify } from './verify.ts';

export interface AskedCall extends Call {
  /** The last entry of the journal that the service has heard of: it is not told of a time before that (S113). */
  cursor?: number;
}

type AskingPorts = VerifyingPorts & Reading<'organizations'> & { subscribers: JournalProgress };

/**
 * As `verify`, for a caller with the permission `verify:credential`: from the operator's organization about everybody's
 * credentials, of which `organization` lets one organization's count alone; from any other about its own, and any other is
 * `unknown`, with nothing else said, and spends nothing. Throws `not_found` for a plan or an API that does not exist, and for an
 * organization that does not, or that is not the caller's to know of; `forbidden` for an API that the caller's token is not
 * bound to.
 */
export function verdictFor(
  ports: AskingPorts,
  caller: Caller,
  credential: string,
  call: AskedCall,
): Awaitable<Verdict> {
  demand(caller, 'verify:credential');
  demandFor(caller, call.api ?? defaultApi);
  const { cursor } = call;
  if (cursor === undefined) return answer(ports, caller, credential, call);
  return whenHere(whenReached(ports, cursor), () => answer(ports, caller, credential, call));
}

/** What the request names must be there whatever the credential is worth: a mistyped name is no refusal. */
function answer(ports: AskingPorts, caller: Caller, credential: string, call: AskedCall): Awaitable<Verdict> {
  const { plan, api } = call;
  if (plan !== undefined && ports.plans.find(plan) === undefined) throw noSuch('plan', plan);
  if (api !== undefined && !ports.apis.has(api)) {
    throw new KeywardError('not_found', noApiText(api, ports.apis.handles()));
  }
  const answerFor = caller.organization.isOperator ? answerOperator : answerCustomer;
  return answerFor(ports, caller, credential, call);
}

function answerOperator(ports: AskingPorts, _: Caller, credential: string, call: AskedCall): Awaitable<Verdict> {
  return whenHere(verify(ports, credential, call), (verdict) => {
    const { organization } = call;
    if (verdict.allowed || verdict.reason !== 'wrong_organization' || organization === undefined) return verdict;
    return whenHere(isThere(ports, organization), (isKnown) => {
      if (!isKnown) throw noSuch('organization', organization);
      return verdict;
    });
  });
}

function answerCustomer(ports: AskingPorts, caller: Caller, credential: string, call: AskedCall): Awaitable<Verdict> {
  const { id, name } = caller.organization;
  const { organization } = call;
  if (organization !== undefined && !isNamedBy(organization, id, name)) {
    throw noSuch('organization', organization);
  }
  return whenHere(verify(ports, credential, { ...call, organization: id }), (verdict) => {
    if (verdict.allowed || verdict.reason === 'rate_limited') return verdict;
    if (verdict.organizationId === id) return verdict;
    const { refusalId } = verdict;
    return { allowed: false, reason: 'unknown', ...(refusalId !== undefined && { refusalId }) };
  });
}

/** Asked only about what a good credential does not belong to. */
async function isThere({ store }: Reading<'organizations'>, handle: string): Promise<boolean> {
  const found = await organizationNamed(store.organizations, handle);
  return found !== null && found.lifecycle.deletedAt === null;
}

function noSuch(what: 'plan' | 'organization', handle: string): KeywardError {
  return new KeywardError('not_found', `There is no ${what} ${JSON.stringify(handle)}.`);
}

/** A token that is bound to APIs asks about calls to these alone. */
function demandFor({ apis }: Caller, api: string): void {
  if (apis === null || apis.includes(api)) return;
  throw new KeywardError('forbidden', `Your token is bound to the APIs ${apis.join(', ')}. Name one of them as api.`);
}
