// Least privilege: what a credential really used in the last 30 days, and the narrower permissions, APIs and addresses that
// this comes to. A proposal is only made of what was watched long enough, and only ever narrows. It changes nothing.

import { contains, parseAddressRange } from '@keyward/rules/address';
import type { Narrowing } from '@keyward/rules/observed/observation';
import { covering, covers, simplify } from '@keyward/rules/permission';
import type { Caller } from '../../caller/caller.ts';
import { rolePermissions } from '../../caller/principal.ts';
import type { ApiCache } from '../../catalogue/api-cache.ts';
import type { Clocked } from '../../clock.ts';
import { readApiToken, type TokenHandle } from '../../credentials/api-token.ts';
import type { ApiToken } from '../../credentials/records.ts';
import { readApiUser } from '../../identity/api-user.ts';
import { listRoles } from '../../identity/role.ts';
import type { Reading } from '../ports.ts';
import { type CredentialUse, dayMs } from './recorder.ts';

/** What was used for less long says nothing of what is needed. */
const shortestDays = 7;
/** What was used before is not needed any more. */
const watchedDays = 30;
/** Where a token came from more places than these, they are no list that anybody would keep. */
const mostAddresses = 16;

export interface Advice {
  /** Since when its use is known, at most 30 days; milliseconds since the epoch. Null where nothing is watched yet. */
  observedSince: number | null;
  usedPermissions: readonly string[];
  /** What it holds and did not need: permissions, or patterns of which nothing was used. */
  unusedPermissions: readonly string[];
  usedApis: readonly string[];
  /** Addresses; ranges where there were too many; `many` where there were too many of these. */
  usedAddresses: readonly string[];
  /** Exactly what a change of it would say; null for nothing. */
  proposal: Proposal | null;
  why: string;
}

export interface Proposal {
  permissions?: readonly string[];
  addresses?: readonly string[];
  apis?: readonly string[];
  /** Of an API user. */
  role?: string;
}

export type AdvisingPorts = Reading<'apiTokens' | 'uses'> & Clocked & { apis: Pick<ApiCache, 'handles'> };

/** One's own, or anyone's with `read:organization_api_key`. */
export async function adviseOnApiToken(ports: AdvisingPorts, caller: Caller, handle: TokenHandle): Promise<Advice> {
  const token = await readApiToken(ports, caller, handle);
  const watch = await watchFrom(ports);
  const uses = await ports.store.uses.of(token.organizationId, [token.id], watch.firstDay);
  return adviceOn(token, uses, watch);
}

/** What it and the API tokens that it owns used, and the narrowest role that would do. Needs `read:api_user`. */
export async function adviseOnApiUser(
  ports: AdvisingPorts & Reading<'apiUsers' | 'roles'>,
  caller: Caller,
  id: string,
): Promise<Advice> {
  const apiUser = await readApiUser(ports, caller, id);
  const { organizationId, role } = apiUser;
  const roles = await listRoles(ports, caller).catch(() => []);
  const page = { limit: 200, sort: 'createdAt', descending: true } as const;
  const { items } = await ports.store.apiTokens.list(organizationId, page, { ownerId: id });
  const watch = await watchFrom(ports);
  const uses = await ports.store.uses.of(organizationId, [id, ...items.map((token) => token.id)], watch.firstDay);
  const own = roles.find(({ name }) => name === role)?.permissions ?? null;
  const held = rolePermissions(role, own);
  const reach = { permissions: held, addresses: [], apis: null, createdAt: apiUser.createdAt };
  const { proposal: _, ...advice } = adviceOn(reach, uses, watch);
  if (advice.usedPermissions.length === 0 || !isLongEnough(advice, watch.now)) return { ...advice, proposal: null };
  // What its tokens are given must be in the role too, and a role for everything is none that narrows.
  const needed = simplify([...advice.usedPermissions, ...items.flatMap(narrowTokens)]);
  const fits = roles.filter(({ permissions }) => needed.every(covering(permissions)) && isNarrower(permissions, held));
  const [best] = fits.sort((one, other) => one.permissions.length - other.permissions.length);
  return best === undefined
    ? { ...advice, proposal: null, why: `No narrower role holds what it used. Make one with: ${needed.join(', ')}.` }
    : { ...advice, proposal: { role: best.name }, why: `The role ${best.name} holds all that it used, and less.` };
}

export interface Watch {
  now: number;
  /** The first day that counts, since the epoch. */
  firstDay: number;
  /** When watching began; null if it has not. */
  beganAt: number | null;
  isOneApi: boolean;
}

export async function watchFrom(ports: Pick<AdvisingPorts, 'clock' | 'apis'> & Reading<'uses'>): Promise<Watch> {
  const now = ports.clock();
  const began = await ports.store.uses.began();
  return {
    now,
    firstDay: Math.floor(now / dayMs) - watchedDays,
    beganAt: began === null ? null : began * dayMs,
    isOneApi: [...ports.apis.handles()].length < 2,
  };
}

