// A world in which token, role and entitlement bound what credentials may do: two nodes where the database has room for
// them, every form of credential, every way to ask, and a model that asks each of the three lists by itself.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVerifier, type Verifier } from '../../sdk/src/index.ts';
import { type Caller, systemIn } from '../../server/src/core/caller/caller.ts';
import { principalOf } from '../../server/src/core/caller/principal.ts';
import { assembleAt, type DatabaseKind, newPlace, register } from '../assembled-server.ts';
import { freePort } from '../end-to-end/run.ts';

/** Of the guarded API. */
export const apiPermissions = ['read:orders', 'write:orders', 'read:bills', 'write:bills'] as const;
const own = ['read:user'] as const;
const all = [...apiPermissions, ...own] as const;

export type Patterns = readonly string[];

/** A change to one of the lists, or to who goes by which. */
export type Change =
  | { kind: 'token' | 'role' | 'plan'; at: number; patterns: Patterns }
  | { kind: 'organization'; patterns: Patterns | null }
  | { kind: 'role of'; at: number; role: number }
  | { kind: 'plan of'; plan: number | null };

export interface BoundsWorld {
  make(change: Change): Promise<unknown>;
  /** The ways that say anything else than the model does, with what they say. */
  wrongs(): Promise<string[]>;
  stop(): Promise<void>;
}

/** How many there are of what a change can be about. */
export const sizes = { token: 3, role: 2, plan: 2 } as const;

const start: Patterns = ['*:*'];
/** As from a proxy that is trusted, which forward-auth asks for. */
const proxied = { 'x-forwarded-proto': 'https' };

