// External ids and metadata: kept, changed, found, told on every call, unique, and not in the journal or the log.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreatedApiUser, CreatedToken, Self, VerifyResponse } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectForbidden, expectProblem } from './calls.ts';

let server: TestServer;
let operator: string;
let globex: Awaited<ReturnType<TestServer['addOrganization']>>;
let tenant: string;
beforeAll(async () => {
  server = await startServer();
  globex = await server.addOrganization('globex');
  operator = await bearerOf(server, server.owner);
  tenant = await bearerOf(server, globex.owner);
});
afterAll(() => server?.stop());

interface Shown {
  id: string;
  externalId: string | null;
  metadata: unknown;
}

let made = 0;
const serial = () => {
  made += 1;
  return `n${made}`;
};

/** Each noun: where it is, what makes one, and the record in the answer that does. */
const nouns: [string, string, () => Record<string, unknown>, (body: never) => Shown][] = [
  ['an organization', '/v1/organizations', () => ({ name: `org-${serial()}` }), (body: Shown) => body],
  ['an API user', '/v1/api-users', () => ({ name: 'Till', role: 'viewer' }), (body: CreatedApiUser) => body],
  ['an API token', '/v1/tokens', () => ({ permissions: [] }), (body: CreatedToken) => body.token],
];

describe.each(nouns)('%s', (_, path, wanted, shown) => {
  const post = (body: object) => call(server, 'POST', path, operator, { ...wanted(), ...body });
  const patch = (id: string, body: object) => call<Shown>(server, 'PATCH', `${path}/${id}`, operator, body);
  const get = (id: string) => call<Shown>(server, 'GET', `${path}/${id}`, operator);
  const create = async (body: object) => shown((await post(body)).body as never);
  const idsWith = async (externalId: string) => {
    const list = `${path}?externalId=${encodeURIComponent(externalId)}`;
    return (await call<{ items: Shown[] }>(server, 'GET', list, operator)).body.items.map(({ id }) => id);
  };

  test('takes both when it is made and later, shows them, and null removes them', async () => {
    const externalId = `Łódź ${serial()}/7`;
    const metadata = { crm: { id: 7, tags: ['a', null] }, 'a key': true };
    const one = await create({ externalId, metadata });
    expect(one).toMatchObject({ externalId, metadata });
    expect((await get(one.id)).body).toMatchObject({ externalId, metadata });
    expect((await patch(one.id, { metadata: { b: 1 } })).body).toMatchObject({ externalId, metadata: { b: 1 } });
    expect((await patch(one.id, { externalId: null })).body).toMatchObject({ externalId: null, metadata: { b: 1 } });
    expect((await patch(one.id, { metadata: null })).body).toMatchObject({ externalId: null, metadata: null });
    expect((await get(one.id)).body).toMatchObject({ externalId: null, metadata: null });
  });

  test('is found by its external id, however that is composed, and by no part of it', async () => {
    const id = serial();
    const one = await create({ externalId: `\u00c5 ${id}` });
    await create({ externalId: `\u00c5 ${id}0` });
    expect(await idsWith(`A\u030a ${id}`)).toEqual([one.id]);
    expect(await idsWith('\u00c5')).toEqual([]);
    expect(await idsWith(serial())).toEqual([]);
    expectFaults(await call(server, 'GET', `${path}?externalId=`, operator), '/query/externalId');
  });

  test('shares its external id with none that is not deleted', async () => {
    const externalId = serial();
    const [one, other] = [await create({ externalId }), await create({})];
    for (const refused of [await post({ externalId }), await patch(other.id, { externalId })]) {
      expect(expectProblem(refused, 409, 'conflict').errors).toMatchObject([{ at: '/body/externalId' }]);
    }
    expect((await patch(one.id, { externalId })).status).toBe(200);
    expect((await call(server, 'DELETE', `${path}/${one.id}`, operator)).status).toBe(204);
    expect((await patch(other.id, { externalId })).status).toBe(200);
    if (path === '/v1/organizations') return;
    expectProblem(await call(server, 'POST', `${path}/${one.id}/restore`, operator), 409, 'conflict');
    await patch(other.id, { externalId: null });
    expect((await call(server, 'POST', `${path}/${one.id}/restore`, operator)).status).toBe(204);
  });

  test('refuses what is no external id, what is too much and what is a secret, and repeats no secret [S12]', async () => {
    const one = await create({});
    for (const externalId of ['', ' ', 'x'.repeat(129), 'a\u200bb', 7, {}]) {
      expectFaults(await post({ externalId }), '/body/externalId');
      expectFaults(await patch(one.id, { externalId }), '/body/externalId');
    }
    const { secret } = await server.core.createApiToken(server.owner.caller, { permissions: [] });
    const secrets = [await post({ externalId: secret }), await patch(one.id, { metadata: { a: [secret] } })];
    expectFaults(secrets[0] as never, '/body/externalId');
    expectFaults(secrets[1] as never, '/body/metadata');
    for (const { text } of secrets) expect(text).not.toContain(secret);
    for (const metadata of [[], 'text', 7, { a: 'x'.repeat(5000) }]) {
      expectFaults(await post({ metadata }), '/body/metadata');
    }
  });

  test('has its external id in the journal, and nothing of its metadata; neither is in the log', async () => {
    const [externalId, canary] = [serial(), `canary-${serial()}`];
    const { id } = await create({ externalId, metadata: { canary } });
    await patch(id, { externalId: `${externalId}-2`, metadata: { canary, b: 1 } });
    const entries = await server.store.journal.after(0, 10_000);
    const details = entries.filter(({ subject }) => subject.id === id).map(({ detail }) => detail);
    expect(details).toEqual([
      expect.objectContaining({ externalId, metadata: 'set' }),
      { externalId: `${externalId}-2`, metadata: 'set' },
    ]);
    expect(JSON.stringify(entries)).not.toContain(canary);
    expect(server.logs()).not.toContain(canary);
  });
});

