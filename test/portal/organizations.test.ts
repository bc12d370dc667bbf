// The operators' view of organizations: begun with an owner who can sign in, given a plan, ended.

import { expect, test } from 'vitest';
import { axeInBoth, phone, signIn } from './browser.ts';
import { onDatabase } from './fixture.ts';

onDatabase('postgres', 'organizations', (fixture) => {
  test('are created with an owner, whose password is shown once and signs in', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/organizations');
    await page.getByRole('button', { name: 'New organization' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('globex');
    await dialog.getByRole('combobox', { name: 'Plan' }).click();
    await page.getByRole('option', { name: 'Premium' }).click();
    await dialog.getByLabel('Contributors').fill('7');
    await dialog.getByLabel('Owner’s name').fill('Hank Scorpio');
    // Somebody else's already: the organization is made, and its owner at the second try.
    await dialog.getByLabel('Owner’s e-mail').fill(server.owner.email);
    await dialog.getByRole('button', { name: 'Create organization' }).click();
    await page.getByLabel('Your password').fill(server.owner.password);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await dialog.getByText('This e-mail address is in use already.').waitFor();
    await dialog.getByText('The organization globex is there already').waitFor();
    await dialog.getByLabel('Owner’s e-mail').fill('hank@globex.example');
    await dialog.getByRole('button', { name: 'Create organization' }).click();

    await page.getByText('Owner of globex').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    const password = (await page.getByRole('region', { name: 'Password' }).textContent()) ?? '';
    await page.getByRole('button', { name: 'I have saved it' }).click();
    const row = page.getByRole('row', { name: /globex/ });
    await expect.poll(() => row.textContent()).toContain('Premium');
    expect(await row.textContent()).toContain('7');
    await expect.poll(() => page.content()).not.toContain(password);

    const { page: theirs } = await fixture.open();
    await signIn(theirs, server, { email: 'hank@globex.example', password }, '/plans');
    await theirs.getByText('35,000 calls an hour').waitFor();
    expect(await theirs.getByRole('link', { name: 'Organizations' }).count()).toBe(0);
    await theirs.goto(`${server.url}/organizations`);
    await theirs.getByText('Only the organization that operates this server sees the others.').waitFor();
  });

  test('are deactivated, which ends what they can do at once, activated again, and deleted by their name', async () => {
    const { server } = fixture;
    const { owner } = await server.addOrganization('initech');
    const { secret } = await server.core.createApiToken(owner.caller, { name: 'tps', permissions: [] });
    const check = async () =>
      (await fetch(`${server.url}/v1/check`, { headers: { authorization: `Bearer ${secret}` } })).status;
    const { page } = await fixture.signedIn(server.owner, '/organizations?search=initech', { viewport: phone });
    const row = page.getByRole('row', { name: /initech/ });
    const choose = async (action: string) => {
      await row.getByRole('button').click();
      await page.getByRole('menuitem', { name: action }).click();
    };
    await choose('Deactivate');
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
    await row.getByText('Inactive').waitFor();
    expect(await check()).toBe(401);
    await choose('Activate');
    await row.getByText('Active', { exact: true }).waitFor();
    expect(await check()).toBe(200);
    await choose('Delete');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Type initech to go on').fill('inigo');
    await dialog.getByRole('button', { name: 'Delete for good' }).click();
    await dialog.getByText('This is not its name.').waitFor();
    await dialog.getByLabel('Type initech to go on').fill('initech');
    await dialog.getByRole('button', { name: 'Delete for good' }).click();
    await page.getByText('Nothing matches').waitFor();
    expect(await check()).toBe(401);
  });
});

onDatabase('sqlite', 'organizations', (fixture) => {
  test('get another plan, another name and another owner from the menu of their row', async () => {
    const { server } = fixture;
    const { id } = await server.addOrganization('hooli');
    const { page } = await fixture.signedIn(server.owner, '/organizations');
    const choose = async (name: string, action: string) => {
      await page
        .getByRole('row', { name: new RegExp(name) })
        .getByRole('button')
        .click();
      await page.getByRole('menuitem', { name: action }).click();
    };
    const dialog = page.getByRole('dialog');
    await choose('hooli', 'Change the plan');
    await dialog.getByRole('combobox', { name: 'Plan' }).click();
    await page.getByRole('option', { name: 'Free' }).click();
    await dialog.getByLabel('Contributors').fill('30');
    await dialog.getByText('Comes to 5,000 calls an hour.').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await choose('hooli', 'Rename');
    await dialog.getByLabel('Name').fill('hooli-xyz');
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('row', { name: /hooli-xyz/ }).waitFor();
    await choose('hooli', 'Add an owner');
    await dialog.getByLabel('Owner’s name').fill('Gavin');
    await dialog.getByLabel('Owner’s e-mail').fill('gavin@hooli.example');
    await dialog.getByRole('button', { name: 'Add owner' }).click();
    await page.getByLabel('Your password').fill(server.owner.password);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Owner of hooli-xyz').waitFor();
    expect(await server.core.readOrganization(server.asOwner, id)).toMatchObject({
      name: 'hooli-xyz',
      planId: 'free',
      contributors: 30,
    });
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await page.getByRole('row', { name: /acme/ }).getByRole('button').click();
    await expect
      .poll(() => page.getByRole('menuitem').allTextContents())
      .toEqual(['Change the plan', 'Change what it may hold', 'Rename', 'Set the external id']);
  });
});
