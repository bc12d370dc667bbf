// Every event that webhooks can be sent, brought about by what it tells of: each arrives, of the right thing, as one message; on
// PostgreSQL with a second node beside, which looks for the same. notices.test.ts has what is told how often.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type WebhookEvent, webhookEvents } from '../../rules/src/webhooks/events.ts';
import type { CreatedApiUser, CreatedToken, CreatedUser, Invitation } from '../../sdk/src/wire.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';
import { post, tokenFor } from '../wire/oauth2/clients.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const patience = { timeout: 60_000, interval: 50 };
const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** Brings it about; resolves with the id of what it is about. */
type Act = (world: World) => Promise<string>;

interface World {
  server: TestServer;
  organization: { id: string };
  /** Where its webhook is sent to. */
  url: string;
  /** As the organization's owner; what is not a success fails the test. */
  ask<B = Record<string, unknown>>(method: string, path: string, body?: object): Promise<B>;
  newToken(more?: object): Promise<CreatedToken>;
  newApiUser(): Promise<CreatedApiUser>;
  newUser(): Promise<CreatedUser>;
  /** The same credential, so many times. */
  check(secret: string, times: number): Promise<void>;
}

let count = 0;
const another = (word: string) => {
  count += 1;
  return `${word} ${count}`;
};
const issuer = { issuer: 'https://issuer.example', conditions: { sub: 'repo:acme' } };

const ofToken =
  (act: (id: string, world: World) => Promise<unknown>): Act =>
  async (world) => {
    const { id } = (await world.newToken()).token;
    await act(id, world);
    return id;
  };
const ofApiUser =
  (act: (id: string, world: World) => Promise<unknown>): Act =>
  async (world) => {
    const { id } = await world.newApiUser();
    await act(id, world);
    return id;
  };
const ofFederated =
  (act: (id: string, world: World) => Promise<unknown>): Act =>
  async (world) => {
    const path = `/v1/api-users/${(await world.newApiUser()).id}/federated-credentials`;
    const { id } = await world.ask<{ id: string }>('POST', path, { name: another('ci'), ...issuer });
    await act(id, world);
    return id;
  };
const ofUser =
  (act: (id: string, world: World) => Promise<unknown>): Act =>
  async (world) => {
    const { id } = await world.newUser();
    await act(id, world);
    return id;
  };

/** By what is done to a thing at its own path. */
const acts = (path: string) => ({
  activated: async (id: string, { ask }: World) => {
    await ask('POST', `${path}/${id}/deactivate`);
    await ask('POST', `${path}/${id}/activate`);
  },
  deactivated: (id: string, { ask }: World) => ask('POST', `${path}/${id}/deactivate`),
  deleted: (id: string, { ask }: World) => ask('DELETE', `${path}/${id}`),
  restored: async (id: string, { ask }: World) => {
    await ask('DELETE', `${path}/${id}`);
    await ask('POST', `${path}/${id}/restore`);
  },
  rotated: (id: string, { ask }: World) => ask('POST', `${path}/${id}/rotate`, { overlapSeconds: 0 }),
});
const nothing = async () => undefined;
const [tokens, apiUsers, users] = [acts('/v1/tokens'), acts('/v1/api-users'), acts('/v1/users')];

/** Spends a limit of the token's own. */
const spending =
  (calls: number): Act =>
  async (world) => {
    const { token, secret } = await world.newToken({ limits: [{ limit: 10, windowMs: hourMs }] });
    await world.check(secret, calls);
    return token.id;
  };