test('both external ids are told of a call: by self, verify and the identity headers, at once after a change', async () => {
  const wanted = {
    permissions: ['read:funds', 'verify:credential'],
    externalId: 'key 7',
    metadata: { canary: 'shown' },
  };
  const { body } = await call<CreatedToken>(server, 'POST', '/v1/tokens', operator, wanted);
  const secret = body.secret;
  const told = async () => {
    const self = await call<Self>(server, 'GET', '/v1/self', secret);
    const verify = await call<VerifyResponse>(server, 'POST', '/v1/verify', secret, { credential: secret });
    const check = await call(server, 'GET', '/v1/check', secret);
    for (const { text } of [self, verify, check]) expect(text).not.toContain('canary');
    const { organization, externalId } = self.body;
    expect(verify.body.principal).toMatchObject({ externalId, organization, organizationId: organization.id });
    const header = (name: string) => decodeURIComponent(check.headers.get(name) ?? 'none');
    expect(header('x-auth-external-id')).toBe(externalId ?? '');
    expect(header('x-auth-organization-external-id')).toBe(organization.externalId ?? '');
    return { externalId, organization: organization.externalId };
  };
  expect(await told()).toEqual({ externalId: 'key 7', organization: null });
  const { id } = server.organization;
  await call(server, 'PATCH', `/v1/organizations/${id}`, operator, { externalId: 'provider/\u{1F680}' });
  expect(await told()).toEqual({ externalId: 'key 7', organization: 'provider/\u{1F680}' });
  await call(server, 'PATCH', `/v1/tokens/${body.token.id}`, operator, { externalId: null });
  expect(await told()).toEqual({ externalId: null, organization: 'provider/\u{1F680}' });
  await call(server, 'PATCH', `/v1/organizations/${id}`, operator, { externalId: null });
});

test('of an organization they are the operator’s to change; its own people read them', async () => {
  const path = `/v1/organizations/${globex.id}`;
  const record = { externalId: 'cus_globex', metadata: { tier: 'gold' } };
  for (const body of [{ externalId: 'mine' }, { metadata: {} }, { externalId: null }]) {
    expectForbidden(await call(server, 'PATCH', path, tenant, body), 'update:organization');
  }
  expect((await call(server, 'PATCH', path, operator, record)).body).toMatchObject(record);
  expect((await call(server, 'GET', path, tenant)).body).toMatchObject(record);
  const self = await call<Self>(server, 'GET', '/v1/self', tenant);
  expect(self.body.organization).toEqual({ id: globex.id, name: 'globex', externalId: 'cus_globex' });
});

test('one organization’s external ids are no obstacle to another’s', async () => {
  const wanted = { permissions: [], externalId: 'the same' };
  expect((await call(server, 'POST', '/v1/tokens', operator, wanted)).status).toBe(201);
  expect((await call(server, 'POST', '/v1/tokens', tenant, wanted)).status).toBe(201);
  const machine = { name: 'M', role: 'viewer', externalId: 'the same' };
  expect((await call(server, 'POST', '/v1/api-users', operator, machine)).status).toBe(201);
  expect((await call(server, 'POST', '/v1/api-users', tenant, machine)).status).toBe(201);
});

test('the successor of an API user has its metadata, and an external id of its own', async () => {
  const wanted = { name: 'M', role: 'viewer', externalId: serial(), metadata: { a: 1 } };
  const { id } = (await call<CreatedApiUser>(server, 'POST', '/v1/api-users', operator, wanted)).body;
  const successor = await call<CreatedApiUser>(server, 'POST', `/v1/api-users/${id}/successor`, operator);
  expect(successor.body).toMatchObject({ externalId: null, metadata: { a: 1 } });
});