export async function startBoundsWorld(database: DatabaseKind): Promise<BoundsWorld> {
  const api = createServer((request, response) => request.resume().on('end', () => response.end('{}')));
  await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
  const upstream = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const routes = apiPermissions.map((permission) => ({
    path: `/${permission.replace(':', '/')}`,
    methods: ['GET'],
    permissions: [permission],
    match: 'all' as const,
    dialect: 'native' as const,
    upstream,
  }));
  const place = await newPlace(database);
  const trusted = { KEYWARD_TRUSTED_PROXIES: '127.0.0.1' };
  const open = (environment: NodeJS.ProcessEnv) =>
    assembleAt({ place, environment: { ...trusted, ...environment }, routes });
  const first = await open({});
  const near = { server: first, url: await first.listen() };
  const far = database === 'postgres' ? await another() : near;

  /** A node of the same public address, as if behind one proxy. */
  async function another() {
    const port = await freePort();
    const server = await open({ KEYWARD_PORT: String(port), KEYWARD_URL: near.url });
    await server.listen();
    return { server, url: `http://127.0.0.1:${port}` };
  }

  const { core, store } = near.server;
  await register(near.server, ...apiPermissions);

  const lists = {
    token: Array.from({ length: sizes.token }, () => start),
    role: Array.from({ length: sizes.role }, () => start),
    plan: Array.from({ length: sizes.plan }, () => start),
    organization: null as Patterns | null,
  };
  const roleOf = [0, 1];
  let plan: number | null = 0;

  const rule = { limits: [{ limit: 1_000_000_000, windowMs: 3_600_000, per: 'organization' }] } as const;
  const putPlan = (at: number, entitlement: Patterns) =>
    core.putPlan(systemIn(), { id: `plan-${at}`, name: `Plan ${at}`, ...rule, entitlement });
  for (const at of lists.plan.keys()) await putPlan(at, start);
  const organization = await core.createOrganization(systemIn(), { name: 'bounded', planId: 'plan-0' });
  const system = systemIn(organization);
  const callerOf = async (type: 'api_user' | 'api_token', id: string) => {
    const record = await store.credentials.bySource({ type, id });
    if (record === null) throw new Error(`There is no ${type} ${id}.`);
    return principalOf(record);
  };
  for (const at of lists.role.keys()) await core.createRole(system, { name: `role-${at}`, permissions: start });
  const machines: { id: string; username: string; password: string; caller: Caller }[] = [];
  for (const role of ['role-0', 'role-1']) {
    const { apiUser, password } = await core.createApiUser(system, { name: role, role });
    machines.push({
      id: apiUser.id,
      username: apiUser.username,
      password,
      caller: await callerOf('api_user', apiUser.id),
    });
  }
  const askerRole = { name: 'asker', permissions: ['verify:credential', 'follow:feed', 'manage:own_api_key'] };
  await core.createRole(system, askerRole);
  const asking = await core.createApiUser(system, { name: 'asker', role: 'asker' });
  const asker = await core.createApiToken(await callerOf('api_user', asking.apiUser.id), {
    permissions: ['verify:credential', 'follow:feed'],
  });

  async function exchange(body: object): Promise<string> {
    const headers = { ...proxied, 'content-type': 'application/json' };
    const answer = await fetch(`${near.url}/v1/access-tokens`, { method: 'POST', headers, body: JSON.stringify(body) });
    return ((await answer.json()) as { accessToken: string }).accessToken;
  }

  const credentials: { name: string; text: string; token: number | null; machine: number }[] = [];
  const tokens: string[] = [];
  for (const [at, permissions] of lists.token.entries()) {
    const machine = at % 2;
    const maker = machines[machine];
    if (maker === undefined) throw new Error('Nobody makes it.');
    const { token, secret } = await core.createApiToken(maker.caller, { permissions });
    tokens.push(token.id);
    const form = at < 2 ? 'jwt' : 'sealed';
    credentials.push({ name: `token ${at}`, text: secret, token: at, machine });
    credentials.push({ name: `${form} of it`, text: await exchange({ apiToken: secret, form }), token: at, machine });
  }
  for (const [machine, { username, password }] of machines.entries()) {
    const name = `API user ${machine}`;
    credentials.push({ name, text: await exchange({ username, password }), token: null, machine });
  }
  const credential = { apiToken: asker.secret };
  const verifier = createVerifier({ url: far.url, credential, exchange: 'none', issuer: near.url, timeoutMs: 60_000 });
  await verifier.ready();

  /** Each list is asked by itself, and a pattern of it by its letters. */
  function mayDo({ token, machine }: (typeof credentials)[number], wanted: string): boolean {
    const isOwn = (own as Patterns).includes(wanted);
    const isIn = (list: Patterns) =>
      list.some((one) => one === '*:*' || one === wanted || (!isOwn && isHalf(one, wanted)));
    const entitlement = lists.organization ?? (plan === null ? start : (lists.plan[plan] ?? []));
    const ofToken = token === null ? start : (lists.token[token] ?? []);
    return isIn(ofToken) && isIn(lists.role[roleOf[machine] ?? 0] ?? []) && (isOwn || isIn(entitlement));
  }

  async function wrongs(): Promise<string[]> {
    const wrong: string[] = [];
    for (const credential of credentials) {
      const told = all.map(async (permission) => {
        const right = mayDo(credential, permission);
        for (const [way, said] of await Promise.all(waysOf(credential.text, permission))) {
          if (said !== right) wrong.push(`${credential.name}, ${permission}: ${way} says ${said}, not ${right}`);
        }
      });
      await Promise.all(told);
    }
    return wrong;
  }

  function waysOf(text: string, permission: string): Promise<[way: string, isAllowed: boolean | number]>[] {
    const bearer = { ...proxied, authorization: `Bearer ${text}` };
    const path = `/${permission.replace(':', '/')}`;
    const asked = { 'x-original-method': 'GET', 'x-original-uri': path };
    const isGuarded = (apiPermissions as Patterns).includes(permission);
    const nodes = near === far ? { here: near } : { near, far };
    return Object.entries(nodes).flatMap(([node, { url }]) => [
      ...(isGuarded
        ? [
            statusOf(`gateway, ${node}`, `${url}${path}`, bearer),
            statusOf(`forward-auth, ${node}`, `${url}/forward-auth`, { ...bearer, ...asked }),
          ]
        : []),
      statusOf(`check, ${node}`, `${url}/v1/check?permissions=${permission}&cost=0`, bearer),
      fromVerify(`verify, ${node}`, url, asker.secret, { credential: text, permissions: [permission], cost: 0 }),
      ...(node === 'near' ? [] : [fromVerifier(verifier, text, permission)]),
    ]);
  }

  return {
    wrongs,
    make(change) {
      if (change.kind === 'role of') {
        roleOf[change.at] = change.role;
        return core.updateApiUser(system, machines[change.at]?.id ?? '', { role: `role-${change.role}` });
      }
      if (change.kind === 'plan of') {
        plan = change.plan;
        const planId = plan === null ? null : `plan-${plan}`;
        return core.updateOrganization(systemIn(), organization.id, { planId });
      }
      if (change.kind === 'organization') {
        lists.organization = change.patterns;
        return core.updateOrganization(systemIn(), organization.id, { entitlement: change.patterns });
      }
      const { kind, at, patterns } = change;
      lists[kind][at] = patterns;
      if (kind === 'plan') return putPlan(at, patterns);
      if (kind === 'role') return core.updateRole(system, `role-${at}`, { permissions: patterns });
      return core.updateApiToken(system, { id: tokens[at] ?? '' }, { permissions: patterns });
    },
    async stop() {
      await verifier.close();
      for (const { server } of new Set([near, far])) await server.close();
      api.closeAllConnections();
      api.close();
      place.remove();
    },
  };
}

function isHalf(pattern: string, wanted: string): boolean {
  const [verb, resource] = wanted.split(':');
  return pattern === `${verb}:*` || pattern === `*:${resource}`;
}

async function statusOf(
  way: string,
  url: string,
  headers: Record<string, string>,
): Promise<[string, boolean | number]> {
  const answer = await fetch(url, { headers });
  await answer.arrayBuffer();
  return [way, answer.status === 200 ? true : answer.status === 403 ? false : answer.status];
}

async function fromVerify(way: string, url: string, asker: string, body: object): Promise<[string, boolean | number]> {
  const headers = { ...proxied, authorization: `Bearer ${asker}`, 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/verify`, { method: 'POST', headers, body: JSON.stringify(body) });
  const { allowed, reason } = (await answer.json()) as { allowed?: boolean; reason?: string };
  const isVerdict = allowed === true || reason === 'missing_permission';
  return [way, isVerdict ? allowed === true : answer.status];
}

async function fromVerifier(verifier: Verifier, text: string, permission: string): Promise<[string, boolean | number]> {
  const verdict = await verifier.verify(text, { permissions: [permission], cost: 0 });
  return ['verifier', verdict.allowed ? true : verdict.reason === 'missing_permission' ? false : 401];
}
