// One verdict, however it is asked for: every form of credential, in every state, under every rule, through the gateway,
// forward-auth, Keyward's own answers and the SDK's verifier, of its own organization and of the provider's. What is right is
// told by the table here, by none of them.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createVerifier, KeywardError, type Verifier } from '../../sdk/src/index.ts';
import type { GuardedRoute } from '../../server/src/http/gateway/guarded-route.ts';
import {
  clientAddress,
  type Form,
  forms,
  machineStates,
  otherApi,
  type State,
  startVerdictFixture,
  states,
  type Tenant,
  tokenStates,
  type VerdictFixture,
} from './fixture.ts';

/** Or the status of an answer that is no verdict at all. */
type Verdict = 'allowed' | number;

interface Rule {
  name: string;
  permissions: readonly string[];
  match: 'all' | 'any';
  /** Unless it is the default one. */
  api?: string;
}

const rules: readonly Rule[] = [
  { name: 'none', permissions: [], match: 'all' },
  { name: 'held', permissions: ['read:funds'], match: 'all' },
  { name: 'lacking', permissions: ['delete:funds'], match: 'all' },
  { name: 'wildcard', permissions: ['write:orders'], match: 'all' },
  { name: 'both', permissions: ['read:funds', 'write:orders'], match: 'all' },
  { name: 'half', permissions: ['read:funds', 'delete:funds'], match: 'all' },
  { name: 'any', permissions: ['delete:funds', 'read:funds'], match: 'any' },
  { name: 'elsewhere', permissions: ['read:funds'], match: 'all', api: otherApi },
  { name: 'any-lacking', permissions: ['delete:funds', 'write_all:orders'], match: 'any' },
];

/** Which of the rules a credential meets that holds all it was given: `read:funds` and `write:*`. */
const metInFull = ['none', 'held', 'wildcard', 'both', 'any', 'elsewhere'];
/** With `write:*` alone, with `read:funds` alone, and with all of it on one of the APIs alone. */
const metWithout: Partial<Record<State, readonly string[]>> = {
  'role narrowed': ['none', 'wildcard'],
  'entitlement narrowed': ['none', 'wildcard'],
  'plan narrowed': ['none', 'wildcard'],
  narrowed: ['none', 'held', 'any', 'elsewhere'],
  'observed narrowing over': ['none', 'held', 'any', 'elsewhere'],
  'observed entitlement over': ['none', 'wildcard'],
  'bound to another API': ['elsewhere'],
  'bound to this API': ['none', 'held', 'wildcard', 'both', 'any'],
};

/** API tokens of these states are no longer any. */
const ended: readonly State[] = [
  'deactivated',
  'deleted',
  'owner deactivated',
  'owner deleted',
  'expired',
  'organization deactivated',
];
/** Access tokens from before stay dead where their source works again. */
const derivedEnded: readonly State[] = [...ended, 'activated again', 'restored', 'owner activated again'];
/** RebelCore's tokens outlive the deactivation of their API user, unless it is cut off. */
const machineEnded: readonly State[] = ['cut off', 'deleted', 'restored', 'expired', 'organization deactivated'];

/** Whatever else has room. */
const spent: readonly State[] = ['budget spent', 'one of several budgets spent', 'own budget spent'];

function expected(form: Form, state: State, rule: Rule): Verdict {
  if (form === 'exchange-only api token') return 401;
  const isDerived = (forms.derived as readonly string[]).includes(form);
  if ((form === forms.machine ? machineEnded : isDerived ? derivedEnded : ended).includes(state)) return 401;
  if (state === 'bound to another address') return 403;
  if (!(metWithout[state] ?? metInFull).includes(rule.name)) return 403;
  return spent.includes(state) ? 429 : 'allowed';
}

const carriers: Record<string, (text: string) => { headers: Record<string, string>; query: string }> = {
  bearer: (text) => ({ headers: { authorization: `Bearer ${text}` }, query: '' }),
  apiToken: (text) => ({ headers: { authorization: `apiToken ${text}` }, query: '' }),
  query: (text) => ({ headers: {}, query: `apiToken=${encodeURIComponent(text)}` }),
};
const noCarrier: typeof carriers = { nothing: () => ({ headers: {}, query: '' }) };

