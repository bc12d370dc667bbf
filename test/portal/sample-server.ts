// A server with something to look at: an organization in its second month, with people, machines, tokens, calls and a
// journal. Everything is made up, and the same each time but for ids and secrets.

import { type AddressInfo, createServer } from 'node:net';
import { createVerifier } from '../../sdk/src/verifier/verifier.ts';
import { type Caller, systemIn } from '../../server/src/core/caller/caller.ts';
import { principalOf } from '../../server/src/core/caller/principal.ts';
import type { UseVerdict } from '../../server/src/core/caller/use.ts';
import type { UsageCount } from '../../server/src/core/checking/records.ts';
import type { Core } from '../../server/src/core/core.ts';
import type { WebhookDelivery } from '../../server/src/core/feed/webhooks/records.ts';
import type { Store } from '../../server/src/core/ports.ts';
import { assembleAt, newPlace } from '../assembled-server.ts';

interface Credentials {
  email: string;
  password: string;
}

export interface SampleServer {
  url: string;
  owner: Credentials;
  /** Of the same organization, with their own tokens alone. */
  member: Credentials;
  /** The owner of another organization, which does not operate the server. */
  tenant: Credentials;
  /** A token with much to show. */
  tokenId: string;
  /** An application that some let act for them. */
  applicationId: string;
  /** A webhook with something to show. */
  webhookId: string;
  stop(): Promise<void>;
}

const hour = 3_600_000;
const day = 24 * hour;
/** The address that the pages speak of; the browser goes to the real one. */
const shownUrl = 'https://auth.northwind.example';

/** Starts it on a port and a folder of its own. */
export async function startSampleServer(): Promise<SampleServer> {
  const place = await newPlace();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const time = travel(Date.now() - 45 * day);
  const environment = {
    KEYWARD_PORT: String(port),
    KEYWARD_URL: shownUrl,
    KEYWARD_SIGN_IN_FAILURES: '1000',
  };
  const server = await assembleAt({ place, environment, clock: time.now });
  const made = await fill(server.core, server.store, time);
  time.arrive();
  await server.listen();
  const verifiers = ['orders-api', 'billing-api', 'search-edge'].map((name) =>
    createVerifier({ url, issuer: shownUrl, name, credential: { apiToken: made.verifierSecret } }),
  );
  await Promise.all(verifiers.map((verifier) => verifier.ready()));
  await afterwards(url, made);
  return {
    url,
    owner: made.owner,
    member: made.member,
    tenant: made.tenant,
    tokenId: made.tokenId,
    applicationId: made.applicationId,
    webhookId: made.webhookId,
    async stop() {
      await Promise.all(verifiers.map((verifier) => verifier.close()));
      await server.close();
      place.remove();
    },
  };
}

/** The address that is shown tells nothing of the real one, so that must be known before. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

interface Travel {
  now(): number;
  /** Moves on to so long before the present. */
  ago(ms: number): void;
  /** From here on the clock is everyone's. */
  arrive(): void;
}

function travel(start: number): Travel {
  let at: number | null = start;
  return {
    now: () => {
      if (at !== null) at += 700;
      return at ?? Date.now();
    },
    ago: (ms) => {
      at = Math.max(at ?? 0, Date.now() - ms);
    },
    arrive: () => {
      at = null;
    },
  };
}

const permissions: Record<string, string> = {
  'read:orders': 'See orders and their state.',
  'create:orders': 'Place orders.',
  'cancel:orders': 'Cancel orders that have not shipped.',
  'read:customers': 'See customers and their addresses.',
  'update:customers': 'Change customers’ details.',
  'read:invoices': 'See and download invoices.',
  'create:invoices': 'Issue invoices.',
  'read:stock': 'See what is in stock, by warehouse.',
  'update:stock': 'Book deliveries in and out.',
  'run:inference': 'Ask the product assistant.',
};

