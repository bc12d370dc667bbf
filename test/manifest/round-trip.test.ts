// Exported and applied to an empty server gives the same server; and what is edited, in the files or on the server, is named
// and nothing else is. KEYWARD_THINGS=1000 for a large one.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { ManifestDocument } from '../../server/src/cli/manifest/model/documents.ts';
import { call } from '../wire/native/calls.ts';
import { type ServerBench, startBench } from './commands.ts';
import { type Chance, chanceOf, generated } from './generated.ts';

const things = Number(process.env.KEYWARD_THINGS ?? 80);
const edits = 50;

let one: ServerBench;
beforeAll(async () => {
  one = await startBench();
}, 180_000);
afterAll(() => one?.server.stop());

/** Without the head, which names the server. */
const bodyOf = (text: string) => text.replace(/^(?:#.*\n)*/, '').replaceAll(one.server.url, '<url>');

interface StepJson {
  op: string;
  kind: string;
  organization: string | null;
  parent?: string;
  name: string;
  changes: { field: string }[];
}
const namesOf = (steps: readonly StepJson[]) =>
  steps
    .map(({ op, kind, organization, parent, name, changes }) =>
      [
        op,
        kind,
        organization,
        parent ?? null,
        name,
        op === 'change' ? changes.map(({ field }) => field).join() : '',
      ].join('|'),
    )
    .toSorted();

test(`${things} objects come out as they went in, and again from the one database to the other`, async () => {
  const wanted = stringify(generated(1, things));
  const made = await one.apply(wanted);
  expect(made).toMatchObject({ code: 0, errors: '' });
  expect(await one.diff(wanted)).toMatchObject({ code: 0 });
  expect((await one.apply(wanted)).output).toBe('No differences.\n');

  const exported = await one.export();
  expect(exported.code).toBe(0);
  expect((await one.export()).output).toBe(exported.output);
  expect(await one.diff(exported.output, { prune: true })).toMatchObject({ code: 0 });

  const two = await startBench({ database: 'postgres' });
  try {
    const there = await two.apply(exported.output);
    expect(there).toMatchObject({ code: 0, errors: '' });
    expect(
      await two.diff(exported.output, { prune: 'organizations,roles,tokens,apiUsers,applications' }),
    ).toMatchObject({ code: 0 });
    const again = await two.export();
    expect(bodyOf(again.output.replaceAll(two.server.url, '<url>'))).toBe(bodyOf(exported.output));
  } finally {
    await two.server.stop();
  }
}, 300_000);

test(`${edits} random edits of the files are named, each by its field, and nothing else is`, async () => {
  const seed = Number(process.env.KEYWARD_SEED ?? Date.now() % 1_000_000);
  const chance = chanceOf(seed);
  const { output } = await one.export({ json: true });
  let document = JSON.parse(output) as ManifestDocument;
  const expected = new Set<string>();
  for (let tries = 0; expected.size < edits && tries < edits * 20; tries += 1) {
    const edited = structuredClone(document);
    const name = editOnce(edited, chance, tries);
    if (name === null || [...expected].some((other) => sameObject(other, name))) continue;
    document = edited;
    expected.add(name);
  }
  expect(expected.size, `seed ${seed}`).toBe(edits);
  const { output: found } = await one.diff(stringify(document), { json: true, prune: 'tokens,webhooks,applications' });
  expect(namesOf((JSON.parse(found) as { steps: StepJson[] }).steps), `seed ${seed}`).toEqual([...expected].toSorted());
}, 120_000);

test('edits on the server are named, each by its field, and nothing else is', async () => {
  const { output: before } = await one.export();
  const list = async (path: string) =>
    (await call<{ items: { id: string; name: string }[] }>(one.server, 'GET', path, one.bearer)).body.items;
  const [first, second, third] = await list('/v1/tokens?organization=customer-0&whose=all&state=active&sort=name');
  const [robot] = await list('/v1/api-users?organization=customer-0&sort=name');
  const change = (path: string, body: object) => call(one.server, 'PATCH', path, one.bearer, body);
  const at = '?organization=customer-0';
  expect((await change(`/v1/tokens/${first?.id}${at}`, { description: 'Edited by hand' })).status).toBe(200);
  expect((await change(`/v1/tokens/${second?.id}${at}`, { addresses: ['203.0.113.9'] })).status).toBe(200);
  expect((await change(`/v1/api-users/${robot?.id}${at}`, { metadata: { by: 'hand' } })).status).toBe(200);
  expect((await change(`/v1/roles/role-0${at}`, { description: 'Edited by hand' })).status).toBe(200);
  expect((await change('/v1/plans/plan-0', { whenUnavailable: 'allow', name: 'By hand' })).status).toBe(200);
  expect((await change('/v1/permissions/read:thing-0', { group: 'By hand' })).status).toBe(200);
  expect((await call(one.server, 'DELETE', `/v1/tokens/${third?.id}${at}`, one.bearer)).status).toBe(204);
  const { output } = await one.diff(before, { json: true });
  const { steps } = JSON.parse(output) as { steps: StepJson[] };
  const keyOf = (kind: string) =>
    steps.filter((step) => step.kind === kind).map(({ op, changes }) => [op, changes.map(({ field }) => field)]);
  expect(steps).toHaveLength(7);
  expect(keyOf('token').toSorted()).toEqual([
    ['change', ['addresses']],
    ['change', ['description']],
    ['create', expect.anything()],
  ]);
  expect(keyOf('apiUser')).toEqual([['change', ['metadata']]]);
  expect(keyOf('role')).toEqual([['change', ['description']]]);
  expect(keyOf('permission')).toEqual([['change', ['group']]]);
  expect(keyOf('plan')[0]?.[1]).toContain('name');
  expect((await one.apply(before)).code).toBe(0);
  expect(await one.diff(before)).toMatchObject({ code: 0 });
}, 120_000);

/** Whether two names are of one object. */
function sameObject(one: string, other: string): boolean {
  const head = (name: string) => name.split('|').slice(1, 5).join('|');
  return head(one) === head(other);
}

type Things = Record<string, unknown>[];

/** By kind the fields that are edited, each with a value that nothing generated has. */
const edited: Readonly<Record<string, Readonly<Record<string, (at: number) => unknown>>>> = {
  organization: {
    contributors: (at) => 100 + at,
    metadata: (at) => ({ edited: at }),
    longestTokenLifetime: (at) => `${4000 + at}d`,
    leakPolicy: (at) => ({ action: 'shorten', endsAfter: `${25 + (at % 600)}h` }),
    entitlement: (at) => ['*:*', `read:thing-${at % 3}`],
  },
  plan: {
    name: (at) => `Edited ${at}`,
    limits: (at) => [{ limit: 20_000 + at, window: '2h', per: 'organization' }],
  },
  api: { name: (at) => `Edited ${at}`, description: (at) => `Edited ${at}` },
  permission: { description: (at) => `Edited ${at}`, group: (at) => `Edited ${at}` },
  role: { description: (at) => `Edited ${at}` },
  apiUser: { metadata: (at) => ({ edited: at }) },
  federatedCredential: {
    conditions: (at) => ({ sub: `edited-${at}` }),
    audience: (at) => `urn:edited:${at}`,
  },
  application: {
    redirectUris: (at) => [`https://edited-${at}.example/cb`],
    logoUrl: (at) => `https://edited-${at}.example/logo.png`,
  },
  token: {
    description: (at) => `Edited ${at}`,
    permissions: () => ['read:*', 'read:thing-2'],
    addresses: (at) => [`203.0.113.${at % 256}`],
    limits: (at) => [{ limit: 1000 + at, window: '90s' }],
    expiresAt: (at) => `2029-01-01T00:00:${String(at % 60).padStart(2, '0')}Z`,
    metadata: (at) => ({ edited: at }),
  },
  webhook: {
    description: (at) => `Edited ${at}`,
    expiringDays: (at) => 301 + (at % 60),
    events: () => ['token.rotated', 'token.limit_reached'],
  },
};

/** What can be added, without what it is called. */
const added = {
  role: { permissions: ['read:thing-0'] },
  apiUser: { role: 'everything' },
  token: { permissions: ['read:thing-0'], expiresAt: '2030-01-01' },
  webhook: {},
};
const isNew = (name: string) => name.includes('new-thing');

/** Edits one object, and says what diff should call it; null where it came upon nothing to edit. */
function editOnce(document: ManifestDocument, chance: Chance, at: number): string | null {
  const organization = chance.one((document.organizations ?? []).filter(({ name }) => name.startsWith('customer-')));
  const within = organization as unknown as Record<string, Things | undefined>;
  const named = (op: string, kind: string, name: string, field = '', parent = '') =>
    [op, kind, organization.name, parent, name, field].join('|');
  const keyOf = (one: Record<string, unknown>) => String(one.externalId ?? one.name ?? one.url);
  const [op, kind] = chance.one([
    ...Object.keys(edited).flatMap((kind) => Array.from({ length: 4 }, () => ['change', kind] as const)),
    ...Object.keys(added).map((kind) => ['create', kind] as const),
    ...['token', 'webhook', 'application'].map((kind) => ['remove', kind] as const),
  ]);
  if (op === 'create') {
    const name = kind === 'webhook' ? `https://new-thing-${at}.invalid/` : `new-thing-${at}`;
    const owner = kind === 'token' && { owner: { apiUser: keyOf(chance.one(within.apiUsers ?? [])) } };
    const list = within[`${kind}s`] ?? [];
    within[`${kind}s`] = [
      ...list,
      { [kind === 'webhook' ? 'url' : 'name']: name, ...added[kind as keyof typeof added], ...owner },
    ];
    return named('create', kind, name);
  }
  if (op === 'remove') {
    const list = within[`${kind}s`] ?? [];
    if (list.length === 0) return null;
    const [removed = {}] = list.splice(chance.below(list.length), 1);
    return isNew(keyOf(removed)) ? null : named('remove', kind, keyOf(removed));
  }
  const field = chance.one(Object.keys(edited[kind] ?? {}));
  const value = edited[kind]?.[field]?.(at);
  if (kind === 'organization') {
    Object.assign(organization, { [field]: value });
    return named('change', 'organization', organization.name, field);
  }
  if (kind === 'plan' || kind === 'api') {
    const all = (document[`${kind}s`] ?? []) as unknown as { id?: string; handle?: string }[];
    const one = chance.one(all.filter(({ id, handle }) => /^(?:plan|api)-/.test(id ?? handle ?? '')));
    Object.assign(one, { [field]: value });
    return ['change', kind, '', '', one.id ?? one.handle, field].join('|');
  }
  if (kind === 'permission') {
    const api = chance.one((document.apis ?? []).filter(({ handle }) => handle.startsWith('api-')));
    const permissions = api.permissions ?? {};
    const name = chance.one(Object.keys(permissions));
    const before = permissions[name];
    const whole = typeof before === 'object' ? before : { description: before ?? '' };
    permissions[name] = { ...whole, [field]: value };
    return ['change', kind, '', api.handle, name, field].join('|');
  }
  if (kind === 'federatedCredential') {
    const trusting = (organization.apiUsers ?? []).filter((one) => one.federatedCredentials !== undefined);
    if (trusting.length === 0) return null;
    const apiUser = chance.one(trusting);
    const credential = apiUser.federatedCredentials?.find(({ issuer }) => issuer !== null);
    if (credential === undefined) return null;
    Object.assign(credential, { [field]: value });
    return named('change', kind, credential.name, field, keyOf(apiUser));
  }
  const list = (within[`${kind}s`] ?? []).filter((one) => !isNew(keyOf(one)) && one.name !== 'everything');
  if (list.length === 0) return null;
  const one = chance.one(list);
  if (one[field] === value) return null;
  Object.assign(one, { [field]: value });
  return named('change', kind, keyOf(one), field);
}