const routes: readonly GuardedRoute[] = rules.map(({ name, permissions, match, api }) => ({
  path: `/guarded/${name}`,
  methods: ['GET'],
  permissions,
  match,
  ...(api !== undefined && { api }),
  dialect: 'native',
}));

let fixture: VerdictFixture;
/** Has known every credential while it was good. */
const warm = new Map<Tenant, Verifier>();
/** Has known none. */
const cold = new Map<Tenant, Verifier>();

beforeAll(async () => {
  fixture = await startVerdictFixture(routes);
  for (const tenant of [...fixture.tenants, fixture.provider]) {
    warm.set(tenant, await verifierOf(tenant));
    cold.set(tenant, await verifierOf(tenant));
  }
});

afterAll(async () => {
  await Promise.all([...warm.values(), ...cold.values()].map((verifier) => verifier.close()));
  await fixture.stop();
});

describe('one verdict through every way: what is no credential', () => {
  const spoilt: Record<string, (good: (form: Form) => string) => string> = {
    nothing: () => '',
    noise: () => 'x'.repeat(62),
    'an API token with a typo': (good) => withoutLast(good('api token')),
    'an API token that nobody made': () => 'kw_0000000000000000000000_000000000000000000000000000000000000',
    'a JWT with another signature': (good) => withFlip(good('oauth jwt')),
    'a JWT without a signature': (good) => good('debricked jwt').replace(/[^.]+$/, ''),
    'a sealed token that was changed': (good) => withFlip(good('sealed')),
    'two credentials in one': (good) => `${good('api token')}.${good('oauth jwt')}`,
  };
  test.each(Object.entries(spoilt))('%s', async (_name, make) => {
    const text = make((form) => fixture.credential(form, 'fresh'));
    const told = rules.map((rule) => compare(text, fixture.tenantOf('fresh'), rule, 401));
    expect((await Promise.all(told)).flat().join('\n')).toBe('');
  });
});

describe.each(states)('one verdict through every way: %s', (state) => {
  beforeAll(() => bringInto(state));
  test.each(formsIn(state))('%s', async (form) => {
    const text = fixture.credential(form, state);
    const told = rules.map((rule) => compare(text, fixture.tenantOf(state), rule, expected(form, state, rule)));
    expect((await Promise.all(told)).flat().join('\n')).toBe('');
  });
});

function formsIn(state: State): Form[] {
  return [
    ...((tokenStates as readonly State[]).includes(state) ? [...forms.token, ...forms.derived] : []),
    ...((machineStates as readonly State[]).includes(state) ? [forms.machine] : []),
  ];
}

/** The ways that say anything else than `right`, with what they say. */
async function compare(text: string, tenant: Tenant, rule: Rule, right: Verdict): Promise<string[]> {
  const { name, permissions, match, api } = rule;
  const on = api === undefined ? {} : { api };
  const said: [way: string, verdict: Promise<Verdict>, right?: Verdict][] = [];
  for (const [carrier, carry] of Object.entries(text === '' ? noCarrier : carriers)) {
    const { headers, query } = carry(text);
    const target = `/guarded/${name}?${query}`;
    const check = new URLSearchParams({ permissions: permissions.join(','), match, ...on });
    const asked = { 'x-original-method': 'GET', 'x-original-uri': target };
    said.push([`gateway, ${carrier}`, statusOf(target, headers)]);
    said.push([`forward-auth, ${carrier}`, statusOf('/forward-auth', { ...headers, ...asked })]);
    said.push([`check, ${carrier}`, statusOf(`/v1/check?${check}&${query}`, headers)]);
  }
  const call = { permissions, match, ...on, address: clientAddress };
  said.push(['verify', fromVerify(tenant, { credential: text, ...call })]);
  said.push(['warm verifier', fromVerifier(warm.get(tenant), text, call)]);
  said.push(['cold verifier', fromVerifier(cold.get(tenant), text, call)]);
  const { provider, stranger } = fixture;
  const body = { credential: text, ...call };
  said.push(['verify, asked by the provider', fromVerify(provider, body)]);
  said.push(['warm verifier of the provider', fromVerifier(warm.get(provider), text, call)]);
  said.push(['cold verifier of the provider', fromVerifier(cold.get(provider), text, call)]);
  // Of a good credential it is only said that it is another's.
  const elsewhere = right === 401 ? 401 : 403;
  const another = { ...call, organization: 'stranger' };
  said.push(['verify, for another organization', fromVerify(provider, { ...body, ...another }), elsewhere]);
  said.push(['verifier, for another organization', fromVerifier(warm.get(provider), text, another), elsewhere]);
  said.push(['verify, asked by a stranger', fromVerify(stranger, body), 401]);
  const verdicts = await Promise.all(
    said.map(async ([way, verdict, own = right]) => ({ way, verdict: await verdict, own })),
  );
  return verdicts.flatMap(({ way, verdict, own }) =>
    verdict === own ? [] : [`${name}: ${way}: ${verdict}, not ${own}`],
  );
}

