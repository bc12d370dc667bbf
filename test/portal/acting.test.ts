// Working in a customer's organization: found, entered, seen in every page and address, changed there alone, and left. What
// is not there or not for somebody shows nothing of any other.

import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { register } from '../assembled-server.ts';
import type { TestServer } from '../server.ts';
import { arrived, axeInBoth, phone, settled, sideways } from './browser.ts';
import { onDatabase } from './fixture.ts';

const band = (page: Page) => page.getByRole('region', { name: 'Working in another organization' });
const options = (page: Page) => page.getByRole('listbox').getByRole('option').allTextContents();
const picker = (page: Page) => page.getByRole('combobox', { name: 'Work in organization' });

onDatabase('sqlite', 'working in a customer’s organization', (fixture) => {
  let hooli: Awaited<ReturnType<TestServer['addOrganization']>>;
  const there = (path: string, id = hooli.id) => `${path}?organization=${id}`;
  beforeAll(async () => {
    const { core, asOwner } = fixture.server;
    hooli = await fixture.server.addOrganization('hooli');
    await core.updateOrganization(asOwner, hooli.id, { externalId: 'cust_42' });
    for (let number = 0; number < 30; number += 1) await core.createOrganization(asOwner, { name: `many-${number}` });
    await core.createApiToken(asOwner, { name: 'our-own', permissions: [] });
    await core.createApiToken(hooli.owner.caller, { name: 'their-till', permissions: [] });
  });

  test('is found by name or external id and entered by keyboard, and the address keeps it', async () => {
    const { page, context } = await fixture.signedIn(fixture.server.owner, '/tokens?whose=all');
    await page.getByRole('link', { name: 'our-own' }).waitFor();
    expect(await band(page).count()).toBe(0);
    const button = page.getByRole('button', { name: /Switch organization/ });
    await button.focus();
    await page.keyboard.press('Enter');
    await picker(page).waitFor();
    await page.getByRole('option', { name: 'acme (your own)' }).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => button.evaluate((itself) => itself === itself.ownerDocument.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('document.activeElement.role')).toBe('combobox');
    await page.keyboard.type('many-29');
    await expect.poll(() => options(page)).toEqual(['many-29']);
    await picker(page).fill('nobody at all');
    await page.getByText('No organization has this name or external id.').waitFor();
    await picker(page).fill('cust_42');
    await expect.poll(() => options(page)).toEqual(['hoolicust_42']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');

    await expect.poll(() => band(page).textContent()).toContain('You are working in hooli (cust_42)');
    expect(new URL(page.url()).search).toBe(`?organization=${hooli.id}`);
    await page.getByRole('link', { name: 'their-till' }).waitFor();
    expect(await page.getByText('our-own').count()).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
    await expect.poll(() => page.title()).toBe('API tokens · hooli · Keyward');
    await page.reload();
    await page.getByRole('link', { name: 'their-till' }).click();
    await page.getByRole('heading', { name: 'their-till' }).waitFor();
    expect(new URL(page.url()).searchParams.get('organization')).toBe(hooli.id);
    for (const [name, heading] of [
      ['Users and roles', 'Users and roles'],
      ['Usage', 'Usage'],
      ['Recent calls', 'Recent calls'],
      ['Journal', 'Journal'],
      ['Plans and limits', 'Plans and limits'],
      ['Settings', 'Settings'],
    ] as const) {
      await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click();
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
      await settled(page);
      expect(new URL(page.url()).searchParams.get('organization')).toBe(hooli.id);
      expect(await axeInBoth(page)).toEqual([]);
    }
    await page.goBack();
    await page.getByRole('heading', { name: 'Plans and limits' }).waitFor();
    expect(new URL(page.url()).searchParams.get('organization')).toBe(hooli.id);

    // Another tab is another organization's, or one's own.
    const other = await context.newPage();
    await other.goto(`${fixture.server.url}/tokens?whose=all`);
    await other.getByRole('link', { name: 'our-own' }).waitFor();
    expect(await band(other).count()).toBe(0);
    await page.getByRole('link', { name: 'API tokens' }).first().click();
    await page.getByRole('link', { name: 'their-till' }).waitFor();
    await band(page).getByRole('link', { name: 'Leave' }).click();
    await page.getByRole('link', { name: 'our-own' }).or(page.getByText('No API tokens yet')).first().waitFor();
    expect(await band(page).count()).toBe(0);
    expect(page.url()).toBe(`${fixture.server.url}/tokens`);
    await page.goBack();
    await page.getByRole('link', { name: 'their-till' }).waitFor();
    await band(page).waitFor();
  });

  test('shows no page that is not about the organization, and what is one’s own or the server’s leaves it', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, there('/'));
    await band(page).waitFor();
    const links = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
    expect(await links.allTextContents()).toEqual([
      ...['Keyward', 'API tokens', 'API users', 'Applications', 'Users and roles'],
      ...['Plans and limits', 'Usage', 'Recent calls', 'Journal', 'Webhooks', 'Settings'],
    ]);
    await page.getByRole('button', { name: /^Account/ }).press('Enter');
    await page.getByRole('menuitem', { name: 'Your account' }).press('Enter');
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    await band(page).waitFor({ state: 'detached' });
    expect(page.url()).toBe(`${fixture.server.url}/account`);
    await page.goto(fixture.server.url + there('/signing-keys'));
    await page.waitForURL(`${fixture.server.url}/signing-keys`);
    await arrived(page);
    expect(await band(page).count()).toBe(0);
    // One's own by its id is one's own.
    await page.goto(fixture.server.url + there('/usage', fixture.server.organization.id));
    await page.waitForURL(`${fixture.server.url}/usage`);
    await arrived(page);
    expect(await band(page).count()).toBe(0);
  });

  test('changes what is the customer’s and nothing else, and its journal says who did it', async () => {
    const { server } = fixture;
    const { core, asOwner } = server;
    const { page } = await fixture.signedIn(server.owner, there('/people'));
    await page.getByRole('button', { name: 'Add a user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('In hooli').waitFor();
    await dialog.getByLabel('E-mail or name').fill('gavin@hooli.example');
    await dialog.getByLabel('Name', { exact: true }).fill('Gavin');
    await dialog.getByLabel('Role').selectOption('member');
    expect(await dialog.getByLabel('Role').locator('option[value=owner]').isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Add user' }).click();
    await page.getByText('Sign-in of Gavin').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await page.getByRole('row', { name: /gavin@hooli/ }).waitFor();
    await page.goto(`${server.url + there('/people')}&tab=roles`);
    await page.getByRole('button', { name: 'Create role' }).click();
    await dialog.getByLabel('Name', { exact: true }).fill('cashier');
    await dialog.getByRole('checkbox', { name: 'read:plan' }).check();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('button', { name: 'cashier' }).first().waitFor();
    const roles = async (caller: typeof asOwner) => (await core.listRoles(caller)).map(({ name }) => name);
    expect(await roles(hooli.owner.caller)).toContain('cashier');
    expect(await roles(asOwner)).not.toContain('cashier');
    await page.goto(server.url + there('/journal'));
    const row = page.getByRole('row', { name: /Created a role/ });
    await expect.poll(() => row.textContent()).toContain(`${server.owner.email} (acme)`);
  });

  test('makes a token for one of the customer’s API users, of what the customer may hold', async () => {
    const { server } = fixture;
    const { core, asOwner } = server;
    await register(server, 'read:maps', 'sell:maps');
    await core.createApiUser(hooli.owner.caller, { name: 'Navigator', role: 'admin' });
    await core.updateOrganization(asOwner, hooli.id, { entitlement: ['read:maps'] });
    const { page } = await fixture.signedIn(server.owner, `${there('/tokens')}&new=1`);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('maps');
    await dialog.getByLabel('read:maps').check();
    expect(await dialog.getByLabel('sell:maps').count()).toBe(0);
    await dialog.getByRole('combobox', { name: 'Whose is it?' }).fill('Navigator');
    await page.getByRole('option', { name: 'Navigator' }).click();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Generate' }).click();
    await page.getByRole('button', { name: 'I have saved it' }).click();
    const made = await core.readApiToken(hooli.owner.caller, { name: 'maps' });
    expect([made.owner.type, made.permissions]).toEqual(['api_user', ['read:maps']]);
    await core.updateOrganization(asOwner, hooli.id, { entitlement: null });
  });

  test('an organization that is renamed stays the same, and one that ends shows nothing in its place', async () => {
    const { server } = fixture;
    const { core, asOwner } = server;
    const short = await server.addOrganization('short-lived');
    await core.createApiToken(short.owner.caller, { name: 'short-token', permissions: [] });
    const { page } = await fixture.signedIn(server.owner, there('/tokens', short.id));
    await page.getByRole('link', { name: 'short-token' }).waitFor();
    await core.updateOrganization(asOwner, short.id, { name: 'long-lived' });
    await page.getByText('short-lived is called long-lived now.').waitFor();
    await expect.poll(() => band(page).textContent()).toContain('long-lived');
    await core.deleteOrganization(asOwner, short.id);
    await page.getByRole('button', { name: 'Actions for short-token' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Deactivate' }).press('Enter');
    await page.getByRole('heading', { name: 'This organization is not there', level: 1 }).waitFor();
    expect(await page.getByText(/short-token|our-own/).count()).toBe(0);
    expect(await band(page).count()).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByRole('link', { name: 'Back to acme' }).click();
    await page.getByRole('heading', { name: /^Hello/ }).waitFor();
    for (const id of [short.id, 'hooli', '../../session', '%2e%2e']) {
      await page.goto(`${server.url}/tokens?whose=all&${new URLSearchParams({ organization: id })}`);
      await page.getByRole('heading', { name: 'This organization is not there', level: 1 }).waitFor();
      expect(await page.getByText('our-own').count()).toBe(0);
    }
  });

  test('is for operators who hold act:organization: everyone else is offered nothing and shown nothing', async () => {
    const { server } = fixture;
    await server.core.createRole(server.asOwner, {
      name: 'clerk',
      permissions: ['create:organization', 'read:organization', 'read:organization_api_key'],
    });
    const made = await server.core.createUser(systemIn(server.organization), {
      email: 'clerk@acme.example',
      name: 'Clerk',
      role: 'clerk',
    });
    const caller = await server.callerFor({ type: 'user', id: made.user.id });
    const clerk = { id: made.user.id, email: 'clerk@acme.example', password: made.password, caller };
    const { owner: tenant } = await server.addOrganization('globex');
    for (const person of [clerk, server.member, tenant]) {
      const { page } = await fixture.signedInAnew(person, '/');
      expect(await page.getByRole('button', { name: /Switch organization/ }).count()).toBe(0);
      await page.goto(server.url + there('/tokens'));
      await page.getByRole('heading', { name: 'You may not work in this organization', level: 1 }).waitFor();
      expect(await page.getByText(/our-own|their-till/).count()).toBe(0);
      expect(await band(page).count()).toBe(0);
    }
  });

  test('begins from the table of organizations too, and a sign-in leads to where it was asked for', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/organizations?search=hooli');
    await page.getByRole('button', { name: 'Actions for hooli' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Work in this organization' }).press('Enter');
    await expect.poll(() => band(page).textContent()).toContain('hooli');
    const { page: late } = await fixture.open();
    await late.goto(server.url + there('/tokens'));
    await late.getByLabel('E-mail').fill(server.owner.email);
    await late.getByLabel('Password', { exact: true }).fill(server.owner.password);
    await late.getByRole('button', { name: 'Sign in' }).click();
    await late.getByRole('link', { name: 'their-till' }).waitFor();
    await expect.poll(() => band(late).textContent()).toContain('hooli');
  });

  test('is said on a phone too, above the page and in its menu', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, there('/tokens'), { viewport: phone });
    await page.getByRole('link', { name: 'their-till' }).waitFor();
    await expect.poll(() => sideways(page)).toBe(0);
    await page.evaluate('window.scrollTo(0, document.body.scrollHeight)');
    const box = await band(page).boundingBox();
    expect([box?.y, box?.width]).toEqual([0, phone.width]);
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByRole('button', { name: 'Open the menu' }).click();
    // The menu covers the page, but for what axe knows of it only where it covers all.
    const covered = /landmark-one-main|page-has-heading-one/;
    expect((await axeInBoth(page)).filter((one) => !covered.test(one))).toEqual([]);
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitemradio', { name: 'System' }).click();
    await page.getByRole('button', { name: /Switch organization/ }).click();
    await picker(page).fill('many-7');
    await page.getByRole('option', { name: 'many-7' }).click();
    await expect.poll(() => band(page).textContent()).toContain('many-7');
    await page.getByText('Nobody has made an API token yet.').waitFor();
  });
});
