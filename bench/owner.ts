// What is asked of a server before it is measured, as the demo's owner and over HTTP like everybody else: a budget that no
// load can spend, credentials for those who guard, access tokens.

import type { Demo } from './keyward.ts';

export interface Owner {
  accessToken: string;
  /** Rejects with what was said, if the answer is no 2xx. */
  ask<T>(method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, body?: unknown): Promise<T>;
}

const hourMs = 3_600_000;

export async function signIn(url: string, { owner }: Demo): Promise<Owner> {
  const { email, password } = owner;
  const { accessToken } = await ask<{ accessToken: string }>(`${url}/v1/login`, 'POST', { email, password });
  return { accessToken, ask: (method, path, body) => ask(url + path, method, body, accessToken) };
}

export interface Limit {
  limit: number;
  windowMs: number;
  per: 'organization' | 'contributor' | 'api_token' | 'address';
}

/** Gives the demo's organization a plan of `limit` calls an hour, a billion unless said otherwise, under a name of its own. */
export function setLimit(owner: Owner, limit = 1_000_000_000, planId = benchPlan): Promise<void> {
  return setLimits(owner, [{ limit, windowMs: hourMs, per: 'organization' }], planId);
}

/** The plan that has not been said otherwise. */
export const benchPlan = 'bench';

export async function setLimits(owner: Owner, limits: readonly Limit[], planId = benchPlan): Promise<void> {
  const plan = { name: 'The bench', limits, whenUnavailable: 'local', entitlement: ['*:*'] };
  await owner.ask('PUT', `/v1/plans/${planId}`, plan);
  const { items } = await owner.ask<{ items: { id: string; name: string }[] }>('GET', '/v1/organizations');
  const demo = items.find(({ name }) => name === 'demo');
  if (demo === undefined) throw new Error('There is no organization "demo".');
  await owner.ask('PATCH', `/v1/organizations/${demo.id}`, { planId });
}

/** An API token for who guards an API: it may ask for verdicts, follow the feed and lease. */
export async function guardToken(owner: Owner): Promise<string> {
  const name = `guard-${Math.random().toString(36).slice(2)}`;
  const permissions = ['verify:credential', 'follow:feed'];
  return (await owner.ask<{ secret: string }>('POST', '/v1/tokens', { name, permissions })).secret;
}

/** `count` JWTs, signed RS256, each made from an API token of an admin's. */
export function jwtsRs256(url: string, { debricked }: Demo, count: number): Promise<string[]> {
  const body = { refresh_token: debricked.accessToken };
  return many(count, async () => (await ask<{ token: string }>(`${url}/api/login_refresh`, 'POST', body)).token);
}

/** The same, signed ES256. */
export function jwtsEs256(url: string, { parsers }: Demo, count: number): Promise<string[]> {
  const body = { apiToken: parsers.apiKey };
  const one = async () => (await ask<{ accessToken: string }>(`${url}/v1/access-tokens`, 'POST', body)).accessToken;
  return many(count, one);
}

const atOnce = 32;

async function many(count: number, make: () => Promise<string>): Promise<string[]> {
  const made: string[] = [];
  let started = 0;
  const makeSome = async () => {
    while (started < count) {
      started += 1;
      made.push(await make());
    }
  };
  await Promise.all(Array.from({ length: atOnce }, makeSome));
  return made;
}

async function ask<T>(url: string, method: string, body?: unknown, accessToken?: string): Promise<T> {
  const answer = await fetch(url, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${new URL(url).pathname} was answered ${answer.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