/** Name, description, permissions, calls an hour at noon. */
const tokens: readonly [name: string, description: string, permissions: string[], busy: number][] = [
  ['shop-frontend', 'Orders and stock for the web shop', ['read:orders', 'create:orders', 'read:stock'], 900],
  ['mobile-app', 'The customers’ app', ['read:orders', 'create:orders', 'cancel:orders'], 640],
  ['warehouse-scanner', 'Handhelds in Rotterdam', ['read:stock', 'update:stock'], 410],
  ['billing-export', 'Nightly export to accounting', ['read:invoices', 'read:customers'], 60],
  ['price-crawler', 'Partner that compares prices', ['read:stock'], 220],
  ['grafana', 'Dashboards of the operations team', ['read:orders', 'read:stock'], 45],
  ['ci-orders', 'Integration tests of the orders API', ['*:orders'], 30],
  ['ci-billing', 'Integration tests of the billing API', ['*:invoices'], 25],
  ['support-desk', 'Lookups by the support team’s tool', ['read:customers', 'read:orders'], 80],
  ['newsletter', 'Customer segments for mailings', ['read:customers'], 5],
  ['assistant-web', 'Product assistant on the web shop', ['run:inference'], 130],
  ['data-lake', 'Hourly load into the lake', ['read:orders', 'read:customers', 'read:invoices'], 40],
  ['carrier-webhooks', 'Shipping labels and tracking', ['read:orders'], 55],
  ['returns-portal', 'Self-service returns', ['read:orders', 'cancel:orders'], 35],
  ['fraud-check', 'Scores orders before they ship', ['read:orders', 'read:customers'], 90],
  ['pos-amsterdam', 'Tills in the Amsterdam store', ['create:orders', 'read:stock'], 25],
  ['pos-utrecht', 'Tills in the Utrecht store', ['create:orders', 'read:stock'], 18],
  ['reviews', 'Asks buyers for a review', ['read:orders'], 8],
  ['marketplace-sync', 'Stock on two marketplaces', ['read:stock', 'create:orders'], 150],
  ['loyalty', 'Points for every order', ['read:orders', 'read:customers'], 22],
  ['terraform', 'Keys of the staging environment', ['create:organization_api_key'], 1],
  ['load-test', 'Only while load tests run', ['read:orders'], 0],
  ['intern-2025', 'Summer project', ['read:stock'], 0],
  ['old-erp', 'Before the migration', ['read:orders', 'read:invoices'], 0],
  ['backup-check', 'Weekly restore drill', ['read:invoices'], 1],
  ['status-page', 'Public status page', ['read:stock'], 12],
  ['edi-gateway', 'Large customers’ orders', ['create:orders'], 70],
  ['chargeback-bot', 'Files disputes', ['read:orders', 'read:invoices'], 3],
  ['geo-pricing', 'Prices by country', ['read:stock'], 0],
  ['verifier', 'Services that guard themselves', ['verify:credential', 'follow:feed'], 2],
];

type Made = Awaited<ReturnType<typeof fill>>;

