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
  return [...all.values()].sort((one, other) => one.until - other.until);
}

const toldMs = 30 * 24 * 3_600_000;
const mostThings = 1000;
const mostRefusals = 5000;
const mostTold = 50;

function keyOf({ subject, bound, until }: Observed): string {
  return JSON.stringify([subject.type, subject.id, bound, until]);
}

/** A plan may be observed for two reasons. */
function observationsOf({ subject, name, since, until, change }: ObservedThing): Observation[] {
  const shared = { subject, subjectName: name, since, until, state: 'observed', calls: 0 } as const;
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
function gone({ subject, bound, until }: NamedRefusal, now: number): Observation {
  const state = until <= now ? 'counting' : 'cancelled';
  return { subject, bound, until, subjectName: null, state, since: null, change: null, calls: 0, refusals: [] };
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
