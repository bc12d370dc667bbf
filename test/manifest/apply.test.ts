// apply, diff and export beside a real server: what files say becomes so, once, and nothing else does.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JournalList } from '../../sdk/src/wire.ts';
import { call } from '../wire/native/calls.ts';
import { benchAs, type ServerBench, startBench } from './commands.ts';

let bench: ServerBench;
beforeAll(async () => {
  bench = await startBench({ permissions: ['read:orders', 'write:orders'] });
});
afterAll(() => bench?.server.stop());

const secretsIn = (name: string): Record<string, string>[] =>
  readFileSync(join(bench.folder, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
const get = async <T>(path: string) => (await call<T>(bench.server, 'GET', path, bench.bearer)).body;

const shop = `
apis:
  - handle: shop
    name: Shop
    permissions:
      read:carts: See carts
      write:carts: { description: Change carts, group: Carts }
plans:
  - id: gold
    name: Gold
    limits:
      - { limit: 1000, window: 1h, per: contributor, cap: 5000 }
    entitlement: ["*:carts", read:orders]
organizations:
  - name: customer-one
    plan: gold
    externalId: c-1
    metadata: { tier: 1 }
    longestTokenLifetime: 90d
    roles:
      - name: deployer
        permissions: [read:carts, write:carts]
    users:
      - { email: boss@one.example, name: The boss, role: owner }
    apiUsers:
      - name: Till
        externalId: till-7
        role: deployer
        federatedCredentials:
          - name: ci
            issuer: https://token.actions.githubusercontent.com
            conditions: { sub: "repo:acme/shop:*" }
    applications:
      - { name: App, type: confidential, redirectUris: ["https://app.example/cb"], permissions: [read:carts] }
    tokens:
      - name: Deploy
        owner: { apiUser: Till }
        permissions: [read:carts]
        addresses: [192.0.2.0/24, "2001:db8::/32"]
        limits: [{ limit: 5, window: 60s }]
        apis: [shop]
      - name: Off
        owner: { apiUser: till-7 }
        permissions: [write:carts]
        active: false
    webhooks:
      - { url: https://hooks.invalid/one, events: [token.leaked] }
`;

test('files become a server: once, in one run of the journal, with each new secret in a file of its owner alone [S122] [S128]', async () => {
  const before = await bench.diff(shop);
  expect(before.code).toBe(1);
  expect(before.output).toContain('+ customer-one: API token Deploy');

  const applied = await bench.apply(shop);
  expect(applied).toMatchObject({ code: 0, errors: '' });
  const [, run = ''] = /the run ([\w.-]+)\./.exec(applied.output) ?? [];
  expect(applied.output).toContain('Made 13, changed 0, removed 0.');

  const secrets = secretsIn('secrets.jsonl');
  expect(secrets.map(({ kind, name }) => `${kind} ${name}`).toSorted()).toEqual(
    [
      'apiUser Till',
      'application App',
      'token Deploy',
      'token Off',
      'user The boss',
      'webhook https://hooks.invalid/one',
    ].toSorted(),
  );
  expect(statSync(join(bench.folder, 'secrets.jsonl')).mode & 0o777).toBe(0o600);
  for (const { secret = '' } of secrets) expect(applied.output + before.output).not.toContain(secret);

  const entries = await get<JournalList>(`/v1/journal?search=${run}&limit=200&organization=customer-one`);
  expect(entries.items.map(({ action }) => action)).toContain('api_token.created');
  expect(entries.items.map(({ action }) => action)).toContain('api_token.deactivated');
  const own = await get<JournalList>(`/v1/journal?search=${run}&limit=200`);
  expect(own.items.every(({ detail }) => String(detail.run) === run)).toBe(true);

  expect(await bench.diff(shop)).toEqual({ code: 0, output: 'No differences.\n', errors: '' });
  const again = await bench.apply(shop);
  expect(again).toEqual({ code: 0, output: 'No differences.\n', errors: '' });
  expect(secretsIn('secrets.jsonl')).toEqual(secrets);
});

test('a change is named field by field, and done without touching a secret', async () => {
  const changed = shop
    .replace('limit: 1000', 'limit: 2000')
    .replace('permissions: [read:carts, write:carts]', 'permissions: [read:carts, write:carts, read:orders]')
    .replace('name: Deploy', 'name: Deploy\n        description: Of the pipeline')
    .replace('"repo:acme/shop:*"', '"repo:acme/shop:ref:refs/heads/main"');
  const { code, output } = await bench.diff(changed, { json: true });
  const { steps } = JSON.parse(output) as { steps: { kind: string; name: string; changes: { field: string }[] }[] };
  expect(code).toBe(1);
  expect(steps.map(({ kind, name, changes }) => [kind, name, changes.map(({ field }) => field)])).toEqual([
    ['plan', 'gold', ['limits']],
    ['role', 'deployer', ['permissions']],
    ['federatedCredential', 'ci', ['conditions']],
    ['token', 'Deploy', ['description']],
  ]);
  const before = await get<{ items: { name: string; lastFour: string }[] }>(
    '/v1/tokens?organization=customer-one&whose=all',
  );
  expect((await bench.apply(changed)).code).toBe(0);
  expect((await bench.diff(changed)).code).toBe(0);
  const after = await get<{ items: { name: string; lastFour: string }[] }>(
    '/v1/tokens?organization=customer-one&whose=all',
  );
  expect(after.items.map(({ lastFour }) => lastFour)).toEqual(before.items.map(({ lastFour }) => lastFour));
  expect((await bench.apply(shop)).code).toBe(0);
});

test('nothing is removed unless it is asked for, and then of the kinds alone that the files name', async () => {
  const less = 'organizations:\n  - name: customer-one\n    tokens: []\n';
  expect(await bench.diff(less)).toMatchObject({ code: 0 });
  const all = await bench.diff(less, { prune: true });
  expect(all.output).toContain('- customer-one: API token Deploy');
  expect(all.output).toContain('0 to make, 0 to change, 2 to remove.');
  expect((await bench.diff(less, { prune: 'roles' })).code).toBe(0);
  expect((await bench.apply(less, { prune: true })).code).toBe(0);
  expect((await bench.diff(less, { prune: true })).code).toBe(0);
  expect((await bench.apply(shop)).code).toBe(0);
});

test('an organization is removed only where the flag names them, and never the operator’s', async () => {
  expect((await bench.apply('organizations:\n  - { name: gone }\n')).code).toBe(0);
  const only = 'organizations:\n  - { name: customer-one }\n';
  expect((await bench.diff(only, { prune: true })).code).toBe(0);
  const { output } = await bench.diff(only, { prune: 'organizations' });
  expect(output).toContain('- organization gone');
  expect(output).not.toContain('- organization acme');
  expect((await bench.apply(only, { prune: 'organizations' })).code).toBe(0);
  expect(
    (await get<{ items: { name: string }[] }>('/v1/organizations')).items.map(({ name }) => name).toSorted(),
  ).toEqual(['acme', 'customer-one']);
});

test('what was switched off by hand stays off until a file says otherwise', async () => {
  const { items } = await get<{ items: { id: string; name: string }[] }>(
    '/v1/tokens?organization=customer-one&whose=all',
  );
  const id = items.find(({ name }) => name === 'Deploy')?.id;
  await call(bench.server, 'POST', `/v1/tokens/${id}/deactivate?organization=customer-one`, bench.bearer);
  const seen = await bench.diff(shop);
  expect(seen.code).toBe(1);
  expect(seen.output).toContain('API token Deploy is deactivated, and the files do not say active: true. It stays so.');
  const applied = await bench.apply(shop);
  expect(applied.code).toBe(0);
  expect((await get<{ active: boolean }>(`/v1/tokens/${id}?organization=customer-one`)).active).toBe(false);
  const revived = shop.replace('name: Deploy', 'name: Deploy\n        active: true');
  expect((await bench.apply(revived)).code).toBe(0);
  expect((await get<{ active: boolean }>(`/v1/tokens/${id}?organization=customer-one`)).active).toBe(true);
});

test('a run keeps its hands off what it stands on: its own user, the last plan and API that must be', async () => {
  const bare = `
apis: []
plans: []
organizations:
  - name: acme
    operator: true
    users: []
`;
  const { output, code } = await bench.diff(bare, { prune: true });
  expect(code).toBe(1);
  expect(output).not.toContain('- acme: user owner@acme.example');
  expect(output).not.toContain('- API default');
  expect(output).not.toContain('- plan anonymous');
  expect(output).toContain('! acme: user owner@acme.example stays, as this run itself uses it.');
  const off =
    'organizations:\n  - name: acme\n    users:\n      - { email: owner@acme.example, name: The owner, role: owner, active: false }\n';
  const applied = await bench.apply(off);
  expect(applied.code).toBe(1);
  expect(applied.output).toContain('is what this run itself uses: it stays active');
});

test('a refusal names file, line and column, says what was done and what was not, and the next run goes on', async () => {
  const wrong = `
organizations:
  - name: customer-two
    roles:
      - name: Not A Handle
        permissions: [read:orders]
    apiUsers:
      - { name: Robot, role: member }
`;
  const { code, errors } = await bench.apply(wrong);
  expect(code).toBe(1);
  expect(errors).toMatch(/given\.yaml:5:9: customer-two: role Not A Handle: /);
  expect(errors).toContain('Not done are also:\n  create customer-two: API user Robot');
  expect((await bench.apply(wrong.replace('Not A Handle', 'handle'))).code).toBe(0);
  expect((await bench.diff(wrong.replace('Not A Handle', 'handle'))).code).toBe(0);
});

test('without a place for new secrets nothing is begun where nobody sits before a screen', async () => {
  const more = 'organizations:\n  - name: customer-two\n    apiUsers:\n      - { name: Second, role: member }\n';
  const { code, errors } = await bench.apply(more, { secretsTo: undefined });
  expect(code).toBe(2);
  expect(errors).toContain('--secrets-to');
  expect((await bench.diff(more)).code).toBe(1);
});

test('webhooks: made with a secret that is told once and never exported, changed, switched off and taken away', async () => {
  const files = (webhooks: string) => `
organizations:
  - name: customer-hooks
    webhooks:
${webhooks}
`;
  const two = `
      - { url: "https://HOOKS.invalid:443/a", events: [token.leaked, token.created], description: Alarms }
      - { url: "https://hooks.invalid/off", expiringDays: 30, active: false }`;
  expect(await bench.apply(files(two), { secretsTo: 'hooks.jsonl' })).toMatchObject({ code: 0, errors: '' });
  const secrets = secretsIn('hooks.jsonl');
  expect(secrets.map(({ kind, name }) => `${kind} ${name}`)).toEqual(
    expect.arrayContaining(['webhook https://hooks.invalid/a', 'webhook https://hooks.invalid/off']),
  );
  for (const { secret } of secrets) expect(secret).toMatch(/^whsec_/);
  expect(await bench.diff(files(two), { prune: true })).toMatchObject({ code: 0 });
  type Kept = { id: string; url: string; events: string[]; expiringDays: number; active: boolean };
  const kept = async () =>
    (await get<{ items: Kept[] }>('/v1/webhooks?organization=customer-hooks&order=asc')).items.toSorted((one, other) =>
      one.url < other.url ? -1 : 1,
    );
  expect(await kept()).toMatchObject([
    { url: 'https://hooks.invalid/a', events: ['token.created', 'token.leaked'], expiringDays: 7, active: true },
    { url: 'https://hooks.invalid/off', events: ['*'], expiringDays: 30, active: false },
  ]);

  const exported = await bench.export({ organization: ['customer-hooks'] });
  expect(exported.output).toContain(
    'url: https://hooks.invalid/off\n        expiringDays: 30\n        active: false\n',
  );
  for (const { secret = '' } of secrets) expect(exported.output).not.toContain(secret.slice('whsec_'.length));
  expect(await bench.diff(exported.output, { prune: true })).toMatchObject({ code: 0 });

  const changed = files(
    two.replace('[token.leaked, token.created]', '[token.leaked, "*"]').replace('active: false', 'active: true'),
  );
  const { output } = await bench.diff(changed);
  expect(output).toContain('~ customer-hooks: webhook https://hooks.invalid/a\n    events: ');
  expect(output).toContain('~ customer-hooks: webhook https://hooks.invalid/off\n    active: false → true');
  // Nothing new, and so nothing to tell.
  expect(await bench.apply(changed, { secretsTo: undefined })).toMatchObject({ code: 0, errors: '' });
  expect((await kept()).map(({ events, active }) => [events, active])).toEqual([
    [['*'], true],
    [['*'], true],
  ]);
  const one = files(two.split('\n').slice(0, 2).join('\n'));
  expect(await bench.apply(one, { prune: 'webhooks', secretsTo: undefined })).toMatchObject({ code: 0, errors: '' });
  expect((await kept()).map(({ url }) => url)).toEqual(['https://hooks.invalid/a']);
});

test('a webhook that cannot be is refused where it stands, and two of one address are told of', async () => {
  const files = (webhook: string) => `organizations:\n  - name: customer-hooks\n    webhooks:\n      - ${webhook}\n`;
  const typo = await bench.diff(files('{ url: "https://hooks.invalid/b", events: [token.leakd] }'));
  expect(typo.errors).toContain(
    'given.yaml:4:52: organizations[customer-hooks].webhooks[https://hooks.invalid/b].events[0]',
  );
  expect(typo.errors).toContain('Did you mean token.leaked?');
  const inside = await bench.apply(files('{ url: "https://10.0.0.1/x" }'));
  expect(inside.code).toBe(1);
  expect(inside.errors).toMatch(
    /given\.yaml:4:11: customer-hooks: webhook https:\/\/10\.0\.0\.1\/x: .*private or reserved/,
  );
  const url = 'https://hooks.invalid/a';
  await call(bench.server, 'POST', '/v1/webhooks?organization=customer-hooks', bench.bearer, { url });
  const { errors } = await bench.diff(files(`{ url: "${url}" }`));
  expect(errors).toContain(`There are 2 objects of this kind called ${url} on the server. Delete one of them.`);
  const { output } = await bench.export({ organization: ['customer-hooks'] });
  expect(output).toContain(`# 2 called ${url} are left out, as nothing tells them apart: keep one of them.`);
});

test('a customer’s own people apply what is theirs, and nothing else [S56]', async () => {
  const customer = await bench.server.addOrganization('customer-own');
  const theirs = await benchAs(bench.server, customer.owner);
  const files = (name: string) => `
organizations:
  - name: ${name}
    roles:
      - { name: reader, permissions: [read:orders] }
    tokens:
      - { name: Mine, permissions: [read:orders] }
`;
  expect(await theirs.apply(files('customer-own'))).toMatchObject({ code: 0, errors: '' });
  expect(await theirs.diff(files('customer-own'), { prune: true })).toMatchObject({ code: 0 });
  const exported = await theirs.export();
  expect(exported.output).toContain('name: Mine\n');
  expect(exported.output).not.toContain('acme');
  const elsewhere = await theirs.apply(files('acme'));
  expect(elsewhere.code).toBe(1);
  expect(elsewhere.errors).toMatch(/given\.yaml:3:5: organization acme: /);
});
