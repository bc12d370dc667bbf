// What a refusal went by, made of what the check had at hand. Nothing of what was presented is kept, but how an API token
// begins that has the form of one: as lists show it.

import { isDividedAsApiToken, looksLikeApiToken } from '@keyward/rules/api-token-form';
import type { CredentialRecord } from '../../caller/records.ts';
import type { Refusal } from '../../caller/refusal.ts';
import { ownState, stateOf } from '../../caller/state.ts';
import type { Grounds, GroundsOf } from './kept-call.ts';
import type { RefusedVerdict, SeenCall } from './recorder.ts';

/** A refusal, and what was known when it was made. */
export interface Refused {
  record: CredentialRecord | null;
  credential: string | null;
  call: SeenCall;
  /** What is kept of a text that stands in a request. */
  keep(text: string): string;
  verdict: RefusedVerdict;
  now: number;
}

export function groundsOf(refused: Refused): Grounds {
  const { reason } = refused.verdict;
  return { reason, ...making[reason](refused) } as Grounds;
}

const making: { readonly [R in keyof GroundsOf]: (refused: Refused) => GroundsOf[R] } = {
  missing: () => nothing,
  unknown: ({ credential }) => formOf(credential ?? ''),
  inactive: (refused) => ({ state: stateIn(refused) }),
  revoked: (refused) => ({ state: stateIn(refused) }),
  expired: ({ record, now }) => ({
    expiredAt: record === null || record.expiresAt === null || record.expiresAt > now ? null : record.expiresAt,
  }),
  exchange_only: () => nothing,
  wrong_api: ({ call, verdict }) => ({ api: call.api ?? 'default', apis: principalIn(verdict)?.apis ?? null }),
  missing_permission: ({ call, verdict, keep }) => {
    const principal = principalIn(verdict);
    return {
      required: (call.permissions ?? []).map(keep),
      match: call.match ?? 'all',
      lacking: ('lacking' in verdict ? (verdict.lacking ?? []) : []).map((one) => ({
        ...one,
        permission: keep(one.permission),
      })),
      held: principal?.permissions ?? [],
      role: principal?.owner.role ?? '',
    };
  },
  wrong_organization: () => nothing,
  address_not_allowed: ({ record, call, keep }) => ({
    address: call.address === undefined ? null : keep(call.address),
    addresses: record?.token?.addresses ?? [],
  }),
  wrong_key: () => nothing,
  invalid_proof: ({ verdict }) => ({ fault: ('proofFault' in verdict && verdict.proofFault) || null }),
  nonce_required: () => nothing,
  rate_limited: ({ verdict }) => {
    if (!('budget' in verdict) || verdict.budget === undefined)
      return { plan: '', name: '', limit: 0, windowMs: 0, retryAfterMs: 0 };
    const { plan, name, limit, windowMs, retryAfterMs } = verdict.budget;
    return { plan, name, limit, windowMs, retryAfterMs };
  },
};

const nothing = Object.freeze({});

function formOf(credential: string): GroundsOf['unknown'] {
  if (looksLikeApiToken(credential)) {
    const [prefix = '', id = ''] = credential.split('_');
    return { form: 'api_token', start: `${prefix}_${id.slice(0, 8)}` };
  }
  if (isDividedAsApiToken(credential)) return { form: 'api_token', start: null };
  return { form: /^(?:ey|AT1)[\w.-]+$/.test(credential) ? 'access_token' : 'other', start: null };
}

/** What stands in its way: itself, its owner or its organization. Null where it stands, and an access token of it does not. */
function stateIn({ record, now }: Refused): GroundsOf['inactive']['state'] {
  if (record === null) return null;
  return stateOf(ownState(record.lifecycle, record.expiresAt, now), record).reason;
}

function principalIn(verdict: Refused['verdict']): Refusal['principal'] {
  return 'principal' in verdict ? verdict.principal : undefined;
}
