// What the matrix of verdicts stands on: a whole Keyward that believes a proxy, three organizations, and in each state
// one credential of every form. It brings credentials into their states, and says nothing of what they are then worth.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Caller, systemIn } from '../../server/src/core/caller/caller.ts';
import { principalOf } from '../../server/src/core/caller/principal.ts';
import type { GuardedRoute } from '../../server/src/http/gateway/guarded-route.ts';
import { assembleAt, newPlace } from '../assembled-server.ts';
import { testClock } from '../server.ts';

/** Besides the default API there is this one. */
export const otherApi = 'other';

/** Where calls come from, as the proxy tells it. */
export const clientAddress = '198.51.100.7';

const tokenForms = ['api token', 'direct api token', 'exchange-only api token'] as const;
const derivedForms = ['oauth jwt', 'debricked jwt', 'parsers jwt', 'sealed'] as const;
/** A RebelCore token; it comes from an API user, not from an API token. */
const machineForm = 'sealed by authorize';

/** What can happen to an API token or to its owner. */
export const tokenStates = [
  'fresh',
  'deactivated',
  'activated again',
  'deleted',
  'restored',
  'owner deactivated',
  'owner activated again',
  'owner deleted',
  'role narrowed',
  'narrowed',
  'narrowing observed',
  'observed narrowing over',
  'expired',
  'bound to another address',
  'bound to this address',
  'bound to another API',
  'bound to this API',
  'organization deactivated',
  'entitlement narrowed',
  'plan narrowed',
  'entitlement widened again',
  'entitlement observed',
  'observed entitlement over',
  'budget spent',
  'one of several budgets spent',
  'own budget spent',
] as const;

/** What can happen to an API user whose token is presented. */
export const machineStates = [
  'fresh',
  'deactivated',
  'activated again',
  'cut off',
  'deleted',
  'restored',
  'role narrowed',
  'organization deactivated',
  'entitlement narrowed',
  'plan narrowed',
  'entitlement widened again',
  'entitlement observed',
  'observed entitlement over',
  'budget spent',
  'one of several budgets spent',
  'expired',
] as const;

export type State = (typeof tokenStates)[number] | (typeof machineStates)[number];
/** All of them, `expired` last: a day passes with it, in which every other credential may end. */
export const states = [...new Set<State>([...tokenStates, ...machineStates])].sort(
  (one, other) => Number(one === 'expired') - Number(other === 'expired'),
);
export type Form = (typeof tokenForms)[number] | (typeof derivedForms)[number] | typeof machineForm;
export const forms = { token: tokenForms, derived: derivedForms, machine: machineForm } as const;

/** One organization, and who asks in its name. */
export interface Tenant {
  /** An API token that holds `verify:credential` and `follow:feed`. */
  asker: string;
}

export interface VerdictFixture {
  url: string;
  clock: () => number;
  /** Where a state is found: most of them in one organization. */
  tenantOf(state: State): Tenant;
  tenants: readonly Tenant[];
  /** Of the operator's organization, and of one that nothing happens to. */
  provider: Tenant;
  stranger: Tenant;
  credential(form: Form, state: State): string;
  /** An API token that ends after the change to a state: who refuses it has heard of the whole change. */
  marker(state: State): string;
  /** Brings the credentials of a state into it; until then they are good. A day passes with `expired`. */
  change(state: State): Promise<void>;
  stop(): Promise<void>;
}

const dayMs = 24 * 3_600_000;
const held = ['read:funds', 'write:*'];
const role = [...held, 'manage:own_api_key', 'access:api'];