type Watched = Pick<ApiToken, 'permissions' | 'addresses' | 'apis' | 'createdAt'> &
  Partial<Pick<ApiToken, 'narrowing'>>;

export function adviceOn(thing: Watched, uses: readonly CredentialUse[], watch: Watch): Advice {
  const of = (kind: CredentialUse['kind']) => [
    ...new Set(uses.filter((use) => use.kind === kind).map(({ value }) => value)),
  ];
  const [permissions, apis, addresses] = [of('permission'), of('api'), of('address')];
  const used = permissions.filter((one) => covers(thing.permissions, one)).sort();
  const { now, beganAt } = watch;
  const observedSince = beganAt === null ? null : Math.max(beganAt, thing.createdAt, now - watchedDays * dayMs);
  const advice = {
    observedSince,
    usedPermissions: used,
    unusedPermissions: thing.permissions.filter((held) => !used.some((one) => covers([held], one))),
    usedApis: apis.sort(),
    usedAddresses: addresses.sort(),
  };
  if (!isLongEnough(advice, now)) {
    const why = `Its use is known for less than ${shortestDays} days, which is too short to propose anything.`;
    return { ...advice, proposal: null, why };
  }
  if (uses.length === 0) {
    return { ...advice, proposal: null, why: 'It was not used. Deactivate it, and delete it if nobody misses it.' };
  }
  const { narrowing = null } = thing;
  if (narrowing !== null && isWithin({ permissions: used, apis, addresses }, narrowing)) {
    // Said anew it would begin anew, and never count.
    const why = `It is narrowed already: that is observed until ${new Date(narrowing.until).toISOString()}, and then counts.`;
    return { ...advice, proposal: null, why };
  }
  const proposal = {
    ...(isNarrower(used, thing.permissions) && { permissions: used }),
    ...narrowerApis(thing, apis, used, watch),
    ...narrowerAddresses(thing, addresses),
  };
  return Object.keys(proposal).length === 0
    ? { ...advice, proposal: null, why: 'It uses all that it has.' }
    : { ...advice, proposal, why: whyOf(thing, advice, proposal) };
}

function isLongEnough({ observedSince }: Pick<Advice, 'observedSince'>, now: number): boolean {
  return observedSince !== null && now - observedSince >= shortestDays * dayMs;
}

/** True if nothing that was used is refused once the narrowing counts. */
function isWithin(used: Required<Narrowing>, { permissions, apis, addresses }: Narrowing): boolean {
  const ranges = (addresses ?? []).map(parseAddressRange).filter((range) => range !== null);
  return (
    (permissions === undefined || used.permissions.every(covering(permissions))) &&
    (apis == null || (used.apis ?? []).every((one) => apis.includes(one))) &&
    (ranges.length === 0 || used.addresses.every((one) => contains(ranges, one)))
  );
}

/** True if `next` is held and does not hold all of `held`. */
function isNarrower(next: readonly string[], held: readonly string[]): boolean {
  return next.every(covering(held)) && !held.every(covering(next));
}

/** A token that asks about others is asked about their APIs, which is not what it calls. */
function narrowerApis({ apis }: Watched, used: readonly string[], permissions: readonly string[], watch: Watch) {
  const isAsking = permissions.includes('verify:credential');
  if (used.length === 0 || isAsking || watch.isOneApi) return {};
  const isLess = apis === null || apis.some((one) => !used.includes(one));
  return isLess && used.every((one) => apis === null || apis.includes(one)) ? { apis: used } : {};
}

function narrowerAddresses({ addresses }: Watched, used: readonly string[]) {
  const ranges = used.map(parseAddressRange).filter((range) => range !== null);
  if (ranges.length === 0 || ranges.length < used.length || ranges.length > mostAddresses) return {};
  const isSame = addresses.length > 0 && addresses.every((one) => contains(ranges, one));
  return isSame ? {} : { addresses: ranges.map(({ text }) => text).sort() };
}

function narrowTokens({ permissions, lifecycle }: ApiToken): readonly string[] {
  return lifecycle.deletedAt === null ? permissions.filter((one) => one !== '*:*') : [];
}

function whyOf({ permissions }: Watched, { usedPermissions }: Pick<Advice, 'usedPermissions'>, proposal: Proposal) {
  const parts = [
    ...(proposal.permissions === undefined
      ? []
      : [`It holds ${permissions.join(', ')} and used ${usedPermissions.join(', ') || 'none of it'}.`]),
    ...(proposal.apis === undefined ? [] : [`It called ${proposal.apis.join(', ')} alone.`]),
    ...(proposal.addresses === undefined ? [] : [`It came from ${proposal.addresses.length} addresses alone.`]),
  ];
  return parts.join(' ');
}
