// The demo: what `serve --demo` puts into an empty folder, and the routes of the small API that it guards.
// It uses core's operations like anyone else; only demo.json holds its secrets in clear.

import { type Caller, systemIn } from '../../core/caller/caller.ts';
import type { Core } from '../../core/core.ts';
import type { Store } from '../../core/ports.ts';
import { type DemoCustomers, fillDemoCustomers, verifierToken } from './customers.ts';

/** What demo.json holds, but for `url` and `parsers.demoToken`, which are new at every start. */
export interface DemoCredentials {
  owner: { email: string; password: string };
  debricked: {
    username: string;
    password: string;
    accessToken: string;
    memberUsername: string;
    memberPassword: string;
    guardedPath: string;
  };
  publicPath: string;
  parsers: { login: string; password: string; apiKey: string; demoKey: string; guardedPath: string; demoPath: string };
  versio: { environment: string; token: string; weakToken: string; guardedPath: string };
  bluebricks: { bearer: string };
  rebelcore: { username: string; password: string; inferPath: string };
  customers: DemoCustomers;
  /** Of the operator's organization: verifies the credentials of all. */
  verifier: { token: string };
}

const environment = 'demo';
const people = ['owner', 'admin', 'member'] as const;

const permissions: Record<string, string> = {
  'run:inference': 'Run an inference.',
  'read:files': 'See the supported file formats.',
  'read:funds': 'See all funds.',
  'read:demo_funds': 'See the funds of the Demo group.',
  'read:environment': 'See what an environment holds.',
};

/** The demo's guarded routes, all leading to one upstream. */
export function demoRoutes(upstream: string) {
  const route = { methods: ['GET'], match: 'all', organizationParam: null, upstream } as const;
  return [
    { ...route, path: '/public/status', permissions: [], credential: 'none', dialect: null },
    { ...route, path: '/api/v1/infer', methods: ['POST'], permissions: ['run:inference'], dialect: 'rebelcore' },
    { ...route, path: '/api/1.0/open/files/supported-formats', permissions: ['read:files'], dialect: 'debricked' },
    { ...route, path: '/v2/funds', permissions: ['read:funds'], dialect: 'parsers' },
    { ...route, path: '/v2/demo/funds', permissions: ['read:demo_funds'], dialect: 'parsers' },
    {
      ...route,
      path: '/api-versio.db/1.0/:environment',
      permissions: ['read:environment'],
      dialect: 'versio',
      organizationParam: 'environment',
    },
  ] as const;
}

/** True once the folder holds an organization, the demo's or anyone's. */
export async function isFilled(store: Store): Promise<boolean> {
  const page = await store.organizations.list({ limit: 1, sort: 'createdAt', descending: false });
  return page.items.length > 0;
}

/** True for a store that the demo filled, by the people in it; `.example` is nobody's real address (RFC 2606). */
export async function isDemo({ users }: Pick<Store, 'users'>): Promise<boolean> {
  for (const role of people) if ((await users.findPassword(emailOf(role))) !== null) return true;
  return false;
}

/** Fills an empty server once and answers what it made. */
export async function fillDemo({ core, store }: { core: Core; store: Store }): Promise<DemoCredentials> {
  const organization = await core.createOrganization(systemIn(), {
    name: environment,
    isOperator: true,
    planId: 'enterprise',
    contributors: 100,
  });
  const system = systemIn(organization);
  // Those that the demo's routes require are registered already.
  const known = new Set((await core.listPermissions(system)).map(({ name }) => name));
  for (const [name, description] of Object.entries(permissions)) {
    if (known.has(name)) await core.describePermission(system, name, { description });
    else await core.registerPermission(system, { name, description });
  }
  await core.createRole(system, {
    name: 'integration',
    description: 'Runs inferences.',
    permissions: ['run:inference'],
  });
  const owner = await person(core, system, 'owner', 'Olivia Owner');
  const admin = await person(core, system, 'admin', 'Adam Admin');
  const member = await person(core, system, 'member', 'Mia Member');
  const machine = await core.createApiUser(system, { name: 'Inference client', role: 'integration' });
  const demoGroup = ['read:demo_funds', 'manage:own_api_key'];
  await core.createRole(system, { name: 'demo', description: 'Sees the Demo group.', permissions: demoGroup });
  const demo = await core.createApiUser(system, { name: 'Demo group', role: 'demo' });
  const asOwner = await signedIn(core, owner.email, owner.password);
  const asAdmin = await signedIn(core, admin.email, admin.password);
  const asDemo = await signedIn(core, demo.apiUser.username, demo.password);
  const keys = ['create', 'read', 'update', 'delete'].map((verb) => `${verb}:organization_api_key`);
  return {
    owner,
    debricked: {
      username: admin.email,
      password: admin.password,
      accessToken: await token(core, asAdmin, 'debricked', ['read:files'], { use: 'exchange' }),
      memberUsername: member.email,
      memberPassword: member.password,
      guardedPath: '/api/1.0/open/files/supported-formats',
    },
    publicPath: '/public/status',
    parsers: {
      login: owner.email,
      password: owner.password,
      apiKey: await token(core, asOwner, 'parsers', ['read:funds', 'read:demo_funds']),
      demoKey: await token(core, asDemo, 'demo', ['read:demo_funds']),
      guardedPath: '/v2/funds',
      demoPath: '/v2/demo/funds',
    },
    versio: {
      environment,
      token: await token(core, asOwner, 'versio', ['read:environment'], { readable: true }),
      weakToken: await token(core, asOwner, 'versio-weak', ['read:demo_funds'], { readable: true }),
      guardedPath: `/api-versio.db/1.0/${environment}`,
    },
    bluebricks: { bearer: await token(core, asOwner, 'bluebricks', [...keys, 'read:demo_funds']) },
    rebelcore: { username: machine.apiUser.username, password: machine.password, inferPath: '/api/v1/infer' },
    customers: await fillDemoCustomers(core, store),
    verifier: { token: await verifierToken(core, asOwner) },
  };
}

/** Exchanges the demo key for a fresh demo token, through the front door as a client would. */
export async function demoToken(url: string, demoKey: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${demoKey}:`).toString('base64')}`;
  const answer = await fetch(`${url}/v2/auth/token`, { method: 'POST', headers: { authorization } });
  if (!answer.ok) throw new Error(`The demo key was not accepted: ${answer.status}.`);
  return ((await answer.json()) as { token: string }).token;
}

function emailOf(role: (typeof people)[number]): string {
  return `${role}@demo.example`;
}

async function person(core: Core, system: Caller, role: (typeof people)[number], name: string) {
  const { user, password } = await core.createUser(system, { email: emailOf(role), name, role });
  return { email: user.email, password };
}

async function signedIn(core: Core, username: string, password: string): Promise<Caller> {
  const proof = { kind: 'password', username, password } as const;
  const answer = await core.exchange({ proof, shape: () => ({ form: 'sealed', lifetimeMs: 60_000 }) });
  if (!answer.allowed) throw new Error('The demo could not sign in whom it just made.');
  return answer.principal;
}

async function token(
  core: Core,
  caller: Caller,
  name: string,
  held: readonly string[],
  options: { use?: 'exchange' | 'both'; readable?: boolean } = {},
): Promise<string> {
  const { secret } = await core.createApiToken(caller, { name, permissions: held, ...options });
  return secret;
}
