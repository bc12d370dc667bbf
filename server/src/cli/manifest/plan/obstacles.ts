// What the API does not let anybody do, or not this caller, so that it is said before anything is done; and what a run keeps
// its hands off, because it stands on it. Whatever is not known here the server refuses by itself.

import type { Wanted } from '../model/manifest.ts';
import type { Found } from '../state/found.ts';
import type { State } from '../state/read-state.ts';

/** Why this field (null: the whole object, which is new) does not become so; null if nothing stands in the way. */
export function obstacleTo(
  wanted: Wanted,
  found: Found | null,
  state: State,
  field: string | null,
  after: unknown,
): string | null {
  if (found === null) return obstacleToNew(wanted, state);
  if (found.kind === 'application' && found.fixed !== null)
    return `${found.fixed}: only whether it is active can be said`;
  const stays = staying[`${found.kind}.${field}`];
  if (stays !== undefined) return stays;
  if (field === 'active' && after === false && isUsed(found, state))
    return 'is what this run itself uses: it stays active';
  if (found.kind === 'organization' && field === 'active' && after === false && found.isOperator) {
    return 'operates the server: it stays active';
  }
  const isOwners = found.kind === 'user' && (found.fields.role === 'owner' || (field === 'role' && after === 'owner'));
  return isOwners && isActing(wanted, state) ? onlyOwners : null;
}

/** Why nothing of the kind can be made; null if it can. */
function obstacleToNew(wanted: Wanted, state: State): string | null {
  const { kind, fields, organization } = wanted;
  if (kind === 'organization' && wanted.isOperator) return 'operates the server, and cannot be made';
  if (kind !== 'token') return null;
  const { owner } = fields as { owner?: { user?: string; apiUser?: string } };
  if (owner === undefined) {
    return isActing(wanted, state) || isMachine(state) ? 'needs an owner: say whose it is to be' : null;
  }
  if (owner.user === undefined || !isActing(wanted, state)) return null;
  const person = state.found.find(
    (one) => one.kind === 'user' && one.organization === organization && one.name === owner.user,
  );
  return person?.fields.role === 'owner' ? onlyOwners : null;
}

/** Why this is not removed although no file names it; null if it is. */
export function removalObstacle(found: Found, state: State): string | null {
  if (found.fixed !== null) return found.fixed;
  if (isUsed(found, state)) return 'this run itself uses it';
  if (found.kind === 'user' && found.fields.role === 'owner' && isActing(found, state))
    return 'only owners remove an owner';
  return null;
}

/** The caller, whose it is, its role and its organization. */
function isUsed(found: Found, { self, selfOwnerId, found: all, isOwn }: State): boolean {
  if (found.id === self.id || found.id === selfOwnerId) return true;
  if (found.kind === 'organization') return isOwn(found.id);
  if (found.kind !== 'role' || !isOwnOrganization(found, { found: all, isOwn })) return false;
  const holder = all.find(({ id }) => id === self.id || id === selfOwnerId);
  return holder?.fields.role === found.name;
}

/** Whether the caller is of another organization than this is of, or is to be of. */
function isActing(thing: Pick<Found, 'organization'>, state: Pick<State, 'found' | 'isOwn'>): boolean {
  return thing.organization !== null && !isOwnOrganization(thing, state);
}

function isOwnOrganization(
  { organization }: Pick<Found, 'organization'>,
  { found, isOwn }: Pick<State, 'found' | 'isOwn'>,
) {
  return found.some((one) => one.kind === 'organization' && one.organization === organization && isOwn(one.id));
}

function isMachine({ self }: State): boolean {
  return (self.type as string) === 'system';
}

const onlyOwners = "is an owner's: only an owner of that organization can do this";

/** By kind and field what is chosen once. */
const staying: Readonly<Record<string, string>> = {
  'token.readable': 'is kept readable or not from the start: make another one under a new name',
  'application.type': 'keeps the type that it was registered with: register another one under a new name',
  'federatedCredential.issuer': 'keeps its issuer: make another one under a new name',
  'permission.api': 'is of another API on the server: take it away there first',
};