const rows: Record<WebhookEvent, Act> = {
  'token.created': ofToken(nothing),
  'token.changed': ofToken((id, { ask }) => ask('PATCH', `/v1/tokens/${id}`, { description: 'another' })),
  'token.activated': ofToken(tokens.activated),
  'token.deactivated': ofToken(tokens.deactivated),
  'token.deleted': ofToken(tokens.deleted),
  'token.restored': ofToken(tokens.restored),
  'token.rotated': ofToken(tokens.rotated),
  'token.imported': async ({ ask }) => {
    const recipe = another('old').replace(' ', '-');
    await ask('POST', '/v1/import-recipes', { name: recipe, algorithm: 'raw' });
    const id = another('a file');
    const imported = [1, 2].map((line) => ({
      line,
      name: another('imported'),
      secret: `${recipe}-${line}-0123456789`,
    }));
    await ask('POST', '/v1/imports/tokens', { import: id, recipe, defaults: { permissions: [] }, rows: imported });
    return id;
  },
  'token.expiring': async ({ newToken, server }) => {
    const expiresAt = new Date(server.clock.now() + 3 * dayMs).toISOString();
    const { token } = await newToken({ expiresAt });
    server.clock.advance(600_000);
    return token.id;
  },
  'token.leaked': async ({ newToken, server }) => {
    const { token, secret } = await newToken();
    // By anybody, with no other credential.
    const answer = await call(server, 'POST', '/v1/leaks', undefined, { tokens: [secret], source: 'chat' });
    expect(answer.status, answer.text).toBe(200);
    return token.id;
  },
  'token.refused_unusually': async (world) => {
    const { token, secret } = await world.newToken({ addresses: ['192.0.2.1'] });
    await world.check(secret, 25);
    await refusalsAreCounted(world, token.id);
    return token.id;
  },
  'token.limit_nearly_reached': spending(8),
  'token.limit_reached': spending(10),
  'api_user.created': ofApiUser(nothing),
  'api_user.changed': ofApiUser((id, { ask }) => ask('PATCH', `/v1/api-users/${id}`, { name: another('Renamed') })),
  'api_user.activated': ofApiUser(apiUsers.activated),
  'api_user.deactivated': ofApiUser(apiUsers.deactivated),
  'api_user.deleted': ofApiUser(apiUsers.deleted),
  'api_user.restored': ofApiUser(apiUsers.restored),
  'api_user.rotated': ofApiUser(apiUsers.rotated),
  'api_user.refused_unusually': async (world) => {
    const { id, username, password } = await world.newApiUser();
    const form = { username, password };
    const { accessToken } = await world.ask<{ accessToken: string }>('POST', '/v1/access-tokens', form);
    await world.ask('POST', `/v1/api-users/${id}/deactivate`);
    await world.check(accessToken, 25);
    await refusalsAreCounted(world, id);
    return id;
  },
  'federated_credential.created': ofFederated(nothing),
  'federated_credential.changed': ofFederated((id, { ask }) =>
    ask('PATCH', `/v1/federated-credentials/${id}`, { name: another('renamed') }),
  ),
  'federated_credential.deleted': ofFederated((id, { ask }) => ask('DELETE', `/v1/federated-credentials/${id}`)),
  'access_token.revoked': async (world) => {
    const { id, password } = await world.newApiUser();
    const client = { id, secret: password };
    const token = await tokenFor(world.server, client);
    expect((await post(world.server, '/oauth/revoke', { token }, client)).status).toBe(200);
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).jti;
  },
  'member.joined': ofUser(nothing),
  'member.deactivated': ofUser(users.deactivated),
  'member.deleted': ofUser(users.deleted),
  'organization.refused_unusually': async (world) => {
    // The calls of this file to the API were let in.
    const { token, secret } = await world.newToken({ addresses: ['192.0.2.1'] });
    await world.check(secret, 300);
    await refusalsAreCounted(world, token.id, 300);
    return world.organization.id;
  },
  'organization.limit_nearly_reached': spendingPlan(8),
  'organization.limit_reached': spendingPlan(10),
};

/** Resolves when what was refused is in the usage, and looks at it. */
async function refusalsAreCounted({ server, ask }: World, id: string, calls = 25): Promise<void> {
  const counted = async () => {
    const { items } = await ask<{ items: { source: { id: string } | null; calls: number }[] }>(
      'GET',
      '/v1/usage?by=source&group=total',
    );
    return items.find(({ source }) => source?.id === id)?.calls ?? 0;
  };
  await expect.poll(counted, patience).toBeGreaterThanOrEqual(calls);
  server.clock.advance(60_000);
}