/** With routes to an API that answers whatever it is asked. Every credential is still good. */
export async function startVerdictFixture(routes: readonly GuardedRoute[]): Promise<VerdictFixture> {
  const api = createServer((request, response) => request.resume().on('end', () => response.end('{}')));
  await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
  const upstream = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const place = await newPlace();
  const environment = { KEYWARD_TRUSTED_PROXIES: '127.0.0.1' };
  const time = testClock();
  const guarded = routes.map((route) => ({ ...route, upstream }));
  const server = await assembleAt({ place, environment, routes: guarded, clock: time.now });
  const { core, store } = server;
  const url = await server.listen();

  async function machineIn(system: Caller, name: string, permissions: readonly string[]) {
    await core.createRole(system, { name, description: name, permissions });
    const { apiUser, password } = await core.createApiUser(system, { name, role: name });
    const record = await store.credentials.bySource({ type: 'api_user', id: apiUser.id });
    if (record === null) throw new Error('There is no such API user.');
    return { id: apiUser.id, username: apiUser.username, password, role: name, caller: principalOf(record) };
  }

  async function tenant(name: string, planId: string, isOperator = false) {
    const organization = await core.createOrganization(systemIn(), { name, planId, contributors: 10_000, isOperator });
    const system = systemIn(organization);
    const asking = ['verify:credential', 'follow:feed'];
    const { caller } = await machineIn(system, 'asker', [...asking, 'manage:own_api_key']);
    const asker = await core.createApiToken(caller, { permissions: asking });
    return { asker: asker.secret, caller, system };
  }

  const provider = await tenant('provider', 'enterprise', true);
  const stranger = await tenant('stranger', 'enterprise');
  await core.createApi(systemIn(), { handle: otherApi, name: 'Other' });
  const open = await tenant('open', 'enterprise');
  const closing = await tenant('closing', 'enterprise');
  const spending = await tenant('spending', 'per-minute');
  const [hour, many] = [3_600_000, 1_000_000];
  await core.putPlan(systemIn(), {
    id: 'several',
    name: 'Several limits',
    limits: [
      { limit: many, windowMs: hour, per: 'api_token' },
      { limit: many, windowMs: 24 * hour, per: 'contributor' },
      { limit: 50, windowMs: hour, per: 'organization' },
      { limit: many, windowMs: hour, per: 'address' },
    ],
  });
  const several = await tenant('several', 'several');
  const rule = { name: 'Bounded', limits: [{ limit: 1_000_000, windowMs: 3_600_000, per: 'organization' }] } as const;
  const putPlan = (...entitlement: string[]) => core.putPlan(systemIn(), { id: 'bounded', ...rule, entitlement });
  await putPlan('*:*');
  const bounded = await tenant('bounded', 'enterprise');
  const onPlan = await tenant('on-plan', 'bounded');
  const widened = await tenant('widened', 'enterprise');
  const observed = await tenant('observed', 'enterprise');
  const observedOver = await tenant('observed-over', 'enterprise');
  const places: Partial<Record<State, typeof open>> = {
    'organization deactivated': closing,
    'budget spent': spending,
    'one of several budgets spent': several,
    'entitlement narrowed': bounded,
    'plan narrowed': onPlan,
    'entitlement widened again': widened,
    'entitlement observed': observed,
    'observed entitlement over': observedOver,
  };
  const tenantOf = (state: State) => places[state] ?? open;
  const entitle = ({ caller }: typeof open, entitlement: readonly string[] | null) =>
    core.updateOrganization(systemIn(), caller.organization.id, { entitlement });
  const observe = (ms: number) => ({ observe: { until: time.now() + ms } });
  const observeEntitlement = ({ caller }: typeof open, ms: number) =>
    core.updateOrganization(systemIn(), caller.organization.id, { entitlement: ['write:*'], ...observe(ms) });
  /** What becomes of a whole organization. */
  const wide: Partial<Record<State, () => Promise<unknown>>> = {
    'entitlement narrowed': () => entitle(bounded, ['write:*']),
    'plan narrowed': () => putPlan('write:*'),
    'entitlement observed': () => observeEntitlement(observed, 29 * dayMs),
    'observed entitlement over': async () => {
      await observeEntitlement(observedOver, 60_000);
      time.advance(60_000);
    },
    'entitlement widened again': async () => {
      await entitle(widened, []);
      await entitle(widened, null);
    },
  };

  async function ask(path: string, body: unknown, headers: Record<string, string> = {}): Promise<string> {
    const told = { 'x-forwarded-proto': 'https', 'x-forwarded-for': clientAddress, ...headers };
    const json = body === null ? {} : { 'content-type': 'application/json' };
    const init = {
      method: 'POST',
      headers: { ...told, ...json },
      ...(body !== null && { body: JSON.stringify(body) }),
    };
    const answer = (await (await fetch(`${url}${path}`, init)).json()) as Record<string, string>;
    const token = answer.accessToken ?? answer.token;
    if (token === undefined) throw new Error(`${path} issued nothing: ${JSON.stringify(answer)}`);
    return token;
  }

  const credentials = new Map<string, string>();
  const changes: { state: State; act: () => unknown }[] = [];

  async function fillTokens(state: (typeof tokenStates)[number]): Promise<void> {
    const { system } = tenantOf(state);
    const owner = await machineIn(system, `${state.replaceAll(' ', '-').toLowerCase()}-owner`, role);
    const shared = { permissions: held, expiresAt: state === 'expired' ? time.now() + 3_600_000 : null };
    const make = (use: 'both' | 'direct' | 'exchange') => core.createApiToken(owner.caller, { ...shared, use });
    const [both, direct, exchange] = [await make('both'), await make('direct'), await make('exchange')];
    const basic = `Basic ${Buffer.from(`${both.secret}:`).toString('base64')}`;
    const made: Record<Exclude<Form, typeof machineForm>, string> = {
      'api token': both.secret,
      'direct api token': direct.secret,
      'exchange-only api token': exchange.secret,
      'oauth jwt': await ask('/v1/access-tokens', { apiToken: both.secret }),
      'debricked jwt': await ask('/api/login_refresh', { refresh_token: exchange.secret }),
      'parsers jwt': await ask('/v2/auth/token', null, { authorization: basic }),
      sealed: await ask('/v1/access-tokens', { apiToken: both.secret, form: 'sealed' }),
    };
    for (const [form, text] of Object.entries(made)) credentials.set(`${form}, ${state}`, text);

    const each = async (act: (handle: { id: string }) => Promise<unknown>) => {
      for (const { token } of [both, direct, exchange]) await act({ id: token.id });
    };
    const narrow = (handle: { id: string }, ms: number) =>
      core.updateApiToken(system, handle, { permissions: ['read:funds'], ...observe(ms) });
    const bind = (address: string) => each((handle) => core.updateApiToken(system, handle, { addresses: [address] }));
    const bindTo = (api: string) => each((handle) => core.updateApiToken(system, handle, { apis: [api] }));
    const acts: Partial<Record<State, () => Promise<unknown>>> = {
      deactivated: () => each((handle) => core.deactivateApiToken(system, handle)),
      'activated again': async () => {
        await each((handle) => core.deactivateApiToken(system, handle));
        await each((handle) => core.activateApiToken(system, handle));
      },
      deleted: () => each((handle) => core.deleteApiToken(system, handle)),
      restored: async () => {
        await each((handle) => core.deleteApiToken(system, handle));
        await each(({ id }) => core.restoreApiToken(system, id));
      },
      'owner deactivated': () => core.deactivateApiUser(system, owner.id),
      'owner activated again': () =>
        core.deactivateApiUser(system, owner.id).then(() => core.activateApiUser(system, owner.id)),
      'owner deleted': () => core.deleteApiUser(system, owner.id),
      'role narrowed': () => narrowRole(system, owner.role),
      narrowed: () => each((handle) => core.updateApiToken(system, handle, { permissions: ['read:funds'] })),
      'narrowing observed': () => each((handle) => narrow(handle, 29 * dayMs)),
      'observed narrowing over': async () => {
        await each((handle) => narrow(handle, 60_000));
        time.advance(60_000);
      },
      'own budget spent': async () => {
        await each((handle) => core.updateApiToken(system, handle, { limits: [{ limit: 1, windowMs: hour }] }));
        for (const text of [both.secret, direct.secret, made['debricked jwt']]) {
          if (!(await core.verify(text)).allowed) throw new Error('A token had no budget of its own.');
        }
      },
      'bound to another address': () => bind('192.0.2.0/24'),
      'bound to this address': () => bind('198.51.100.0/24'),
      'bound to another API': () => bindTo(otherApi),
      'bound to this API': () => bindTo('default'),
    };
    changes.push({ state, act: () => acts[state]?.() });
  }

  async function fillMachine(state: (typeof machineStates)[number]): Promise<void> {
    const { system } = tenantOf(state);
    const {
      id,
      username,
      password,
      role: name,
    } = await machineIn(system, `${state.replaceAll(' ', '-').toLowerCase()}-machine`, held);
    credentials.set(`${machineForm}, ${state}`, await ask('/api/v1/authorize', { username, password }));
    const acts: Partial<Record<State, () => Promise<unknown>>> = {
      deactivated: () => core.deactivateApiUser(system, id),
      'activated again': () => core.deactivateApiUser(system, id).then(() => core.activateApiUser(system, id)),
      'cut off': () => core.deactivateApiUser(system, id, { cutOff: true }),
      deleted: () => core.deleteApiUser(system, id),
      restored: () => core.deleteApiUser(system, id).then(() => core.restoreApiUser(system, id)),
      'role narrowed': () => narrowRole(system, name),
    };
    changes.push({ state, act: () => acts[state]?.() });
  }

  /** The holder loses `read:funds`. */
  const narrowRole = (system: Caller, name: string) =>
    core.updateRole(system, name, { permissions: role.filter((one) => one !== 'read:funds') });

  const markers = new Map<State, { token: { id: string }; secret: string }>();
  for (const state of tokenStates) await fillTokens(state);
  for (const state of machineStates) await fillMachine(state);
  for (const state of states) {
    markers.set(state, await core.createApiToken(tenantOf(state).caller, { permissions: [] }));
  }
  return {
    url,
    clock: time.now,
    tenantOf,
    provider,
    stranger,
    tenants: [open, closing, spending, several, bounded, onPlan, widened, observed, observedOver],
    credential(form, state) {
      const text = credentials.get(`${form}, ${state}`);
      if (text === undefined) throw new Error(`There is no ${form} that is ${state}.`);
      return text;
    },
    marker: (state) => markers.get(state)?.secret ?? '',
    async change(state) {
      for (const change of changes) if (change.state === state) await change.act();
      await wide[state]?.();
      if (state === 'expired') time.advance(dayMs + 1000);
      if (state === 'organization deactivated')
        await core.deactivateOrganization(systemIn(), closing.caller.organization.id);
      else await core.deactivateApiToken(tenantOf(state).system, { id: markers.get(state)?.token.id ?? '' });
    },
    async stop() {
      await server.close();
      api.closeAllConnections();
      api.close();
      place.remove();
    },
  };
}
