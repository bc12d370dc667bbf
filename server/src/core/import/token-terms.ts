// What imported tokens may do, how long and from where: asked once of all rows that say the same, and with the same demands as
// of a token that is made here (credentials/api-token.ts).

import { covers } from '@keyward/rules/permission';
import { type Caller, demand, demandConfirmed, demandEntitled, demandGrantable, managesOwn } from '../caller/caller.ts';
import { demandApis, demandRegistered } from '../caller/catalogue.ts';
import { newLifecycle } from '../caller/lifecycle.ts';
import {
  checkedAddresses,
  checkedApis,
  checkedExpiry,
  checkedLimits,
  type NewApiToken,
  nameOfOwner,
} from '../credentials/api-token.ts';
import { demandOwner } from '../credentials/api-token-owner.ts';
import { demandWithin, type OwnReach } from '../credentials/api-token-privilege.ts';
import type { ApiToken } from '../credentials/records.ts';
import { endOfNew } from '../credentials/token-lifetime.ts';
import { KeywardError } from '../errors.ts';
import { checkedPatterns } from '../identity/role.ts';
import type { Changes } from './ports.ts';

export type TokenTerms = Pick<
  NewApiToken,
  'owner' | 'permissions' | 'use' | 'expiresAt' | 'addresses' | 'apis' | 'limits'
>;

/** What all tokens of the same terms have in common. */
export type Granted = Omit<
  ApiToken,
  'id' | 'number' | 'name' | 'description' | 'digest' | 'prefix' | 'lastFour' | 'externalId' | 'metadata'
>;

/** Answers the same terms once: what they come to, or why they are refused. */
export interface TermsChecks {
  /** Of a row; nothing is asked of the database yet. */
  checked(terms: TokenTerms): Granted | KeywardError;
  /** Within the change. */
  granted(changes: TermsChanges, terms: TokenTerms): Promise<Granted | KeywardError>;
}

export type TermsChanges = Changes<'permissions' | 'apis' | 'credentials' | 'organizations'>;

/** `own`: the reach of the token that the caller came with. */
export function createTermsChecks(caller: Caller, own: OwnReach | null, at: number): TermsChecks {
  const known = new Map<string, Granted | KeywardError>();
  const asked = new Map<string, Promise<Granted | KeywardError>>();
  let last: { terms: TokenTerms; name: string } | null = null;
  const nameOf = (terms: TokenTerms) => {
    if (last?.terms !== terms) last = { terms, name: JSON.stringify(terms) };
    return last.name;
  };
  const checked = (terms: TokenTerms): Granted | KeywardError => {
    const name = nameOf(terms);
    const before = known.get(name);
    if (before !== undefined) return before;
    const fresh = orError(() => grant(caller, own, at, terms));
    known.set(name, fresh);
    return fresh;
  };
  return {
    checked,
    granted(changes, terms) {
      const name = nameOf(terms);
      const before = asked.get(name);
      if (before !== undefined) return before;
      const granted = checked(terms);
      const fresh = granted instanceof KeywardError ? Promise.resolve(granted) : ask(changes, caller, granted);
      asked.set(name, fresh);
      return fresh;
    },
  };
}

function grant(caller: Caller, own: OwnReach | null, at: number, terms: TokenTerms): Granted {
  if (!managesOwn(caller)) demand(caller, 'create:organization_api_key');
  const permissions = checkedPatterns('permissions', terms.permissions);
  const owner = demandOwner(caller, terms.owner, permissions);
  demandGrantable(caller, permissions);
  demandEntitled(caller, permissions);
  if (covers(permissions, '*:*')) demandConfirmed(caller, at);
  const reach = {
    apis: terms.apis === undefined ? (own?.apis ?? null) : checkedApis(terms.apis),
    addresses: terms.addresses === undefined ? (own?.addresses ?? []) : checkedAddresses(terms.addresses),
    limits: terms.limits === undefined ? (own?.limits ?? []) : checkedLimits(terms.limits),
    expiresAt: checkedExpiry(terms.expiresAt ?? own?.expiresAt ?? null, at),
  };
  demandWithin(own, reach);
  return {
    organizationId: caller.organization.id,
    owner,
    permissions,
    use: terms.use ?? 'both',
    sealedSecret: null,
    ...reach,
    limitedWith: own === null || own.limits.length === 0 ? null : own.limitedWith,
    leakedAt: null,
    leakEndsAt: null,
    narrowing: null,
    createdAt: at,
    updatedAt: null,
    createdBy: caller.id,
    lifecycle: newLifecycle,
  };
}

async function ask(changes: TermsChanges, caller: Caller, granted: Granted): Promise<Granted | KeywardError> {
  const { permissions, apis } = granted;
  try {
    await demandRegistered(changes.permissions, 'permissions', permissions, { caller });
    await demandApis(changes.apis, ['body', 'apis'], apis ?? []);
    await nameOfOwner(changes.credentials, caller, granted);
    return { ...granted, expiresAt: await endOfNew(changes, granted) };
  } catch (error) {
    return errorFrom(error);
  }
}

function orError<T>(make: () => T): T | KeywardError {
  try {
    return make();
  } catch (error) {
    return errorFrom(error);
  }
}

/** What is no refusal ends the whole batch. */
function errorFrom(error: unknown): KeywardError {
  if (error instanceof KeywardError && error.code !== 'unavailable' && error.code !== 'confirmation_required')
    return error;
  throw error;
}
