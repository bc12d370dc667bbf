// Ending something with all that it made: how far it reaches, whom it spares, and what it asks for.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer, unlimited } from '../../../../test/server.ts';
import { anApiToken, aUser } from '../../storage/records.test-support.ts';
import { isActive } from '../caller/lifecycle.ts';
import type { Root } from './lineage.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

/** A token of the owner's that may do everything, and itself as a caller. */
async function leak() {
  const { token } = await server.core.createApiToken(server.asOwner, { permissions: ['*:*'] });
  return { root: { type: 'api_token', id: token.id } as const, caller: await as(token.id) };
}
const as = (id: string) => server.callerFor({ type: 'api_token', id });
const madeBy = async (id: string) =>
  server.core.createApiToken(await as(id), { permissions: ['*:*'] }).then(({ token }) => token.id);
const isAlive = async ({ type, id }: Root) => {
  const record = await server.store.credentials.bySource({ type, id });
  return record !== null && isActive(record.lifecycle);
};
const token = (id: string) => ({ type: 'api_token', id }) as const;

test('ends what a token made, through users, API users and tokens, and nothing else, in one commit', async () => {
  const { core, store, asOwner } = server;
  const { root, caller } = await leak();
  const bystander = await leak();
  const { apiUser } = await core.createApiUser(caller, { name: 'X', role: 'admin' });
  const machine = await server.callerFor({ type: 'api_user', id: apiUser.id });
  const { user } = await core.createUser(machine, { email: 'made@acme.example', name: 'X', role: 'member' });
  const child = await madeBy(root.id);
  const grandchild = await madeBy(child);
  const all = [
    root,
    { type: 'api_user', id: apiUser.id },
    { type: 'user', id: user.id },
    token(child),
    token(grandchild),
  ];
  const shown = await core.descendantsOf(asOwner, root);
  expect(shown.total).toBe(4);
  expect(shown.items.map(({ id, createdBy }) => [id, createdBy])).toEqual(
    expect.arrayContaining([
      [apiUser.id, root.id],
      [user.id, apiUser.id],
      [child, root.id],
      [grandchild, child],
    ]),
  );
  await core.endWithDescendants(asOwner, root, 'deactivate');
  for (const one of all as Root[]) expect(await isAlive(one), one.type).toBe(false);
  expect(await isAlive(bystander.root)).toBe(true);
  const entries = await store.journal.latest(server.organization.id, 5);
  expect(entries.at(-1)).toMatchObject({ action: 'api_token.deactivated', subject: root, detail: {} });
  for (const { detail } of entries.slice(0, -1)) expect(detail).toMatchObject({ descendantOf: root.id });
  const head = await store.journal.head();
  await core.endWithDescendants(asOwner, root, 'deactivate');
  expect(await store.journal.head(), 'again changes nothing').toBe(head);
  await core.endWithDescendants(asOwner, root, 'delete');
  expect(await core.descendantsOf(asOwner, bystander.root)).toEqual({ items: [], total: 0 });
  expect((await store.lineage.of(server.organization.id, root.id, { besides: '', alive: 'undeleted' }, 9)).total).toBe(
    0,
  );
});

test('ends more than fit into one change, and what is made while it ends', async () => {
  const { root } = await leak();
  const owner = aUser(server.organization.id, { id: server.owner.id });
  const many = Array.from({ length: 1100 }, () => anApiToken(owner, { createdBy: root.id }));
  await server.store.write(async (changes) => {
    for (const one of many) await changes.apiTokens.insert(one);
  });
  const makers = await Promise.all(many.slice(0, 20).map(({ id }) => as(id)));
  const making = makers.map((caller) => server.core.createApiToken(caller, { permissions: [] }).catch(() => null));
  const shown = await server.core.descendantsOf(server.asOwner, root);
  expect(shown.items).toHaveLength(100);
  expect(shown.total).toBeGreaterThanOrEqual(1100);
  await Promise.all([
    server.core.endWithDescendants(server.asOwner, root, 'delete'),
    ...makers.map((caller) => server.core.createApiToken(caller, { permissions: [] }).catch(() => null)),
    ...making,
  ]);
  const entries = await server.store.journal.after(0, 100_000);
  const last = entries.findLast(({ detail }) => detail.descendantOf === root.id);
  const receipt = await server.core.receiptFor(server.asOwner, root, AbortSignal.timeout(50));
  expect(receipt.seq, 'the receipt is of what was ended last').toBe(last?.seq);
  const left = await server.store.lineage.of(server.organization.id, root.id, { besides: '', alive: 'active' }, 9);
  expect(left).toEqual({ items: [], total: 0 });
});

test('may be asked for by the credential that it ends', async () => {
  const { root, caller } = await leak();
  const child = await madeBy(root.id);
  await server.core.endWithDescendants(caller, root, 'delete');
  for (const one of [root, token(child)]) expect(await isAlive(one)).toBe(false);
});

test('spares whoever asks, and what they made', async () => {
  const { root, caller } = await leak();
  const { user } = await server.core.createUser(caller, { email: 'deputy@acme.example', name: 'X', role: 'admin' });
  const deputy = await server.callerFor({ type: 'user', id: user.id });
  const own = await server.core.createApiToken(deputy, { permissions: [] });
  await server.core.endWithDescendants(deputy, root, 'delete');
  expect(await isAlive({ type: 'user', id: user.id })).toBe(true);
  expect(await isAlive(token(own.token.id))).toBe(true);
  expect(await isAlive(root)).toBe(false);
});

test('ends nothing at all where it may not end all: a foreign root, a user who outranks, the last owner', async () => {
  const { core, admin, member, asOwner } = server;
  const { root, caller } = await leak();
  const { user } = await core.createUser(caller, { email: 'second@acme.example', name: 'X', role: 'owner' });
  const child = await madeBy(root.id);
  const isUntouched = async () => {
    for (const one of [root, token(child), { type: 'user', id: user.id } as const])
      expect(await isAlive(one)).toBe(true);
  };
  const globex = await server.addOrganization('globex');
  for (const how of ['deactivate', 'delete'] as const) {
    await expect(core.endWithDescendants(globex.owner.caller, root, how)).rejects.toMatchObject({ code: 'not_found' });
    await expect(core.endWithDescendants(member.caller, root, how)).rejects.toMatchObject({ code: 'not_found' });
    await expect(core.endWithDescendants(admin.caller, root, how)).rejects.toMatchObject({ code: 'forbidden' });
    await isUntouched();
  }
  await expect(core.descendantsOf(globex.owner.caller, root)).rejects.toMatchObject({ code: 'not_found' });
  await expect(core.descendantsOf(member.caller, root)).rejects.toMatchObject({ code: 'not_found' });
  const elsewhere = unlimited({ ...asOwner, owner: { ...asOwner.owner, id: 'nobody' } });
  await core.deactivateUser(asOwner, user.id);
  await core.activateUser(asOwner, user.id);
  await core.deactivateUser(elsewhere, server.owner.id);
  await expect(core.endWithDescendants(elsewhere, root, 'delete')).rejects.toMatchObject({ code: 'conflict' });
  expect(await isAlive({ type: 'user', id: user.id })).toBe(true);
  await core.activateUser(elsewhere, server.owner.id);
  await core.endWithDescendants(asOwner, root, 'delete');
  expect(await isAlive({ type: 'user', id: user.id })).toBe(false);
});
