// What a credential made, in the portal: shown as a tree, and ended with it where the person chooses that.

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { CreatedApiUser, CreatedToken } from '../../sdk/src/wire.ts';
import type { TestServer } from '../server.ts';
import { call } from '../wire/native/calls.ts';
import { axeInBoth, phone, sideways } from './browser.ts';
import { onDatabase } from './fixture.ts';

onDatabase('sqlite', 'what was made', (fixture) => {
  test('by a token is a tree on its page, and ends with the token if that is chosen', async () => {
    const { server } = fixture;
    const { root, child, grandchild, machine } = await family(server, 'tree');
    const { page } = await fixture.signedIn(server.owner, `/tokens/${root.token.id}`, { viewport: phone });
    const tree = page.locator('section').filter({ has: page.getByRole('heading', { name: 'What it made' }) });
    const branch = tree.getByRole('listitem').filter({ hasText: child.token.name }).first();
    await branch.getByRole('listitem').filter({ hasText: grandchild.token.name }).getByText(machine.username).waitFor();
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);

    await page.getByRole('button', { name: 'Deactivate' }).click();
    await ask(page, 'Deactivate', 'End the 3 things that it made, too');
    await page.getByText('Deactivated', { exact: true }).first().waitFor();
    for (const { secret } of [root, child, grandchild]) expect(await statusWith(server, secret)).toBe(401);
    await expect.poll(() => tree.getByText('Deactivated', { exact: true }).count()).toBe(3);
    await tree.getByRole('link', { name: child.token.name, exact: true }).click();
    await page.getByRole('heading', { name: child.token.name }).waitFor();
  });

  test('goes on when that is not chosen, and nothing is asked of one that made nothing', async () => {
    const { server } = fixture;
    const { root, child, grandchild } = await family(server, 'kept');
    const { page } = await fixture.signedIn(server.owner, `/tokens/${root.token.id}`);
    await page.getByRole('button', { name: 'Deactivate' }).click();
    await page.getByRole('dialog').getByLabel('End the 3 things that it made, too').waitFor();
    await ask(page, 'Deactivate');
    await page.getByText('Deactivated', { exact: true }).first().waitFor();
    expect([await statusWith(server, root.secret), await statusWith(server, child.secret)]).toEqual([401, 200]);
    const { token } = await server.core.createApiToken(server.asOwner, { permissions: [] });
    await page.goto(`${server.url}/tokens/${token.id}`);
    await page.getByRole('button', { name: 'Deactivate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).waitFor();
    expect(await page.getByRole('checkbox').count()).toBe(0);
    expect(await statusWith(server, grandchild.secret)).toBe(200);
  });

  test('by many tokens, a user or an API user ends with them from their lists too', async () => {
    const { server } = fixture;
    const [one, other] = [await family(server, 'many-1'), await family(server, 'many-2')];
    const { page } = await fixture.signedIn(server.owner, '/tokens?search=many-');
    for (const { root } of [one, other]) {
      const named = page.getByRole('link', { name: root.token.name, exact: true });
      await page.getByRole('row').filter({ has: named }).getByRole('checkbox').first().check();
    }
    await page.getByRole('button', { name: 'Deactivate', exact: true }).click();
    await ask(page, 'Deactivate', 'End what was made with it, too');
    await page.getByText('2 tokens deactivated.').waitFor();
    for (const { child } of [one, other]) expect(await statusWith(server, child.secret)).toBe(401);

    const { user } = await server.core.createUser(server.asOwner, {
      email: 'maker@acme.example',
      name: 'Maker',
      role: 'admin',
    });
    const maker = await server.callerFor({ type: 'user', id: user.id });
    const { apiUser } = await server.core.createApiUser(maker, { name: 'Made', role: 'member' });
    await page.goto(`${server.url}/people`);
    await page.getByRole('button', { name: 'Actions for Maker' }).filter({ visible: true }).first().click();
    await page.getByRole('menuitem', { name: 'Deactivate' }).click();
    await ask(page, 'Deactivate', 'End the one thing that it made, too');
    await expect
      .poll(async () => (await server.core.readApiUser(server.asOwner, apiUser.id)).lifecycle.deactivatedAt)
      .not.toBeNull();
  });
});

onDatabase('sqlite', 'a credential', (fixture) => {
  test('that was refused says when and why, and one whose role is gone says that it has none', async () => {
    const { server } = fixture;
    const made = await server.core.createApiToken(server.asOwner, {
      name: 'refused',
      permissions: [],
      use: 'exchange',
    });
    expect(await statusWith(server, made.secret)).toBe(401);
    await server.core.createRole(server.asOwner, { name: 'passing', permissions: ['read:user'] });
    const { apiUser } = await server.core.createApiUser(server.asOwner, { name: 'Bare', role: 'passing' });
    await server.core.deleteApiUser(server.asOwner, apiUser.id);
    await server.core.deleteRole(server.asOwner, 'passing');
    await server.core.createRole(server.asOwner, { name: 'passing', permissions: ['read:user'] });
    await server.core.restoreApiUser(server.asOwner, apiUser.id);
    await server.restart(); // Refusals are written when the server stops, or every few seconds.
    const { page } = await fixture.signedIn(server.owner, `/tokens/${made.token.id}`);
    await page.getByText('mostly because: The token may only be exchanged').waitFor();
    await page.goto(`${server.url}/api-users`);
    await page.getByRole('row').filter({ hasText: 'Bare' }).getByText('No role').filter({ visible: true }).waitFor();
  });
});

/** A token, one that it made, one that this made, and an API user of the last. */
async function family(server: TestServer, name: string) {
  const create = async (bearer: string, of: string) =>
    (await call<CreatedToken>(server, 'POST', '/v1/tokens', bearer, { name: of, permissions: ['*:*'] })).body;
  const root = (await server.core.createApiToken(server.asOwner, {
    name,
    permissions: ['*:*'],
  })) as unknown as CreatedToken;
  const child = await create(root.secret, `child of ${name}`);
  const grandchild = await create(child.secret, `grandchild of ${name}`);
  const wanted = { name: `machine of ${name}`, role: 'viewer' };
  const machine = (await call<CreatedApiUser>(server, 'POST', '/v1/api-users', grandchild.secret, wanted)).body;
  return { root, child, grandchild, machine };
}

/** Answers the dialog, with what else is to be chosen there. */
async function ask(page: Page, go: string, choice?: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  if (choice !== undefined) await dialog.getByLabel(choice).check();
  await dialog.getByRole('button', { name: go, exact: true }).click();
}

async function statusWith(server: TestServer, bearer: string): Promise<number> {
  return (await call(server, 'GET', '/v1/self', bearer)).status;
}
