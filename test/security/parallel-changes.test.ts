// Two nodes change the same thing at the same time: whatever was acknowledged holds afterwards. A narrowing that another
// change undid would be a permission that somebody has again and that nobody gave back.

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ApiChange,
  ApiUserChange,
  ApplicationChange,
  FederatedCredentialChange,
  OrganizationChange,
  PermissionChange,
  PlanChange,
  RoleChange,
  SelfChange,
  TokenChange,
  UserChange,
  WebhookChange,
} from '../../sdk/src/wire.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { overlapping, waitingOrSettled } from '../feed/held-journal.ts';
import { type Nodes, startNodes } from '../feed/nodes.ts';
import { type Answered, call, signIn } from '../wire/native/calls.ts';
import { rows } from '../wire/native/routes.ts';

let all: Nodes;
let bearer: string;
/** Each with a bearer of each node, whose address is the issuer. */
const people: { id: string; bearers: string[] }[] = [];

beforeAll(async () => {
  all = await startNodes(2, 'postgres', true);
  const { core } = all.node(0).server;
  bearer = (await core.createApiToken(all.owner, { permissions: ['*:*'] })).secret;
  for (const name of ['one', 'other']) {
    const email = `${name}@people.example`;
    const { user, password } = await core.createUser(systemIn(all.organization), { email, name, role: 'owner' });
    const bearers = [0, 1].map((node) => signIn(all.node(node), { email, password }));
    people.push({ id: user.id, bearers: await Promise.all(bearers) });
  }
});
afterAll(() => all?.stop());

/** A change that was not acknowledged, as the database kept it waiting, is asked for again. */
async function ask(
  node: number,
  method: string,
  path: string,
  body?: unknown,
  as = bearer,
): Promise<Answered<Record<string, unknown>>> {
  for (let left = 20; ; left -= 1) {
    const answer = await call<Record<string, unknown>>(all.node(node), method, path, as, body);
    if (answer.status !== 503 || left === 0) return answer;
  }
}

async function made(path: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
  const answer = await ask(0, 'POST', path, body);
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}

const named = (what: string) => `${what}-${randomUUID().slice(0, 8)}`;

/** Registers permissions that nobody holds. */
async function permissions(...whats: readonly string[]): Promise<string[]> {
  const names = whats.map((what) => `read:${named(what)}`);
  for (const name of names) await made('/v1/permissions', { name });
  return names;
}

