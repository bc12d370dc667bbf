// What the middlewares of all frameworks do: read the credential, ask the verifier, and say what to answer. At once
// where nobody need be asked, so that a call that is known costs no turn of the event loop.

import { isPermissionPattern } from '@keyward/rules/permission';
import type { Principal, Requirement, Verdict } from '../verifier/verdict.ts';
import type { Verifier } from '../verifier/verifier.ts';
import { apiTokensIn, boundTokenIn, credentialIn } from './credential-location.ts';
import {
  type GuardResponse,
  limitHeaders,
  type ResponseLinks,
  responseTo,
  responseToAmbiguity,
  responseToError,
} from './guard-response.ts';

/** What a call must show. Where the client's address is not what the framework says, `addressOf` says it. */
export interface GuardOptions<Request> extends Omit<Requirement, 'address' | 'dpop' | 'method'> {
  addressOf?: (request: Request) => string | undefined;
  /**
   * Reads the credential from `?apiToken=` too, as Versio's clients send it; false unless said otherwise. It stays in the
   * request's URL: keep that out of your log.
   */
  apiTokenInQuery?: boolean;
  /** Where the API's metadata is (RFC 9728), for whoever is refused: `url` of `protectedResourceMetadata()`. */
  resourceMetadata?: string;
}

/** As many as Keyward takes with one question. */
const mostPermissions = 200;

/** Throws a TypeError for what a guard cannot require, so that it is said at start and not by each call. */
export function checkOptions({
  permissions = [],
  cost = 1,
  api,
  organization,
  plan,
  resourceMetadata,
}: Omit<GuardOptions<never>, 'addressOf'>): void {
  const wrong = permissions.find((one) => !isPermissionPattern(one));
  if (wrong !== undefined) {
    throw new TypeError(`${JSON.stringify(wrong)} is no permission: write verb:resource, as in read:orders.`);
  }
  if (permissions.length > mostPermissions) {
    throw new TypeError(`A guard requires at most ${mostPermissions} permissions, and not ${permissions.length}.`);
  }
  if (!Number.isSafeInteger(cost) || cost < 0) {
    throw new TypeError(`${cost} is no cost: it is a whole number from 0 on.`);
  }
  if (api !== undefined && !/^[a-z0-9_-]{1,64}$/.test(api)) {
    throw new TypeError(`${JSON.stringify(api)} is no handle of an API: it is 1 to 64 of a-z, 0-9, _ and -.`);
  }
  if (plan !== undefined && !/^[a-z0-9_-]{1,64}$/.test(plan)) {
    throw new TypeError(`${JSON.stringify(plan)} is no id of a plan: it is 1 to 64 of a-z, 0-9, _ and -.`);
  }
  if (organization !== undefined && !/^[a-z0-9_-]{1,64}$/.test(organization)) {
    throw new TypeError(`${JSON.stringify(organization)} is neither the id nor the name of an organization.`);
  }
  if (resourceMetadata !== undefined && !/^https?:\/\/[\x21\x23-\x5b\x5d-\x7e]+$/.test(resourceMetadata)) {
    throw new TypeError(`${JSON.stringify(resourceMetadata)} is no address where metadata can be.`);
  }
}

/** Let in, with header fields for the answer to come; or refused, with the whole answer. */
export type Outcome =
  | { principal: Principal; headers: Record<string, string> }
  | { principal: null; answer: GuardResponse };

export interface Presented {
  authorization: string | null | undefined;
  address: string | undefined;
  method: string | undefined;
  /** With the query; without its origin, or with any. */
  url: string | undefined;
  /** The header `DPoP`. */
  proof: string | null | undefined;
  /** True if there are several `Authorization` lines. */
  isAmbiguous?: boolean;
}

/** Rejects only for bugs. */
export function check(
  verifier: Verifier,
  {
    permissions,
    match,
    cost,
    api,
    organization,
    plan,
    route,
    apiTokenInQuery = false,
    resourceMetadata,
  }: Omit<GuardOptions<never>, 'addressOf'>,
  { authorization, address, method = '', url, proof, isAmbiguous = false }: Presented,
): Outcome | Promise<Outcome> {
  const inQuery = apiTokenInQuery ? apiTokensIn(url) : nothing;
  if (isAmbiguous || inQuery.length + (authorization == null ? 0 : 1) > 1) {
    return { principal: null, answer: responseToAmbiguity(verifier) };
  }
  const [fromQuery] = inQuery;
  const credential = fromQuery ?? credentialIn(authorization);
  const requirement: Requirement = {
    ...(permissions !== undefined && { permissions }),
    ...(match !== undefined && { match }),
    ...(cost !== undefined && { cost }),
    ...(api !== undefined && { api }),
    ...(organization !== undefined && { organization }),
    ...(plan !== undefined && { plan }),
    ...(address !== undefined && { address }),
    ...(route !== undefined && { route }),
    ...(method !== '' && { method }),
  };
  const links = { issuer: verifier.issuer, resourceMetadata, scope: permissions };
  const failed = (error: unknown): Outcome => ({ principal: null, answer: responseToError(error, links) });
  const bound = credential === null ? boundTokenIn(authorization) : null;
  if (bound !== null) {
    requirement.dpop = { proof: proof ?? null, method, url: pathOf(url) };
    const answered = (outcome: Outcome) => withNonce(outcome, verifier.dpopNonce());
    const decided = (one: Verdict) => outcomeOf(one, links, true);
    return verifier.verify(bound, requirement).then(decided, failed).then(answered);
  }
  const verdict = verifier.verifySync(credential, requirement);
  const outcome =
    verdict === undefined
      ? verifier.verify(credential, requirement).then((one) => outcomeOf(one, links), failed)
      : outcomeOf(verdict, links);
  if (fromQuery === undefined) return outcome;
  return outcome instanceof Promise ? outcome.then(unstored) : unstored(outcome);
}

const nothing: readonly string[] = [];

/** Of an absolute address too, of which the client could choose the host. */
function pathOf(url = ''): string {
  return url.replace(/^https?:\/\/[^/?#]*/i, '') || '/';
}

/** Every answer to a call with a proof says which nonce the next one needs (RFC 9449 section 8.2). */
function withNonce(outcome: Outcome, nonce: string): Outcome {
  const more = { 'dpop-nonce': nonce };
  if (outcome.principal !== null) return { ...outcome, headers: { ...outcome.headers, ...more } };
  const { answer } = outcome;
  return { principal: null, answer: { ...answer, headers: { ...answer.headers, ...more } } };
}

/** What answers a URL with a secret in it is not to be kept, nor to tell others where it came from (S5). */
function unstored(outcome: Outcome): Outcome {
  const quiet = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
  if (outcome.principal !== null) return { ...outcome, headers: { ...outcome.headers, ...quiet } };
  const { answer } = outcome;
  return { principal: null, answer: { ...answer, headers: { ...answer.headers, ...quiet } } };
}

function outcomeOf(verdict: Verdict, links: ResponseLinks, isBound = false): Outcome {
  if (verdict.allowed) return { principal: verdict.principal, headers: limitHeaders(verdict) };
  return { principal: null, answer: responseTo(verdict, links, isBound) };
}
