// API tokens: long-lived secrets with a name, an owner, permissions and perhaps an end. Made, found, shown and changed
// here; api-token-list.ts lists them, api-token-rotation.ts renews them, api-token-lifecycle.ts ends and revives them.

import { parseAddressRange } from '@keyward/rules/address';
import { covers } from '@keyward/rules/permission';
import {
  type Caller,
  demand,
  demandConfirmed,
  demandEntitled,
  demandGrantable,
  isForUser,
  isSelf,
  managesOwn,
  may,
} from '../caller/caller.ts';
import { demandApis, demandRegistered } from '../caller/catalogue.ts';
import { newLifecycle } from '../caller/lifecycle.ts';
import type { WantedObservation } from '../caller/observation.ts';
import type { Acting, CredentialLookup } from '../caller/ports.ts';
import type { TokenLimit } from '../caller/records.ts';
import { writeAs } from '../caller/write-as.ts';
import { checkedCalls, mostLimits } from '../checked-limit.ts';
import { invalid, KeywardError, notFound } from '../errors.ts';
import {
  checkedExternal,
  type ExternalRecord,
  externalIdTaken,
  journalled,
  journalledNew,
  newExternal,
} from '../external-record.ts';
import { type ReauthenticatingPorts, reauthenticate } from '../identity/reauthenticate.ts';
import { checkedPatterns } from '../identity/role.ts';
import { entryOf } from '../journal/entry.ts';
import type { Journalled } from '../journal/ports.ts';
import { checkedDescription, checkedName } from '../name.ts';
import type { Sealer } from '../sealer.ts';
import { digestOf, generateApiToken, generateNumber, hintsOf, insertNumbered, newId } from '../secret.ts';
import type { Setting } from '../settings.ts';
import { demandHandover, demandManaging, demandOwner, isSame, type Owner, ownerWith } from './api-token-owner.ts';
import {
  demandCountable,
  demandOwnersPrivilege,
  demandPrivilege,
  demandWithin,
  reachesFurther,
  reachOf,
} from './api-token-privilege.ts';
import { givesBack, told, withNarrowing } from './observed/narrowing.ts';
import type { ApiTokenReads, Changing, Reading } from './ports.ts';
import type { ApiToken } from './records.ts';
import { demandPerson, endsByLeak } from './states.ts';
import { demandLifetime, endOfNew } from './token-lifetime.ts';

/** The three ways in which the dialects name a token. */
export type TokenHandle = { id: string } | { name: string } | { number: number };

export interface NewApiToken extends Partial<ExternalRecord> {
  /** Left out, one is generated. */
  name?: string;
  description?: string;
  /** A user or an API user of the organization; the caller's own if left out. */
  owner?: Owner;
  permissions: readonly string[];
  use?: ApiToken['use'];
  /** Milliseconds since the epoch, in the future. */
  expiresAt?: number | null;
  /** Addresses and ranges (`192.0.2.7`, `2001:db8::/32`) that it may be used from; anywhere if empty. */
  addresses?: readonly string[];
  /** The handles of the only APIs that it is to call or verify for; all if null. */
  apis?: readonly string[] | null;
  /** What its calls are held to beside its organization's plan: at most four, each of another window. */
  limits?: readonly TokenLimit[];
  /** Keep it readable by its owner, sealed at rest. */
  readable?: boolean;
}

/**
 * Makes a token that belongs to the caller (or to the one behind the caller's own token), or to the owner that is named, who
 * must hold all that it is given. The secret is answered this once. Needs `create:organization_api_key` or, for a token of
 * one's own, `manage:own_api_key`, every permission granted, to each of which the organization must be entitled, and, for a
 * token that may do everything, a confirmed session. What a token makes, or a bound access token, is bound as itself: it inherits its end, its
 * addresses, its APIs and its limits, which both then spend together, and
 * can only be given nearer ones. Without an end it gets the latest that its organization
 * allows. `conflict` if the name or the external id is taken.
 */