async function listed(path: string, has: (one: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
  const { items } = (await ask(0, 'GET', path)).body as { items: Record<string, unknown>[] };
  return items.find(has) ?? {};
}

const limitsOf = (n: number) => [{ limit: 10 + n, windowMs: 60_000, per: 'organization', cap: null }];
const external = { externalId: () => named('their'), metadata: (n: number) => ({ n }) };

interface Kind {
  fields: Record<string, unknown>;
  /** Makes one and answers its path. */
  make(): Promise<string>;
  read?(path: string): Promise<Record<string, unknown>>;
  /** Each field with another value every time. */
  values: Record<string, (n: number) => unknown>;
  as?(node: number): string | undefined;
}

const kinds: Record<string, Kind> = {
  'PATCH /v1/organizations/:id': {
    fields: OrganizationChange.properties,
    make: async () => `/v1/organizations/${(await made('/v1/organizations', { name: named('customer') })).id}`,
    values: {
      name: () => named('renamed'),
      planId: (n) => (n % 2 === 0 ? 'premium' : 'enterprise'),
      contributors: (n) => n + 2,
      longestTokenLifetimeMs: (n) => 60_000 + n,
      entitlement: (n) => (n % 2 === 0 ? ['read:x'] : []),
      leakPolicy: (n) => ({ action: 'shorten', endsAfterMs: 60_000 + n, descendants: n % 2 === 0 }),
      ...external,
    },
  },
  'PATCH /v1/users/:id': {
    fields: UserChange.properties,
    make: async () => {
      const email = `${named('user')}@people.example`;
      return `/v1/users/${(await made('/v1/users', { email, name: 'Somebody', role: 'viewer' })).id}`;
    },
    values: { name: () => named('renamed'), role: (n) => (n % 2 === 0 ? 'member' : 'viewer') },
  },
  'PATCH /v1/self': {
    fields: SelfChange.properties,
    make: async () => '/v1/self',
    read: async () => (await ask(0, 'GET', `/v1/users/${people[0]?.id}`)).body,
    values: { name: () => named('renamed') },
    as: (node) => people[0]?.bearers[node],
  },
  'PATCH /v1/roles/:name': {
    fields: RoleChange.properties,
    make: async () => `/v1/roles/${(await made('/v1/roles', { name: named('role'), permissions: ['read:x'] })).name}`,
    read: (path) => listed('/v1/roles', ({ name }) => path.endsWith(`/${name}`)),
    values: { description: () => named('described'), permissions: (n) => (n % 2 === 0 ? [] : ['read:x']) },
  },
  'PATCH /v1/api-users/:id': {
    fields: ApiUserChange.properties,
    make: async () => `/v1/api-users/${(await made('/v1/api-users', { name: 'Machine', role: 'viewer' })).id}`,
    values: { name: () => named('renamed'), role: (n) => (n % 2 === 0 ? 'member' : 'viewer'), ...external },
  },
  'PATCH /v1/federated-credentials/:id': {
    fields: FederatedCredentialChange.properties,
    make: async () => {
      const { id } = await made('/v1/api-users', { name: 'Machine', role: 'viewer' });
      const trust = { issuer: 'https://issuer.example', conditions: { sub: 'acme' } };
      const path = `/v1/api-users/${id}/federated-credentials`;
      return `/v1/federated-credentials/${(await made(path, { name: 'CI', ...trust })).id}`;
    },
    values: {
      name: () => named('renamed'),
      audience: (n) => `audience-${n}`,
      conditions: (n) => ({ sub: `acme-${n}` }),
      jwksUri: (n) => `https://issuer.example/keys/${n}`,
      jwks: () => null,
    },
  },
  'PATCH /v1/webhooks/:id': {
    fields: WebhookChange.properties,
    make: async () => `/v1/webhooks/${(await made('/v1/webhooks', { url: 'https://receiver.invalid/' })).id}`,
    values: {
      url: (n) => `https://receiver.invalid/${n}`,
      events: (n) => (n % 2 === 0 ? ['token.created'] : ['token.created', 'token.deleted']),
      description: () => named('described'),
      expiringDays: (n) => (n % 300) + 1,
      active: (n) => n % 2 === 0,
    },
  },
  'PATCH /v1/applications/:id': {
    fields: ApplicationChange.properties,
    make: async () => {
      const where = { redirectUris: ['https://app.example/callback'], jwksUri: 'https://app.example/keys' };
      const asks = { name: named('application'), type: 'confidential', permissions: ['read:x'], ...where };
      return `/v1/applications/${(await made('/v1/applications', asks)).id}`;
    },
    values: {
      name: () => named('renamed'),
      redirectUris: (n) => [`https://app.example/callback/${n}`],
      grants: (n) => (n % 2 === 0 ? ['authorization_code'] : ['authorization_code', 'refresh_token']),
      permissions: (n) => (n % 2 === 0 ? ['read:x'] : ['read:x', 'read:user']),
      jwksUri: (n) => `https://app.example/keys/${n}`,
      jwks: () => null,
      logoUrl: (n) => `https://app.example/logo-${n}.png`,
    },
  },
  'PATCH /v1/tokens/:id': {
    fields: TokenChange.properties,
    make: async () => {
      const { token } = (await made('/v1/tokens', { permissions: ['read:x'] })) as { token: { id: string } };
      return `/v1/tokens/${token.id}`;
    },
    values: {
      name: () => named('renamed'),
      description: () => named('described'),
      permissions: (n) => (n % 2 === 0 ? [] : ['read:x']),
      addresses: (n) => [`192.0.2.${n}`],
      apis: (n) => (n % 2 === 0 ? ['default'] : null),
      limits: (n) => [{ limit: 10 + n, windowMs: 60_000 }],
      use: (n) => (n % 2 === 0 ? 'direct' : 'both'),
      owner: (n) => ({ type: 'user', id: people[n % 2]?.id }),
      expiresAt: (n) => new Date(2_000_000_000_000 + n * 1000).toISOString(),
      ...external,
    },
  },
  'PATCH /v1/permissions/:name': {
    fields: PermissionChange.properties,
    make: async () => `/v1/permissions/${(await permissions('described'))[0]}`,
    read: (path) => listed('/v1/permissions', ({ name }) => path.endsWith(`/${name}`)),
    values: { description: () => named('described'), group: () => named('group') },
  },
  'PATCH /v1/apis/:handle': {
    fields: ApiChange.properties,
    make: async () => `/v1/apis/${(await made('/v1/apis', { handle: named('api'), name: 'An API' })).handle}`,
    values: {
      name: () => named('renamed'),
      identifier: () => `https://${named('api')}.example`,
      description: () => named('described'),
      signingAlgorithm: (n) => (n % 2 === 0 ? 'RS256' : 'EdDSA'),
    },
  },
  'PATCH /v1/plans/:id': {
    fields: PlanChange.properties,
    make: async () => {
      const plan = { id: named('plan'), name: 'A plan', limits: limitsOf(0) };
      return `/v1/plans/${(await made('/v1/plans', plan)).id}`;
    },
    read: (path) => listed('/v1/plans', ({ id }) => path.endsWith(`/${id}`)),
    values: {
      name: () => named('renamed'),
      limits: limitsOf,
      whenUnavailable: (n) => (n % 2 === 0 ? 'deny' : 'local'),
      entitlement: (n) => (n % 2 === 0 ? ['read:x'] : ['*:*']),
    },
  },
};

test('all that can be changed are in the table, with all fields', () => {
  const routes = rows.filter(({ method }) => method === 'PATCH').map(({ route }) => route);
  expect(Object.keys(kinds).sort()).toEqual(routes.sort());
  for (const { fields, values } of Object.values(kinds)) {
    // `observe` is no field: it says from when on the others of the same change count.
    const own = Object.keys(fields).filter((field) => field !== 'observe');
    expect(Object.keys(values).sort()).toEqual(own.sort());
  }
});

test.each(Object.entries(kinds))('%s: no acknowledged change of one field undoes that of another', async (_, kind) => {
  const path = await kind.make();
  for (let round = 0; round < 4; round += 1) {
    const wanted = Object.entries(kind.values).map(([field, value]) => ({ [field]: value(round) }));
    const through = (node: number) => () =>
      Promise.all(
        wanted
          .filter((_, index) => (index + round) % 2 === node)
          .map((change) => ask(node, 'PATCH', path, change, kind.as?.(node))),
      );
    const answers = await overlapping(all.database, through(0), through(1));
    for (const { status, text } of answers.flat()) expect(status, text).toBe(200);
    const shown = kind.read === undefined ? (await ask(0, 'GET', path)).body : await kind.read(path);
    expect(shown).toMatchObject(Object.assign({}, ...wanted));
  }
});

describe('what is removed by force is not given back, nor what else was taken away at the same time', () => {
  const path = ({ id }: Record<string, unknown>, what: string) => `/v1/${what}/${id}`;
  const holders: Record<string, { list: string; make(held: readonly string[]): Promise<string>; read: Kind['read'] }> =
    {
      role: {
        list: 'permissions',
        make: async (held) => `/v1/roles/${(await made('/v1/roles', { name: named('role'), permissions: held })).name}`,
        read: kinds['PATCH /v1/roles/:name']?.read,
      },
      'API token': {
        list: 'permissions',
        make: async (held) => path((await made('/v1/tokens', { permissions: held })).token as never, 'tokens'),
        read: undefined,
      },
      organization: {
        list: 'entitlement',
        make: async (held) =>
          path(await made('/v1/organizations', { name: named('customer'), entitlement: held }), 'organizations'),
        read: undefined,
      },
      plan: {
        list: 'entitlement',
        make: async (held) =>
          path(await made('/v1/plans', { id: named('plan'), name: 'A plan', limits: [], entitlement: held }), 'plans'),
        read: kinds['PATCH /v1/plans/:id']?.read,
      },
    };
  const orders = [['the narrowing', 0] as const, ['the removal', 1] as const];
  const each = Object.entries(holders).flatMap(([what, holder]) =>
    orders.map(([first, order]) => ({ what, first, order, ...holder })),
  );

  test.each(each)('a permission, of a $what, where $first comes first', async ({ list, make, read, order }) => {
    const [removed = '', taken = '', kept = ''] = await permissions('removed', 'taken', 'kept');
    const at = await make([removed, taken, kept]);
    const removal = () => ask(0, 'DELETE', `/v1/permissions/${removed}?force=true`);
    const narrowing = () => ask(1, 'PATCH', at, { [list]: [kept] });
    const answers = await (order === 0
      ? overlapping(all.database, narrowing, removal)
      : overlapping(all.database, removal, narrowing));
    expect(answers.map(({ status }) => status)).toEqual(order === 0 ? [200, 204] : [204, 200]);
    const shown = read === undefined ? (await ask(0, 'GET', at)).body : await read(at);
    expect(shown[list]).toEqual([kept]);
  });

  test.each(orders)('an API, of a token that is bound to it, where %s comes first', async (_, order) => {
    const handles = [named('removed'), named('taken'), named('kept')];
    for (const handle of handles) await made('/v1/apis', { handle, name: handle });
    const [removed, , kept] = handles;
    const { token } = (await made('/v1/tokens', { permissions: [], apis: handles })) as { token: { id: string } };
    const removal = () => ask(0, 'DELETE', `/v1/apis/${removed}?force=true`);
    const narrowing = () => ask(1, 'PATCH', `/v1/tokens/${token.id}`, { apis: [kept] });
    const answers = await (order === 0
      ? overlapping(all.database, narrowing, removal)
      : overlapping(all.database, removal, narrowing));
    expect(answers.map(({ status }) => status)).toEqual(order === 0 ? [200, 204] : [204, 200]);
    expect((await ask(0, 'GET', `/v1/tokens/${token.id}`)).body.apis).toEqual([kept]);
  });

  const nobodyHolds = async (permission: string) => {
    const { holders: kept } = all.node(0).server.store;
    const page = { after: '', limit: 10, withDeleted: true };
    expect([...(await kept.roles({ permission })), ...(await kept.apiTokens({ permission }, page))]).toEqual([]);
  };

  test('a token or a role that has it, or whose maker has it by name, does not keep it when it is changed or made meanwhile', async () => {
    for (const what of ['change', 'token', 'role'] as const) {
      const [removed = '', kept = ''] = await permissions('removed', 'kept');
      const held = [removed, kept, 'update:organization_api_key', 'create:organization_api_key', 'create:role'];
      const { secret, token } = (await made('/v1/tokens', { permissions: held })) as {
        secret: string;
        token: { id: string };
      };
      const list = [removed, kept];
      const removal = () => ask(0, 'DELETE', `/v1/permissions/${removed}?force=true`);
      const late = {
        change: () => ask(1, 'PATCH', `/v1/tokens/${token.id}`, { permissions: list }),
        token: () => ask(1, 'POST', '/v1/tokens', { permissions: list }, secret),
        role: () => ask(1, 'POST', '/v1/roles', { name: named('role'), permissions: list }, secret),
      }[what];
      const [done, refused] = await overlapping(all.database, removal, late);
      expect([done.status, refused.status], refused.text).toEqual([204, 400]);
      await nobodyHolds(removed);
    }
  });

  test('what a token that is bound to an API makes is not left bound to it', async () => {
    const handle = named('removed');
    await made('/v1/apis', { handle, name: 'An API' });
    const bound = { permissions: ['create:organization_api_key'], apis: [handle, 'default'] };
    const { secret } = (await made('/v1/tokens', bound)) as { secret: string };
    const [done] = await overlapping(
      all.database,
      () => ask(0, 'DELETE', `/v1/apis/${handle}?force=true`),
      () => ask(1, 'POST', '/v1/tokens', { permissions: [] }, secret),
    );
    expect(done.status).toBe(204);
    expect(await all.node(0).server.store.bindings.count(handle)).toBe(0);
  });
});

describe('a plan that is deleted on one node while another gives it to an organization', () => {
  const newPlan = async () => (await made('/v1/plans', { id: named('plan'), name: 'A plan', limits: [] })).id as string;
  const deletion = (plan: string) => () => ask(0, 'DELETE', `/v1/plans/${plan}`);
  const gifts = {
    'a new one': async (planId: string) => () =>
      ask(1, 'POST', '/v1/organizations', { name: named('customer'), planId }),
    'one that there is': async (planId: string) => {
      const { id } = await made('/v1/organizations', { name: named('customer') });
      return () => ask(1, 'PATCH', `/v1/organizations/${id}`, { planId });
    },
  };

  test.each(Object.entries(gifts))('stays where it was given first, to %s', async (_, gift) => {
    const plan = await newPlan();
    const [given, refused] = await overlapping(all.database, await gift(plan), deletion(plan));
    expect([given.status < 300, refused.status], given.text + refused.text).toEqual([true, 409]);
    expect(await listed('/v1/plans', ({ id }) => id === plan)).toMatchObject({ id: plan });
  });

  test.each(Object.entries(gifts))('is not given any more where it was deleted first, to %s', async (_, gift) => {
    const plan = await newPlan();
    const [done, refused] = await overlapping(all.database, deletion(plan), await gift(plan));
    expect([done.status, refused.status], refused.text).toEqual([204, 400]);
  });
});

test('a link for a new password does nothing any more once its user is deactivated', async () => {
  const { core } = all.node(0).server;
  const wanted = { email: 'late@people.example', name: 'Late', role: 'viewer' };
  const { user, link } = await core.invite(systemIn(all.organization), wanted);
  const client = new pg.Client({ connectionString: all.database });
  await client.connect();
  try {
    // As another node does it, whose commit is still to come when the link is looked at.
    await client.query('begin');
    await client.query('update users set deactivated_at = 1, generation = generation + 1 where id = $1', [user.id]);
    const redeem = () => core.redeemLink(link.url.split('#')[1] ?? '', 'four words of mine', '192.0.2.1');
    // On a busy machine it may not have been let wait so long.
    const redeemed = redeem().catch((error) => (error.code === 'unavailable' ? redeem() : Promise.reject(error)));
    await waitingOrSettled(client, 1, redeemed);
    await client.query('commit');
    await expect(redeemed).rejects.toMatchObject({ code: 'not_found' });
  } finally {
    await client.end();
  }
});
