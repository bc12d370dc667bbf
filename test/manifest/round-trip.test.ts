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
  for (let made = 0, tries = 0; made < edits && tries < edits * 20; tries += 1) {
    const edited = structuredClone(document);
    const name = editOnce(edited, chance, tries);
    if (name === null || [...expected].some((other) => sameObject(other, name))) continue;
    document = edited;
    expected.add(name);
    made += 1;
  }
  const { output: found } = await one.diff(stringify(document), { json: true });
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

/** Edits one object, and says what diff should call it; null where it came upon nothing to edit. */
function editOnce(document: ManifestDocument, chance: Chance, at: number): string | null {
  const customers = (document.organizations ?? []).filter(({ name }) => name.startsWith('customer-'));
  const organization = chance.one(customers);
  const key = (one: { name: string; externalId?: string | null | undefined }) => one.externalId ?? one.name;
  const named = (op: string, kind: string, name: string, field = '', parent = '') =>
    [op, kind, organization.name, parent, name, field].join('|');
  switch (chance.below(11)) {
    case 0: {
      organization.contributors = (organization.contributors ?? 1) + 1 + at;
      return named('change', 'organization', organization.name, 'contributors');
    }
    case 1: {
      const plan = chance.one((document.plans ?? []).filter(({ id }) => id.startsWith('plan-')));
      plan.name = `Edited ${at}`;
      return ['change', 'plan', '', '', plan.id, 'name'].join('|');
    }
    case 2: {
      const api = chance.one((document.apis ?? []).filter(({ handle }) => handle.startsWith('api-')));
      const [permission = ''] = chance.some(Object.keys(api.permissions ?? {}));
      if (api.permissions === undefined) return null;
      const before = api.permissions[permission];
      api.permissions[permission] = {
        group: typeof before === 'object' ? (before.group ?? '') : '',
        description: `Edited ${at}`,
      };
      return ['change', 'permission', '', api.handle, permission, 'description'].join('|');
    }
    case 3: {
      const role = chance.one(organization.roles ?? []);
      if (role.name === 'everything') return null;
      role.description = `Edited ${at}`;
      return named('change', 'role', role.name, 'description');
    }
    case 4: {
      const apiUser = chance.one(organization.apiUsers ?? []);
      apiUser.metadata = { edited: at };
      return named('change', 'apiUser', key(apiUser), 'metadata');
    }
    case 5: {
      const tokens = organization.tokens ?? [];
      const name = `New ${at}`;
      const apiUser = chance.one(organization.apiUsers ?? []);
      tokens.push({ name, owner: { apiUser: key(apiUser) }, permissions: ['read:thing-0'], expiresAt: '2030-01-01' });
      return named('create', 'token', name);
    }
    case 6: {
      const token = chance.one(organization.tokens ?? []);
      if (token.name.startsWith('New')) return null;
      token.limits = [{ limit: 1000 + at, window: '90s' }];
      return named('change', 'token', key(token), 'limits');
    }
    case 7: {
      const token = chance.one(organization.tokens ?? []);
      if (token.name.startsWith('New')) return null;
      token.expiresAt = `2029-01-01T00:00:${String(at % 60).padStart(2, '0')}Z`;
      return named('change', 'token', key(token), 'expiresAt');
    }
    case 8: {
      const name = `new-role-${at}`;
      organization.roles?.push({ name, permissions: ['read:thing-0'] });
      return named('create', 'role', name);
    }
    case 9: {
      const trusting = (organization.apiUsers ?? []).filter(
        ({ federatedCredentials }) => federatedCredentials !== undefined,
      );
      if (trusting.length === 0) return null;
      const apiUser = chance.one(trusting);
      const credential = apiUser.federatedCredentials?.find(({ issuer }) => issuer !== null);
      if (credential === undefined) return null;
      credential.conditions = { sub: `edited-${at}` };
      return named('change', 'federatedCredential', credential.name, 'conditions', key(apiUser));
    }
    default: {
      const application = chance.one(organization.applications ?? []);
      application.redirectUris = [`https://edited-${at}.example/cb`];
      return named('change', 'application', application.name, 'redirectUris');
    }
  }
}