export async function createApiToken(
  ports: Changing<'apiTokens' | 'organizations' | 'permissions' | 'credentials' | 'apis'> & {
    sealer: Pick<Sealer, 'seal'>;
  } & Setting<'tokenPrefix'>,
  caller: Caller,
  wanted: NewApiToken,
): Promise<{ token: ApiToken; secret: string; ownerName: string }> {
  if (!managesOwn(caller)) demand(caller, 'create:organization_api_key');
  const at = ports.clock();
  const id = newId();
  const { tokenPrefix } = ports.settings;
  const secret = generateApiToken(id, tokenPrefix);
  const permissions = checkedPatterns('permissions', wanted.permissions);
  const owner = demandOwner(caller, wanted.owner, permissions);
  demandGrantable(caller, permissions);
  demandEntitled(caller, permissions);
  if (covers(permissions, '*:*')) demandConfirmed(caller, at);
  const own = await reachOf(ports.credentials, caller);
  demandCountable(caller, own);
  const apis = wanted.apis === undefined ? (own?.apis ?? null) : checkedApis(wanted.apis);
  const reach = {
    apis,
    addresses: wanted.addresses === undefined ? (own?.addresses ?? []) : checkedAddresses(wanted.addresses),
    limits: wanted.limits === undefined ? (own?.limits ?? []) : checkedLimits(wanted.limits),
    expiresAt: checkedExpiry(wanted.expiresAt ?? own?.expiresAt ?? null, at),
  };
  demandWithin(own, reach);
  const token: ApiToken = {
    id,
    number: generateNumber(),
    organizationId: caller.organization.id,
    owner,
    name: wanted.name === undefined ? `token-${id}` : checkedName('name', wanted.name),
    description: checkedDescription(wanted.description ?? ''),
    permissions,
    use: wanted.use ?? 'both',
    digest: digestOf(secret),
    ...hintsOf(secret, tokenPrefix),
    sealedSecret: wanted.readable === true ? ports.sealer.seal('readable-token', secret, id) : null,
    ...reach,
    narrowing: null,
    limitedWith: own === null || own.limits.length === 0 ? null : own.limitedWith,
    leakedAt: null,
    leakEndsAt: null,
    ...newExternal(wanted),
    createdAt: at,
    updatedAt: null,
    createdBy: caller.id,
    lifecycle: newLifecycle,
  };
  const { name, use, addresses, limits } = token;
  const detail = {
    name,
    permissions,
    use,
    addresses,
    ...(apis !== null && { apis }),
    ...(limits.length > 0 && { limits }),
    ownerId: token.owner.id,
    readable: token.sealedSecret !== null,
    ...journalledNew(token),
  };
  return writeAs(ports, caller, async (changes) => {
    await demandRegistered(changes.permissions, 'permissions', permissions, { caller });
    await demandApis(changes.apis, ['body', 'apis'], apis ?? []);
    const isTaken = async () => (await takenIn(changes.apiTokens, token)) !== null;
    const ownerName = await nameOfOwner(changes.credentials, caller, token);
    const expiresAt = await endOfNew(changes, token);
    const kept = await insertNumbered({ ...token, expiresAt }, changes.apiTokens.insert, isTaken);
    if (kept === null) throw (await takenIn(changes.apiTokens, token)) ?? nameTaken(name);
    changes.journal(entryOf(caller, at, 'api_token.created', subjectOf(id), { ...detail, expiresAt }));
    return { token: kept, secret, ownerName };
  });
}

/**
 * One's own, or anyone's with `read:organization_api_key`, or `update:…` where it is looked at to be changed. A foreign or
 * unknown one is `not_found`.
 */
export async function readApiToken(
  ports: Reading<'apiTokens'>,
  caller: Caller,
  handle: TokenHandle,
  verb: 'read' | 'update' = 'read',
): Promise<ApiToken> {
  return locate(ports.store.apiTokens, caller, handle, verb);
}

export interface ApiTokenChange extends Partial<ExternalRecord> {
  /** Another user or API user of the organization, to whom it is handed. */
  owner?: Owner;
  name?: string;
  description?: string;
  permissions?: readonly string[];
  addresses?: readonly string[];
  /** Null for all. */
  apis?: readonly string[] | null;
  /** All of them, as of a new one. */
  limits?: readonly TokenLimit[];
  use?: ApiToken['use'];
  /** Milliseconds since the epoch, in the future; null takes the end away. */
  expiresAt?: number | null;
  /** Permissions, addresses and APIs are only observed until then; null ends an observation. */
  observe?: WantedObservation;
}

/**
 * Renames, describes, narrows, moves the end. A permission that the token does not hold yet must be held by the caller;
 * so must all that it holds where it is to last longer, to be good from elsewhere or for more APIs, or to keep what is observed to
 * go, as if it were made anew. The end of one that leaked only a person puts off.
 * Access tokens end at once that would outlive a nearer end, that could no longer be exchanged for, or that were made before
 * it was handed to another owner, which takes `update:organization_api_key` and all that it gives, of both.
 */