async function statusOf(target: string, headers: Record<string, string>): Promise<Verdict> {
  const told = { 'x-forwarded-proto': 'https', 'x-forwarded-for': clientAddress };
  const response = await fetch(`${fixture.url}${target}`, { headers: { ...told, ...headers } });
  await response.arrayBuffer();
  return verdictOf(response.status);
}

/** Who asks for an organization that was deactivated is of it, and is refused like everyone of it. */
async function fromVerify(tenant: Tenant, body: object): Promise<Verdict> {
  const told = { 'x-forwarded-proto': 'https', 'content-type': 'application/json' };
  const headers = { ...told, authorization: `Bearer ${tenant.asker}` };
  const response = await fetch(`${fixture.url}/v1/verify`, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = (await response.json()) as { allowed: boolean; reason?: string };
  return response.status === 200 ? classOf(answer) : verdictOf(response.status);
}

async function fromVerifier(
  verifier: Verifier | undefined,
  text: string,
  call: Parameters<Verifier['verify']>[1],
): Promise<Verdict> {
  if (verifier === undefined) throw new Error('There is no verifier.');
  try {
    return classOf(await verifier.verify(text, call));
  } catch (error) {
    if (error instanceof KeywardError && error.code === 'credential_refused') return 401;
    throw error;
  }
}

const classes: Readonly<Record<string, Verdict>> = {
  missing_permission: 403,
  wrong_organization: 403,
  address_not_allowed: 403,
  wrong_api: 403,
  rate_limited: 429,
};

function classOf({ allowed, reason = '' }: { allowed: boolean; reason?: string }): Verdict {
  return allowed ? 'allowed' : (classes[reason] ?? 401);
}

function verdictOf(status: number): Verdict {
  return status === 200 ? 'allowed' : status;
}

async function verifierOf({ asker }: Tenant): Promise<Verifier> {
  const { url, clock } = fixture;
  const verifier = createVerifier({ url, credential: { apiToken: asker }, exchange: 'none', clock, timeoutMs: 30_000 });
  await verifier.ready();
  return verifier;
}

/** Shows the credentials of a state to the warm verifiers while they are good, and ends when they have heard of the change. */
async function bringInto(state: State): Promise<void> {
  const tenant = fixture.tenantOf(state);
  const askers = [tenant, fixture.provider];
  const ask = (asker: Tenant, text: string) => fromVerifier(warm.get(asker), text, { cost: 0, address: clientAddress });
  for (const asker of askers) {
    for (const form of formsIn(state)) {
      const right = form === 'exchange-only api token' ? 401 : 'allowed';
      expect(await ask(asker, fixture.credential(form, state)), form).toBe(right);
    }
    expect(await ask(asker, fixture.marker(state))).toBe('allowed');
  }
  await fixture.change(state);
  for (const asker of askers) {
    await vi.waitFor(async () => expect(await ask(asker, fixture.marker(state))).toBe(401));
  }
  if (state !== 'budget spent' && state !== 'one of several budgets spent') return;
  expect(await statusOf('/v1/check?cost=50', { authorization: `Bearer ${tenant.asker}` })).toBe('allowed');
}

function withoutLast(text: string): string {
  return `${text.slice(0, -1)}${text.endsWith('a') ? 'b' : 'a'}`;
}

/** Another letter in the middle of the last part, where every bit counts. */
function withFlip(text: string): string {
  const at = text.length - 10;
  return `${text.slice(0, at)}${text[at] === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`;
}
