// Whose is this? For people who found a secret, or what a list shows of one: who it belongs to, and what a call with it would
// be answered now. It spends nothing, counts no use, and remembers nothing of what it was shown.

import type { Caller } from '../caller/caller.ts';
import type { CredentialLookup } from '../caller/ports.ts';
import { principalOf } from '../caller/principal.ts';
import type { CredentialRecord } from '../caller/records.ts';
import { type CredentialState, ownState, stateOf } from '../caller/state.ts';
import { whichSecret } from '../credentials/presented-secret.ts';
import { wasEndedByLeak } from '../credentials/states.ts';
import { maySee, seesAll } from '../credentials/visible.ts';
import type { Reason } from '../errors.ts';
import { idsFrom, looksLikeApiToken, startOf } from '../secret.ts';
import { tokenWith } from '../tokens/proof.ts';
import { read } from '../tokens/read.ts';
import { readBudget } from './budget.ts';
import type { InspectingPorts } from './find-credential.ts';
import type { PlanCache } from './plan-cache.ts';
import type { LimitStore, Reading } from './ports.ts';
import { type Inspection, inspect, inspectToken } from './verify.ts';

/** A secret, or how a list shows an API token to begin and to end. */
export type Clue = { secret: string } | { start: string; lastFour: string };

export interface LookedUp {
  record: CredentialRecord;
  state: CredentialState;
  /** Which secret of an API token it is, or that it is an access token made from the credential. */
  form: 'current' | 'previous' | 'access_token';
  allowed: boolean;
  /** Why a call would be refused; null if it would not be. */
  reason: Reason | null;
}

export type LookupPorts = InspectingPorts &
  Reading<'apiTokens' | 'organizations'> & {
    store: { credentials: CredentialLookup };
    plans: Pick<PlanCache, 'find'>;
    limits: Pick<LimitStore, 'look'>;
  };

/**
 * The credentials that a clue is of, as far as the caller may see them: any with `act:organization` in the operator's
 * organization, else one's own organization's; both with the permission to read credentials of that kind, or being its
 * owner. What the caller may not see is as good as not there, and answered the same. `address`: where a call comes from.
 */
export async function lookUp(
  ports: LookupPorts,
  caller: Caller,
  clue: Clue,
  address: string | undefined,
): Promise<LookedUp[]> {
  const requirement = address === undefined ? {} : { address };
  const found = 'secret' in clue ? await bySecret(ports, clue.secret) : await byStart(ports, caller, clue);
  const visible = found.filter(({ record }) => maySee(caller, record));
  return Promise.all(
    visible.map(async ({ record, digest, text }) => {
      const seen =
        text === null ? inspectToken(ports, record, digest, requirement) : await inspect(ports, text, requirement);
      const own = ownState(record.lifecycle, record.expiresAt, ports.clock());
      const isPrevious = record.token !== null && whichSecret(record.token, digest, ports.clock()) === 'previous';
      const form = text !== null ? 'access_token' : isPrevious ? 'previous' : 'current';
      const state = await withReason(ports, record, stateOf(own, record));
      return { record, state, form, ...(await answerTo(ports, record, seen, address)) } as const;
    }),
  );
}

/** Whether an API token ended because it leaked is no part of a record, which every check reads. */
async function withReason(
  { store }: LookupPorts,
  { source, organization }: CredentialRecord,
  state: CredentialState,
): Promise<CredentialState> {
  if (source.type !== 'api_token' || state.reason !== 'deactivated') return state;
  const token = await store.apiTokens.find(organization.id, source.id);
  return token !== null && wasEndedByLeak(token) ? { ...state, reason: 'leaked' } : state;
}

interface Candidate {
  record: CredentialRecord;
  /** Of the API token's secret; empty for an access token. */
  digest: string;
  /** The access token. */
  text: string | null;
}

async function bySecret(ports: LookupPorts, secret: string): Promise<Candidate[]> {
  const { credentials } = ports.store;
  const asToken = await tokenWith(ports, secret);
  if (asToken.record !== null) return [{ record: asToken.record, digest: asToken.digest, text: null }];
  if (looksLikeApiToken(secret)) return [];
  const token = read(ports, secret);
  if (typeof token === 'string') return [];
  const record = await credentials.bySource(token.source);
  return record === null ? [] : [{ record, digest: '', text: secret }];
}

async function byStart(
  ports: LookupPorts,
  caller: Caller,
  { start, lastFour }: { start: string; lastFour: string },
): Promise<Candidate[]> {
  const range = idsFrom(start);
  if (range === null) return [];
  const all = await ports.store.apiTokens.between(seesAll(caller) ? null : caller.organization.id, range);
  const alike = all.filter((token) => startOf(token) === start && token.lastFour === lastFour);
  const found = alike.map(async ({ id, digest }) => {
    const record = await ports.store.credentials.bySource({ type: 'api_token', id });
    return record === null ? [] : [{ record, digest, text: null }];
  });
  return (await Promise.all(found)).flat();
}

async function answerTo(
  ports: LookupPorts,
  record: CredentialRecord,
  seen: Inspection,
  address: string | undefined,
): Promise<Pick<LookedUp, 'allowed' | 'reason'>> {
  if (!seen.allowed) return { allowed: false, reason: seen.reason };
  const budget = await readBudget(ports, principalOf(record), address ?? '');
  const isSpent = budget !== null && !budget.admitted;
  return { allowed: !isSpent, reason: isSpent ? 'rate_limited' : null };
}