export async function updateApiToken(
  ports: Changing<'apiTokens' | 'credentials' | 'organizations' | 'permissions' | 'apis'>,
  caller: Caller,
  handle: TokenHandle,
  change: ApiTokenChange,
): Promise<ApiToken> {
  const at = ports.clock();
  const wanted = {
    ...(change.name !== undefined && { name: checkedName('name', change.name) }),
    ...(change.description !== undefined && { description: checkedDescription(change.description) }),
    ...(change.addresses !== undefined && { addresses: checkedAddresses(change.addresses) }),
    ...(change.limits !== undefined && { limits: checkedLimits(change.limits) }),
    ...(change.permissions !== undefined && { permissions: checkedPatterns('permissions', change.permissions) }),
    ...(change.apis !== undefined && { apis: checkedApis(change.apis) }),
    ...(change.use !== undefined && { use: change.use }),
    ...(change.owner !== undefined && { owner: change.owner }),
    ...(change.expiresAt !== undefined && { expiresAt: checkedExpiry(change.expiresAt, at) }),
  };
  const external = checkedExternal(change);
  return writeAs(ports, caller, async (changes) => {
    const token = await locate(changes.apiTokens, caller, handle, 'update');
    const next = withNarrowing(token, wanted, change.observe, at);
    const added = next.permissions?.filter((one) => !covers(token.permissions, one)) ?? [];
    demandGrantable(caller, added);
    demandEntitled(caller, added);
    const known = { kept: token.permissions, caller };
    await demandRegistered(changes.permissions, 'permissions', wanted.permissions ?? [], known);
    await demandApis(changes.apis, ['body', 'apis'], wanted.apis ?? [], token.apis ?? []);
    if (covers(added, '*:*')) demandConfirmed(caller, at);
    if (!isSame(token.owner, caller.owner) || isForUser(caller)) demandManaging(caller, added);
    if (added.length > 0) await demandOwnersPrivilege(changes.credentials, caller, token, next.permissions ?? []);
    const isHanded = next.owner !== undefined && !isSame(next.owner, token.owner);
    // Whoever had it knows the secret: the new owner need not learn it.
    const changed = { ...token, ...next, ...external, ...(isHanded && { sealedSecret: null }) };
    // What is handed over with it would last as long as the token, and be good from wherever that is.
    if (added.length > 0) demandWithin(await reachOf(changes.credentials, caller), changed);
    if (next.expiresAt !== undefined) await demandLifetime(changes, token, next.expiresAt);
    if (reachesFurther(changed, token) || givesBack(changed, token)) {
      await demandPrivilege(changes.credentials, caller, changed);
    }
    if (endsByLeak(token) && endsLater(changed, token)) demandPerson(caller);
    if (isHanded) await demandHandover(changes.credentials, caller, changed);
    const endsAccess = isHanded || endsSooner(token, next) || (next.use === 'direct' && token.use !== 'direct');
    const update = { ...next, ...external, ...(isHanded && { sealedSecret: null }), updatedAt: at, endsAccess };
    if (!(await changes.apiTokens.update(token.organizationId, token.id, update))) {
      throw (await takenIn(changes.apiTokens, changed)) ?? nameTaken(changed.name);
    }
    const detail = { ...told(next, token), ...journalled(external), ...(isHanded && { previousOwner: token.owner }) };
    changes.journal(entryOf(caller, at, 'api_token.changed', subjectOf(token.id), detail));
    return { ...changed, updatedAt: at };
  });
}

/** Shows a readable token again, to the user who owns it and gives the password once more. Journalled. */
export async function revealApiToken(
  ports: Reading<'apiTokens'> & Acting<Journalled> & ReauthenticatingPorts & { sealer: Pick<Sealer, 'open'> },
  caller: Caller,
  handle: TokenHandle,
  password: string,
): Promise<{ secret: string }> {
  const token = await locate(ports.store.apiTokens, caller, handle, 'read');
  if (!isSelf(caller) || token.owner.id !== caller.id) {
    throw new KeywardError('forbidden', 'Only the user who owns a token may read it again.');
  }
  if (token.sealedSecret === null) {
    throw new KeywardError('conflict', 'This token was not kept readable. Create a new one if its secret is lost.');
  }
  await reauthenticate(ports, caller, password, 'password');
  const secret = ports.sealer.open('readable-token', token.sealedSecret, token.id);
  if (secret === null) {
    throw new KeywardError('conflict', 'This token was sealed under a key that this server no longer has.');
  }
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    changes.journal(entryOf(caller, at, 'api_token.revealed', subjectOf(token.id)));
  });
  return { secret };
}

/**
 * Finds a token that the caller may `verb`; anything else is `not_found`. So is a deleted one, unless it is named by id to be
 * deleted: whoever lost the answer may ask again.
 */