async function fill(core: Core, store: Store, time: Travel) {
  const organization = await core.createOrganization(systemIn(), {
    name: 'northwind',
    isOperator: true,
    planId: 'premium',
    contributors: 6,
  });
  const system = systemIn(organization);
  const person = async (name: string, role: string) => {
    const email = `${name.split(' ', 1)[0]?.toLowerCase()}@northwind.example`;
    const { user, password } = await core.createUser(system, { email, name, role });
    return { email, password, caller: await callerOf(store, user.id) };
  };
  const owner = await person('Olivia Marsh', 'owner');
  time.ago(44 * day);
  for (const [name, description] of Object.entries(permissions)) {
    await core.registerPermission(owner.caller, { name, description });
  }
  const role = {
    name: 'integration',
    description: 'What our own services need.',
    permissions: ['*:orders', '*:stock'],
  };
  await core.createRole(owner.caller, role);
  await core.createRole(owner.caller, {
    name: 'support',
    description: 'Helps customers, changes little.',
    permissions: ['read:orders', 'read:customers', 'manage:own_api_key'],
  });
  time.ago(43 * day);
  const admin = await person('Adam Reyes', 'admin');
  const mia = await person('Mia Chen', 'admin');
  const member = await person('Noor Haddad', 'member');
  await person('Lena Fischer', 'support');
  await core.invite(owner.caller, { email: 'jonas@northwind.example', name: 'Jonas Weber', role: 'member' });

  const counts: Omit<UsageCount, 'organizationId'>[] = [];
  const ids = new Map<string, string>();
  let verifierSecret = '';
  for (const [index, [name, description, held, busy]] of tokens.entries()) {
    time.ago((41 - index * 1.2) * day);
    const caller = [owner, admin, mia][index % 3]?.caller ?? owner.caller;
    const { token, secret } = await core.createApiToken(caller, {
      name,
      description,
      permissions: held,
      ...(name === 'billing-export' && { use: 'exchange', addresses: ['203.0.113.0/28'] }),
      ...(index % 4 === 1 && { expiresAt: Date.now() + (5 + index * 9) * day }),
      ...(name === 'intern-2025' && { expiresAt: Date.now() - 3 * day }),
      ...(index % 5 === 2 && { readable: true }),
    });
    ids.set(name, token.id);
    if (name === 'verifier') verifierSecret = secret;
    counts.push(...usageOf(token.id, index, busy, token.createdAt));
  }
  await use(store, organization.id, counts);
  const id = (name: string) => ids.get(name) ?? '';
  time.ago(6 * day);
  await core.deactivateApiToken(admin.caller, { id: id('old-erp') });
  await core.deactivateApiToken(admin.caller, { id: id('geo-pricing') });
  const machine = await core.createApiUser(admin.caller, { name: 'Inference client', role: 'integration' });
  await core.createApiUser(admin.caller, { name: 'Warehouse robots', role: 'integration' });
  await core.createApiUser(mia.caller, { name: 'ERP connector', role: 'integration' });
  await use(store, organization.id, usageOf(machine.apiUser.id, 7, 75, time.now() - 6 * day, 'api_user'));
  const applicationId = await applications(core, store, time, [owner, admin, mia, member]);
  const webhookId = await webhooks(core, store, owner.caller);
  time.ago(3 * day);
  await core.updateApiToken(
    mia.caller,
    { id: id('newsletter') },
    { description: 'Customer segments for mailings, weekly' },
  );
  await core.rotateApiToken(admin.caller, { id: id('mobile-app') }, 14 * day);
  let tenant = { email: '', password: '' };
  for (const [name, planId, contributors] of [
    ['fabrikam', 'enterprise', 40],
    ['contoso', 'premium', 12],
    ['tailspin', 'free', 3],
    ['wingtip', 'free', 1],
  ] as const) {
    const { id: other } = await core.createOrganization(owner.caller, { name, planId, contributors });
    if (name === 'contoso') {
      const { user, password } = await core.addOwner(owner.caller, other, {
        email: 'ada@contoso.example',
        name: 'Ada Lind',
      });
      tenant = { email: user.email, password };
    }
    if (name === 'wingtip') await core.deactivateOrganization(owner.caller, other);
  }
  time.ago(20 * hour);
  await core.rotateSigningKey(owner.caller, 'oauth');
  time.ago(4 * hour);
  await core.updateRole(owner.caller, 'support', { description: 'Helps customers; sees orders and customers.' });
  time.ago(5 * 60_000);
  await core.rotateSigningKey(owner.caller, 'debricked');
  return {
    owner: { email: owner.email, password: owner.password },
    member: { email: member.email, password: member.password },
    tenant,
    verifierSecret,
    tokenId: id('shop-frontend'),
    applicationId,
    webhookId,
    loadTestId: id('load-test'),
  };
}

/** Some applications, and who of these people lets them act; the id of the one that most do. */
async function applications(
  core: Core,
  store: Store,
  time: Travel,
  people: readonly { caller: Caller }[],
): Promise<string> {
  const all = [
    [
      'Sales dashboard',
      'confidential',
      'https://sales.northwind.example/callback',
      ['read:orders', 'read:customers'],
      4,
    ],
    ['Warehouse handhelds', 'public', 'com.northwind.handheld:/signed-in', ['read:stock', 'update:stock'], 2],
    ['nw', 'public', 'http://127.0.0.1/callback', ['read:orders', 'read:stock', 'create:orders'], 1],
    ['Expense reports', 'confidential', 'https://expenses.northwind.example/oauth', ['read:invoices'], 0],
  ] as const;
  const ids: string[] = [];
  for (const [turn, [name, type, redirectUri, held, many]] of all.entries()) {
    const wanted = { name, type, redirectUris: [redirectUri], permissions: [...held] };
    const { application } = await core.createApplication((people[turn % 3] ?? people[0])?.caller as Caller, wanted);
    ids.push(application.id);
    for (const [index, { caller }] of people.slice(0, many).entries()) {
      const at = time.now();
      await store.write((changes) =>
        changes.authorizations.put({
          id: `${application.id}-${index}`,
          organizationId: caller.organization.id,
          userId: caller.id,
          applicationId: application.id,
          api: 'default',
          scope: held,
          createdAt: at,
          changedAt: at,
          lastUsedAt: index === 1 ? null : Date.now() - (index + 1) * 7 * hour,
        }),
      );
    }
  }
  return ids[0] ?? '';
}