/** Spends the plan of an organization that has one of ten calls, and a webhook. */
function spendingPlan(calls: number): Act {
  return async ({ server, check, url }) => {
    const machine = systemIn(server.organization);
    const id = another('few').replace(' ', '-');
    const limits = [{ limit: 10, windowMs: hourMs, per: 'organization' as const, cap: null }];
    await server.core.createPlan(machine, { id, name: 'Few', limits });
    const organization = await server.addOrganization(another('limited').replace(' ', '-'));
    await server.core.updateOrganization(machine, organization.id, { planId: id });
    await server.core.createWebhook(organization.owner.caller, { url });
    await check((await server.core.createApiToken(organization.owner.caller, { permissions: [] })).secret, calls);
    return organization.id;
  };
}

describe.each(['sqlite', 'postgres'] as const)('on %s a webhook is told of', (database) => {
  let world: World;
  let receiver: Receiver;
  const subjects = new Map<WebhookEvent, Promise<string>>();
  beforeAll(async () => {
    const server = await startServer({ database });
    receiver = await startReceiver();
    if (database === 'postgres') await server.addNode();
    const { owner, ...organization } = await server.addOrganization('told');
    const bearer = await bearerOf(server, owner);
    const ask = async <B>(method: string, path: string, body?: object): Promise<B> => {
      const answer = await call<B>(server, method, path, bearer, body);
      expect(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(300);
      return answer.body;
    };
    world = {
      server,
      organization,
      url: receiver.url,
      ask,
      newToken: (more = {}) => ask('POST', '/v1/tokens', { name: another('token'), permissions: [], ...more }),
      newApiUser: () => ask('POST', '/v1/api-users', { name: another('Robot'), role: 'member' }),
      newUser: () =>
        ask('POST', '/v1/users', {
          email: `${another('u').replace(' ', '-')}@told.example`,
          name: 'U',
          role: 'member',
        }),
      async check(secret, times) {
        for (let n = 0; n < times; n += 1) await call(server, 'GET', '/v1/check', secret);
      },
    };
    await ask('POST', '/v1/webhooks', { url: receiver.url });
    // All of it at once, as what is no change is looked for from time to time.
    for (const event of webhookEvents) {
      const acted = rows[event](world);
      acted.catch(() => undefined);
      subjects.set(event, acted);
    }
  }, 60_000);
  afterAll(async () => {
    await world?.server.stop();
    await receiver?.stop();
  });

  const idsOf = (type: string, subject: string) =>
    new Set(
      receiver.accepted
        .filter(({ event }) => event.type === type && (event.data.subject as { id: string }).id === subject)
        .map(({ id }) => id),
    ).size;

  test.each(webhookEvents)('%s, as one message', async (event) => {
    const subject = (await subjects.get(event)) ?? '';
    await expect.poll(() => idsOf(event, subject), patience).toBe(1);
  });

  test('an invitation when it is accepted, and not when it is made', async () => {
    const { server, ask } = world;
    const email = `invited-${another('u').replace(' ', '-')}@told.example`;
    const { user, link } = await ask<Invitation>('POST', '/v1/invitations', { email, name: 'Ann', role: 'member' });
    const after = (await world.newUser()).id;
    await expect.poll(() => idsOf('member.joined', after), patience).toBe(1);
    expect(idsOf('member.joined', user.id)).toBe(0);
    const token = new URL(link.url).hash.slice(1);
    const chosen = { token, password: 'lantern-8264-mossy-kite-xq7' };
    expect((await call(server, 'POST', '/v1/password-links/redeem', undefined, chosen)).status).toBe(204);
    await expect.poll(() => idsOf('member.joined', user.id), patience).toBe(1);
  });

  test('all of it in the order of the journal, each entry once, and of its own organization alone', () => {
    const messages = new Map(receiver.accepted.map(({ id, event }) => [id, event.data]));
    const own = [...messages.values()].filter(({ organizationId }) => organizationId === world.organization.id);
    const entries = own.map(({ entry }) => entry ?? 0);
    expect(entries).toEqual(entries.toSorted((one, other) => one - other));
    expect(new Set(entries).size).toBe(entries.length);
    for (const [organizationId, its] of Map.groupBy(messages.values(), (data) => data.organizationId)) {
      const ofOrganizations = its.map(({ subject }) => subject as { type: string; id: string });
      for (const { type, id } of ofOrganizations) if (type === 'organization') expect(id).toBe(organizationId);
    }
  });
});
