// What is only observed, since when, until when, and who would have been refused. Of the last 30 days also what has come to
// count or was taken back meanwhile. It counts nothing.

import { isObserved } from '@keyward/rules/observed/observation';
import { actingPermission, type Caller, demand, may } from '../../caller/caller.ts';
import type { Clocked } from '../../clock.ts';
import type { Setting } from '../../settings.ts';
import type { CountedRefusal, ObservedThing, Reading } from '../ports.ts';
import type { Observed } from './recorder.ts';

export interface NamedRefusal extends CountedRefusal {
  sourceName: string | null;
  organizationName: string | null;
}

export interface Observation extends Observed {
  subjectName: string | null;
  /** Whose token it is; null for the caller's own organization, and for what is of none. */
  organization: { id: string; name: string | null } | null;
  state: 'observed' | 'counting' | 'cancelled';
  /** Null where it stands in the settings, or is known by its refusals alone. */
  since: number | null;
  change: ObservedThing['change'] | null;
  calls: number;
  /** The latest first. */
  refusals: NamedRefusal[];
}

/**
 * In one's own organization, of its tokens; for who may see the customers, of the whole server, with routes, plans and
 * entitlements. Needs `read:usage`.
 */
export async function listObservations(
  ports: Reading<'observations' | 'names'> & Clocked & Setting<'guarded'>,
  caller: Caller,
): Promise<Observation[]> {
  demand(caller, 'read:usage');
  const now = ports.clock();
  const isWide = caller.organization.isOperator && may(caller, actingPermission);
  const place = isWide ? null : caller.organization.id;
  const [things, counted] = await Promise.all([
    ports.store.observations.things(place, mostThings),
    ports.store.observations.refusals({ organizationId: place, since: now - toldMs }, mostRefusals),
  ]);
  const visible = (subject: Observed['subject']) => isWide || subject.type === 'api_token';
  const all = new Map<string, Observation>();
  for (const one of [...things.flatMap(observationsOf), ...routesOf(ports.settings)]) {
    if (visible(one.subject)) all.set(keyOf(one), { ...one, state: stateOf(one, now) });
  }
  for (const refusal of await named(
    ports,
    counted.filter(({ subject }) => visible(subject)),
  )) {
    const key = keyOf(refusal);
    const known = all.get(key) ?? gone(refusal, now);
    known.calls += refusal.calls;
    if (known.refusals.length < mostTold) known.refusals.push(refusal);
    all.set(key, known);
  }
  const sorted = [...all.values()].sort((one, other) => one.until - other.until);
  return withOrganizations(ports, sorted, caller.organization.id);
}

const toldMs = 30 * 24 * 3_600_000;
const mostThings = 1000;
const mostRefusals = 5000;
const mostTold = 50;

function keyOf({ subject, bound, until }: Observed): string {
  return JSON.stringify([subject.type, subject.id, bound, until]);
}

/** A plan may be observed for two reasons. */
function observationsOf({ subject, name, organizationId, since, until, change }: ObservedThing): Observation[] {
  const organization = placeOf(subject, organizationId);
  const shared = { subject, subjectName: name, organization, since, until, state: 'observed', calls: 0 } as const;
  if (subject.type === 'api_token') return [{ ...shared, bound: 'narrowing', change, refusals: [] }];
  const { entitlement, limits } = change;
  return [
    ...(entitlement === undefined
      ? []
      : [{ ...shared, bound: 'entitlement' as const, change: { entitlement }, refusals: [] }]),
    ...(limits === undefined ? [] : [{ ...shared, bound: 'limits' as const, change: { limits }, refusals: [] }]),
  ];
}

function routesOf({ guarded }: Setting<'guarded'>['settings']): Observation[] {
  return guarded.flatMap(({ path, permissions, observedUntil: until }) =>
    until === undefined
      ? []
      : [
          {
            subject: { type: 'route' as const, id: path },
            subjectName: null,
            organization: null,
            bound: 'permissions' as const,
            state: 'observed' as const,
            since: null,
            until,
            change: { permissions },
            calls: 0,
            refusals: [],
          },
        ],
  );
}

function stateOf({ until }: Observed, now: number): Observation['state'] {
  return isObserved(until, now) ? 'observed' : 'counting';
}

/** What is known by its refusals alone. */
function gone({ subject, bound, until, organizationId }: NamedRefusal, now: number): Observation {
  const state = until <= now ? 'counting' : 'cancelled';
  const unknown = { subjectName: null, since: null, change: null };
  const organization = placeOf(subject, organizationId);
  return { subject, bound, until, ...unknown, organization, state, calls: 0, refusals: [] };
}

function placeOf({ type }: Observed['subject'], id: string | null): Observation['organization'] {
  return type === 'api_token' && id !== null ? { id, name: null } : null;
}

async function withOrganizations(
  ports: Reading<'names'>,
  observations: readonly Observation[],
  own: string,
): Promise<Observation[]> {
  const ids = new Set(observations.flatMap(({ organization }) => organization?.id ?? []));
  ids.delete(own);
  const names = ids.size === 0 ? new Map<string, string>() : await ports.store.names.ofOrganizations([...ids]);
  return observations.map(({ organization, ...one }) => {
    const isElsewhere = organization !== null && organization.id !== own;
    return { ...one, organization: isElsewhere ? { ...organization, name: names.get(organization.id) ?? null } : null };
  });
}

async function named(ports: Reading<'names'>, refusals: readonly CountedRefusal[]): Promise<NamedRefusal[]> {
  const places = [...new Set(refusals.map(({ organizationId }) => organizationId))];
  const organizations = await ports.store.names.ofOrganizations(places);
  const all = await Promise.all(
    places.map(async (place) => {
      const sources = refusals.filter(({ organizationId }) => organizationId === place).map(({ source }) => source);
      return [place, await ports.store.names.of(place, sources)] as const;
    }),
  );
  const names = new Map(all);
  return refusals.map((refusal) => ({
    ...refusal,
    sourceName: names.get(refusal.organizationId)?.get(`${refusal.source.type}:${refusal.source.id}`) ?? null,
    organizationName: organizations.get(refusal.organizationId) ?? null,
  }));
}