/** What happens over HTTP once the server listens: some of the budget is spent, and a token ends with a receipt. */
async function afterwards(url: string, { verifierSecret, owner, loadTestId }: Made): Promise<void> {
  const send = async (path: string, body: unknown, bearer?: string) => {
    const answer = await fetch(url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, string>;
  };
  const credential = verifierSecret;
  await send('/v1/verify', { credential, cost: 11_520 }, verifierSecret);
  const { accessToken } = await send('/v1/login', owner);
  await send(`/v1/tokens/${loadTestId}/deactivate?receipt=2000`, {}, accessToken);
}

async function callerOf(store: Store, id: string): Promise<Caller> {
  const record = await store.credentials.bySource({ type: 'user', id });
  if (record === null) throw new Error('The person who was just made is not there.');
  return principalOf(record);
}

const paths = ['/orders', '/orders/:id', '/stock', '/customers', '/invoices'];

/** Calls with the rhythm of days and weeks, and now and then a refusal. */
function usageOf(
  id: string,
  index: number,
  busy: number,
  since: number,
  type: 'api_token' | 'api_user' = 'api_token',
): Omit<UsageCount, 'organizationId'>[] {
  if (busy === 0) return [];
  const now = Date.now() - (Date.now() % hour);
  const found: Omit<UsageCount, 'organizationId'>[] = [];
  for (let at = Math.max(now - 30 * day, since - (since % hour)); at <= now; at += hour) {
    const { hours, weekday } = { hours: new Date(at).getUTCHours(), weekday: new Date(at).getUTCDay() };
    const rhythm = 0.15 + 0.85 * Math.max(0, Math.sin(((hours - 5) / 16) * Math.PI));
    const calls = Math.round(
      busy * rhythm * (weekday % 6 === 0 ? 0.45 : 1) * (0.8 + noise(at / hour + index * 31) * 0.4),
    );
    const rule = paths[index % paths.length] ?? '';
    const add = (verdict: UseVerdict, count: number, where = rule) => {
      if (count > 0) found.push({ source: { type, id }, rule: where, verdict, hour: at, calls: count });
    };
    add('allowed', calls);
    if (index % 6 === 3) add('allowed', Math.ceil(calls / 30), 'exchange');
    if (index === 4) add('rate_limited', hours > 8 && hours < 16 ? Math.round(calls * 0.35) : 0);
    if (index % 7 === 2) add('missing_permission', Math.round(calls * 0.03));
    if (index === 11) add('expired', Math.round(calls * 0.15));
    if (index === 8) add('address_not_allowed', hours === 9 ? 14 : 0);
  }
  return found;
}

async function use(store: Store, organizationId: string, counts: readonly Omit<UsageCount, 'organizationId'>[]) {
  const last = new Map(counts.map((count) => [count.source.id, count]));
  const rows = counts.map((count) => ({ ...count, organizationId }));
  for (let start = 0; start < rows.length; start += 500) {
    await store.write(({ usage }) => usage.count(rows.slice(start, start + 500)));
  }
  const uses = [...last.values()].map(({ source, hour: at }, index) => ({
    source,
    organizationId,
    at: Math.min(at + Math.round(noise(index) * hour), Date.now() - 20_000),
    address: index % 3 === 0 ? '203.0.113.5' : `198.51.100.${10 + index}`,
    userAgent: ['node', 'python-httpx/0.28', 'okhttp/5.1', 'curl/8.14'][index % 4] ?? 'curl/8.14',
  }));
  await store.write(({ usage }) => usage.touch(uses.toSorted((a, b) => (a.source.id < b.source.id ? -1 : 1))));
}

/** From 0 to 1, the same for the same seed. */
function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

/** One that was sent something, as far as anybody can say who looks at its page. */
async function webhooks(core: Core, store: Store, caller: Caller): Promise<string> {
  const url = 'https://hooks.northwind.example/keyward';
  const { webhook } = await core.createWebhook(caller, { url, description: 'Security channel' });
  await core.updateWebhook(caller, webhook.id, { active: false });
  await store.write(async ({ webhookDeliveries }) => {
    const at = Date.now();
    for (const [n, status] of ['delivered', 'delivered', 'dead', 'waiting'].entries()) {
      const delivery: WebhookDelivery = {
        id: `msg_sample${n}`,
        webhookId: webhook.id,
        organizationId: webhook.organizationId,
        position: n,
        event: n === 2 ? 'token.expiring' : 'token.created',
        payload: JSON.stringify({ type: 'token.created', data: { entry: 7 + n } }),
        status: status as WebhookDelivery['status'],
        tries: n + 1,
        createdAt: at - (9 - n) * hour,
        giveUpAt: at + day,
        triedAt: at - hour,
        answer: { status: n === 2 ? 500 : 204, failure: null, body: n === 2 ? 'Out of order.' : '', durationMs: 41 },
      };
      await webhookDeliveries.insert([delivery]);
    }
  });
  return webhook.id;
}
