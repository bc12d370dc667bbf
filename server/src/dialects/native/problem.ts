// How Keyward's own API says no: application/problem+json (RFC 9457), with stable types for programs.

import type { Problem } from '@keyward/sdk/wire';
import type { Refusal } from '../../core/caller/refusal.ts';
import { budgetDetailOf } from '../../core/checking/budget-error.ts';
import type { Budget } from '../../core/checking/limit.ts';
import type { CredentialReason, Fault, Holders, KeywardError } from '../../core/errors.ts';
import { deepFreeze } from '../../core/frozen.ts';
import { type AnswerLinks, noLinks } from '../answer-links.ts';
import { bearerChallenge, type ChallengeError } from '../challenge/bearer.ts';
import type { Answer, Place } from '../dialect.ts';
import { retryAfter } from '../retry-after.ts';
import { type ProblemCode, problemTypes } from './problem-types.ts';

/** Paths that take a credential in the body: there is no bearer to challenge, and why it failed is nobody's business. */
export const signInPaths = { login: '/v1/login', accessTokens: '/v1/access-tokens', session: '/v1/session' } as const;

const signInUrls = new Set<string | undefined>(Object.values(signInPaths));

export function refuse(refusal: Refusal, request: Place): Answer {
  const atSignIn = request.method === 'POST' && signInUrls.has(request.routeOptions.url);
  const words = refusals[atSignIn && refusal.reason !== 'missing_permission' ? 'sign_in' : refusal.reason];
  const required = refusal.required ?? [];
  const links = request.links?.() ?? noLinks;
  const known = required.length === 0 ? saidWith(links).get(words) : undefined;
  if (known !== undefined) return known;
  const { code, detail, error } = words;
  const missing = required.length > 0 && code === 'forbidden' ? { permissions: [...required] } : {};
  const explained = refusal.lacking === undefined ? {} : { lacking: [...refusal.lacking] };
  const isChallenge = problemTypes[code].status === 401 || error !== undefined;
  const answer = problem(
    code,
    detail,
    { ...missing, ...explained },
    isChallenge ? { 'www-authenticate': bearerChallenge({ error, required }, links) } : {},
    links,
  );
  if (required.length === 0) saidWith(links).set(words, deepFreeze(answer));
  return answer;
}

export function fail(failure: KeywardError, at: Place): Answer {
  const { faults, permission, holders } = failure.detail;
  const { budget } = budgetDetailOf(failure);
  const members = {
    ...(faults !== undefined && { errors: faults.map(toWire) }),
    ...(permission !== undefined && { permissions: [permission] }),
    ...(holders !== undefined && { holders: holdersToWire(holders) }),
    ...(budget !== undefined && { type: quotaExceeded, 'violated-policies': violatedBy(budget) }),
  };
  const links = at.links?.() ?? noLinks;
  const headers = { ...challengeOf(failure, links), ...retryAfter(failure) };
  return problem(failure.code, failure.message, members, headers, links);
}

function challengeOf({ code, detail: { permission } }: KeywardError, links: AnswerLinks): Answer['headers'] {
  const lacks = code === 'forbidden' && permission !== undefined;
  if (problemTypes[code].status !== 401 && !lacks) return {};
  const missing = lacks ? ({ error: 'insufficient_scope', required: [permission] } as const) : {};
  return { 'www-authenticate': bearerChallenge(missing, links) };
}

function violatedBy(budget: Budget): string[] {
  return (budget.all ?? [budget]).filter(({ admitted }) => !admitted).map(({ name }) => name);
}

/** Registered by draft-ietf-httpapi-ratelimit-headers-11, section 6. */
const quotaExceeded = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

interface Words {
  code: ProblemCode;
  detail: string;
  error?: ChallengeError;
}

/** Refusals that are the same every time: whoever guesses must not make us work more than whoever knows. */
const said = new WeakMap<AnswerLinks, Map<Words, Answer>>();

function saidWith(links: AnswerLinks): Map<Words, Answer> {
  const known = said.get(links) ?? new Map<Words, Answer>();
  said.set(links, known);
  return known;
}

/** Unknown, inactive and revoked are one answer: the finer reason is for the credential's own organization. */
const notAccepted: Words = {
  code: 'invalid_credential',
  detail: 'The credential was not accepted.',
  error: 'invalid_token',
};

const refusals: Record<CredentialReason | 'sign_in', Words> = {
  sign_in: { code: 'invalid_credential', detail: 'The name, password or token was not accepted.' },
  missing: { code: 'unauthenticated', detail: 'Send a credential: Authorization: Bearer …' },
  unknown: notAccepted,
  inactive: notAccepted,
  revoked: notAccepted,
  expired: { code: 'expired_credential', detail: 'The credential has expired.', error: 'invalid_token' },
  exchange_only: {
    code: 'exchange_only_credential',
    detail: 'This token may only be exchanged for an access token.',
    error: 'invalid_token',
  },
  wrong_organization: { code: 'forbidden', detail: 'The credential belongs to another organization.' },
  wrong_api: { code: 'forbidden', detail: 'The credential is bound to other APIs than this one.' },
  address_not_allowed: { code: 'forbidden', detail: 'The credential may not be used from this address.' },
  wrong_key: {
    code: 'invalid_credential',
    detail:
      'The access token is bound to a key, or the proof is by another: Authorization: DPoP …, with a proof by that key.',
    error: 'invalid_token',
  },
  invalid_proof: {
    code: 'invalid_credential',
    detail: 'The DPoP proof was not accepted.',
    error: 'invalid_dpop_proof',
  },
  nonce_required: {
    code: 'invalid_credential',
    detail: 'The DPoP proof must be made with the nonce in DPoP-Nonce.',
    error: 'use_dpop_nonce',
  },
  missing_permission: {
    code: 'forbidden',
    detail: 'The credential does not hold the permission that this needs.',
    error: 'insufficient_scope',
  },
};

function problem(
  code: ProblemCode,
  detail: string,
  members: Partial<Problem>,
  headers: Answer['headers'],
  { problems }: AnswerLinks,
): Answer {
  const { status, title } = problemTypes[code];
  const body: Problem = { type: problems + code, title, status, detail, ...members };
  return { status, headers: { 'content-type': 'application/problem+json', ...headers }, body };
}

/** `at` is a JSON Pointer (RFC 6901) whose first step is the part of the request. */
function toWire({ at, message }: Fault): { at: string; message: string } {
  const steps = at.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return { at: steps.join(''), message };
}

function holdersToWire({ routes, first, ...counts }: Holders): NonNullable<Problem['holders']> {
  return { ...counts, routes: [...routes], first: [...first] };
}