export async function locate(
  reads: ApiTokenReads,
  caller: Caller,
  handle: TokenHandle,
  verb: 'read' | 'update' | 'delete',
): Promise<ApiToken> {
  const all = may(caller, `${verb}:organization_api_key`);
  if (!all && !managesOwn(caller)) demand(caller, `${verb}:organization_api_key`);
  const token = await find(reads, caller.organization.id, handle);
  if (token === null || !(all || token.owner.id === caller.owner.id)) throw notFound('API token');
  const mayBeDeleted = verb === 'delete' && 'id' in handle;
  if (token.lifecycle.deletedAt !== null && !mayBeDeleted) throw notFound('API token');
  return token;
}

/** Which of what is unique is another token's already, if any of it is. */
export async function takenIn(
  reads: Pick<ApiTokenReads, 'findByName' | 'findByExternalId'>,
  { id, organizationId, name, externalId }: ApiToken,
): Promise<KeywardError | null> {
  const other = externalId === null ? null : await reads.findByExternalId(organizationId, externalId);
  if (externalId !== null && other !== null && other.id !== id) return externalIdTaken('an API token', externalId);
  const namesake = await reads.findByName(organizationId, name);
  return namesake === null || namesake.id === id ? null : nameTaken(name);
}

/** What the owner of a new token is called. Throws unless it may have the token, made by this caller. */
export async function nameOfOwner(
  credentials: CredentialLookup,
  caller: Caller,
  token: Pick<ApiToken, 'owner' | 'permissions'>,
): Promise<string> {
  const { owner, permissions } = token;
  if (isSame(owner, caller.owner)) return caller.owner.name;
  const record = await ownerWith(credentials, caller, owner, permissions);
  await demandOwnersPrivilege(credentials, caller, token, permissions);
  return record.owner.name;
}

function nameTaken(name: string): KeywardError {
  return new KeywardError('conflict', `There is an API token named ${JSON.stringify(name)} already.`);
}

export function subjectOf(id: string) {
  return { type: 'api_token', id };
}

function find(reads: ApiTokenReads, organizationId: string, handle: TokenHandle): Promise<ApiToken | null> {
  if ('id' in handle) return reads.find(organizationId, handle.id);
  if ('name' in handle) return reads.findByName(organizationId, checkedName('name', handle.name));
  return reads.findByNumber(organizationId, handle.number);
}

export function checkedAddresses(addresses: readonly string[]): string[] {
  const ranges = addresses.map(parseAddressRange);
  const at = ranges.indexOf(null);
  if (at >= 0)
    throw invalid(['body', 'addresses', at], 'Use an address or a range, such as 192.0.2.7 or 2001:db8::/32.');
  if (addresses.length > 100) throw invalid('addresses', 'A token has at most 100 addresses and ranges.');
  return [...new Set(ranges.map((range) => range?.text ?? ''))];
}

export function checkedApis(apis: readonly string[] | null): readonly string[] | null {
  if (apis === null) return null;
  if (apis.length > 0 && apis.length <= mostApis) return [...new Set(apis)];
  throw invalid('apis', `Name from 1 to ${mostApis} APIs by their handles, or say null for all.`);
}

const mostApis = 100;

export function checkedLimits(wanted: readonly TokenLimit[]): TokenLimit[] {
  if (wanted.length > mostLimits) throw invalid('limits', `A token has at most ${mostLimits} limits.`);
  const limits = wanted.map((limit, index) => checkedCalls(['body', 'limits', index], limit));
  const again = limits.findIndex(
    ({ windowMs }, index) => limits.findIndex((one) => one.windowMs === windowMs) !== index,
  );
  if (again < 0) return limits;
  const message = `Another limit of this token counts in ${limits[again]?.windowMs} ms too. Keep the smaller one.`;
  throw invalid(['body', 'limits', again], message);
}

export function checkedExpiry(expiresAt: number | null, now: number): number | null {
  if (expiresAt === null) return null;
  if (!Number.isSafeInteger(expiresAt) || expiresAt > latestTime) {
    throw invalid('expiresAt', 'This is not a time before the year 10000.');
  }
  if (expiresAt <= now) throw invalid('expiresAt', 'This time has passed already.');
  return expiresAt;
}

function endsSooner({ expiresAt }: ApiToken, next: Pick<ApiTokenChange, 'expiresAt'>): boolean {
  return next.expiresAt != null && next.expiresAt < (expiresAt ?? Number.POSITIVE_INFINITY);
}

function endsLater({ expiresAt }: ApiToken, before: ApiToken): boolean {
  return (expiresAt ?? Number.POSITIVE_INFINITY) > (before.expiresAt ?? Number.POSITIVE_INFINITY);
}

const latestTime = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
