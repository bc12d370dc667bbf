// Whose an API token is, which APIs it is for and how often it may be used, as the portal says and changes it; and what
// becomes of the tokens of a person who is deleted.

import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { register } from '../assembled-server.ts';
import { axeInBoth, phone, sideways } from './browser.ts';
import { onDatabase, type PortalFixture } from './fixture.ts';

onDatabase('postgres', 'the owner of an API token', (fixture) => {
  test('is an API user from the start where that is wanted, and only what its role holds can be chosen', async () => {
    const { server } = fixture;
    const { core, asOwner } = server;
    await register(server, 'read:bills', 'write:bills');
    await core.createRole(asOwner, { name: 'biller', permissions: ['read:bills'] });
    const { apiUser } = await core.createApiUser(asOwner, { name: 'Billing', role: 'biller' });
    const { page } = await fixture.signedIn(server.owner, '/tokens?new=1');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('bills');
    await dialog.getByLabel('write:bills').check();
    await dialog.getByLabel('read:bills').check();
    await dialog.getByRole('button', { name: /^More options/ }).click();
    await pickOwner(page, 'Whose is it?', 'Billing');
    await dialog.getByRole('button', { name: 'Generate' }).click();
    await dialog.getByText('The owner\'s role "biller" does not hold write:bills.').waitFor();
    await dialog.getByRole('button', { name: 'Remove write:bills' }).click();
    await dialog.getByLabel('Search permissions').fill('bills');
    await dialog.getByText('The role of the owner, biller, does not hold it.').waitFor();
    expect(await dialog.getByLabel('write:bills').isDisabled()).toBe(true);
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Generate' }).click();
    await page.getByRole('button', { name: 'I have saved it' }).click();
    expect(await core.readApiToken(asOwner, { name: 'bills' })).toMatchObject({
      owner: { type: 'api_user', id: apiUser.id },
      permissions: ['read:bills'],
    });
  });

  test('is changed from its page to somebody whose role holds all of it, by keyboard alone', async () => {
    const { server } = fixture;
    const { core, asOwner } = server;
    await register(server, 'read:stars');
    await core.createRole(asOwner, { name: 'astronomer', permissions: ['read:stars'] });
    await core.createApiUser(asOwner, { name: 'Blind machine', role: 'viewer' });
    const { apiUser } = await core.createApiUser(asOwner, { name: 'Telescope', role: 'astronomer' });
    const { token, secret } = await core.createApiToken(asOwner, { name: 'sky', permissions: ['read:stars'] });
    const { page } = await fixture.signedIn(server.owner, `/tokens/${token.id}`);
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Actions for sky' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Give to …' }).press('Enter');
    const field = dialog.getByRole('combobox', { name: 'New owner' });
    await dialog.getByRole('button', { name: 'Give' }).press('Enter');
    await dialog.getByText('Choose the new owner.').waitFor();
    await pickByKeyboard(page, field, 'Blind machine', ['Blind machine']);
    await dialog.getByRole('button', { name: 'Give' }).press('Enter');
    await dialog.getByText('The owner\'s role "viewer" does not hold read:stars.').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    // What was chosen before stays an option.
    await pickByKeyboard(page, field, 'Telescope', ['Telescope', 'Blind machine']);
    await dialog.getByRole('button', { name: 'Give' }).press('Enter');
    await page.getByText(`${apiUser.username} (API user)`).waitFor();
    await page.getByText('changed its owner').waitFor();
    expect(await core.readApiToken(asOwner, { id: token.id })).toMatchObject({
      owner: { type: 'api_user', id: apiUser.id },
    });
    const self = await fetch(`${server.url}/v1/self`, { headers: { authorization: `Bearer ${secret}` } });
    expect(await self.json()).toMatchObject({ permissions: ['read:stars'] });
  });

  test('is not asked for, nor changed, by those who manage their own alone', async () => {
    const { server } = fixture;
    const { token } = await server.core.createApiToken(server.member.caller, { name: 'own', permissions: [] });
    const { page } = await fixture.signedIn(server.member, `/tokens/${token.id}`);
    await page.getByRole('button', { name: 'Actions for own' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).waitFor();
    expect(await page.getByRole('menuitem', { name: 'Give to …' }).count()).toBe(0);
    await page.goto(`${server.url}/tokens?new=1`);
    await page.getByRole('button', { name: /^More options/ }).click();
    await page.getByLabel('From where may it be used?').waitFor();
    expect(await page.getByLabel('Whose is it?').count()).toBe(0);
  });
});

onDatabase('sqlite', 'an API token', (fixture) => {
  test('is bound to APIs where there are several, and to limits of its own, from the start and later', async () => {
    const { server } = fixture;
    const { core, asOwner } = server;
    const { page } = await fixture.signedIn(server.owner, '/tokens?new=1');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /^More options/ }).click();
    await dialog.getByRole('button', { name: 'Add a limit' }).waitFor();
    expect(await dialog.getByText('For which APIs is it?').count()).toBe(0);
    await core.createApi(asOwner, { handle: 'maps', name: 'Maps' });
    await page.reload();
    await dialog.getByLabel('Name', { exact: true }).fill('bound');
    await dialog.getByLabel('read:funds').check();
    await dialog.getByRole('button', { name: /^More options/ }).click();
    await dialog.getByRole('radio', { name: 'Chosen APIs' }).check();
    for (const calls of ['100', '50']) {
      await dialog.getByRole('button', { name: 'Add a limit' }).click();
      await dialog.getByLabel('Calls', { exact: true }).last().fill(calls);
    }
    await dialog.getByRole('button', { name: 'Generate' }).click();
    await dialog.getByText('Choose at least one API.').waitFor();
    await dialog.getByRole('checkbox', { name: /^Maps/ }).check();
    await dialog.getByRole('button', { name: 'Generate' }).click();
    const second = dialog.getByRole('group', { name: 'Limit 2' });
    await second.getByText('Another limit of this token counts in').waitFor();
    await second.getByRole('button', { name: 'Remove limit 2' }).click();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Generate' }).click();
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await page.getByRole('link', { name: 'bound' }).click();
    await page.getByText('100 calls an hour').waitFor();
    await page.getByText('Maps', { exact: true }).waitFor();
    expect(await core.readApiToken(asOwner, { name: 'bound' })).toMatchObject({
      apis: ['maps'],
      limits: [{ limit: 100, windowMs: 3_600_000 }],
    });

    await page.getByRole('button', { name: 'Change where, how and until when' }).click();
    await dialog.getByRole('radio', { name: 'All APIs' }).check();
    await dialog.getByRole('button', { name: 'Remove limit 1' }).click();
    await dialog.getByText('The plan of your organization alone limits it.').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('As many as the plan leaves').waitFor();
    await page.getByText('changed its APIs, limits').waitFor();
    expect(await core.readApiToken(asOwner, { name: 'bound' })).toMatchObject({ apis: null, limits: [] });
  });

  test('fits a phone with all that can be chosen', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/tokens?new=1', { viewport: phone });
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /^More options/ }).click();
    await dialog.getByRole('button', { name: 'Add a limit' }).click();
    await expect.poll(() => sideways(page)).toBe(0);
    const inDialog =
      "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('[role=dialog]'))";
    await expect.poll(() => page.evaluate(inDialog)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
  });
});

onDatabase('sqlite', 'the API tokens of a person who is deleted', (fixture) => {
  test('are counted and named, and go to whoever deletes them', async () => {
    const { server, page, dialog, secret, id } = await leaving(fixture, 'ada');
    await dialog.getByText('What becomes of the 2 API tokens that belong to ada?').waitFor();
    await dialog.getByText('ada-1, ada-2').first().waitFor();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText('Choose what becomes of them.').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByRole('radio', { name: 'Give them to me' }).check();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The user is deleted.').waitFor();
    expect(await isLetIn(server, secret)).toBe(true);
    expect((await server.core.readApiToken(server.asOwner, { id })).owner.id).toBe(server.owner.id);
  });

  test('go to an API user whose role holds what they give, and else nothing is done', async () => {
    const { server, page, dialog, secret, id } = await leaving(fixture, 'bob', ['read:funds']);
    await server.core.createApiUser(server.asOwner, { name: 'Weak machine', role: 'viewer' });
    const { apiUser } = await server.core.createApiUser(server.asOwner, { name: 'Strong machine', role: 'admin' });
    await dialog.getByRole('radio', { name: 'Give them to somebody else' }).check();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText('Choose the new owner.').waitFor();
    await pickOwner(page, 'New owner', 'Weak machine');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText('does not hold read:funds, which the API token').waitFor();
    await pickOwner(page, 'New owner', 'Strong machine');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The user is deleted.').waitFor();
    expect(await isLetIn(server, secret)).toBe(true);
    expect((await server.core.readApiToken(server.asOwner, { id })).owner).toEqual({
      type: 'api_user',
      id: apiUser.id,
    });
  });

  test('end with them, and what they made too, on a phone', async () => {
    const { server, page, dialog, secret } = await leaving(fixture, 'cyd', [], { viewport: phone });
    await dialog.getByRole('radio', { name: 'End them' }).check();
    await dialog.getByLabel('End the 2 things that it made, too').check();
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The user is deleted.').waitFor();
    expect(await isLetIn(server, secret)).toBe(false);
    const { items } = await server.core.listApiTokens(server.asOwner, page50, 'all');
    expect(items.filter(({ name }) => name.startsWith('cyd'))).toEqual([]);
  });
});

const page50 = { limit: 50, sort: 'createdAt', descending: false } as const;

/** The question before somebody with two tokens is deleted. */
async function leaving(
  fixture: PortalFixture,
  name: string,
  permissions: string[] = [],
  options?: { viewport: { width: number; height: number } },
) {
  const { server } = fixture;
  const { user } = await server.core.createUser(server.asOwner, { email: `${name}@acme.example`, name, role: 'admin' });
  const caller = await server.callerFor({ type: 'user', id: user.id });
  const { token, secret } = await server.core.createApiToken(caller, { name: `${name}-1`, permissions });
  await server.core.createApiToken(caller, { name: `${name}-2`, permissions: [] });
  const { page } = await fixture.signedIn(server.owner, '/people', options);
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  return { server, page, dialog: page.getByRole('dialog'), secret, id: token.id };
}

async function isLetIn({ url }: { url: string }, secret: string): Promise<boolean> {
  return (await fetch(`${url}/v1/check`, { headers: { authorization: `Bearer ${secret}` } })).ok;
}

async function pickOwner(page: Page, label: string, name: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).click();
  await page.getByRole('combobox', { name: label }).fill(name);
  await page.getByRole('option', { name }).click();
}

/** `found`: what is offered then. */
async function pickByKeyboard(page: Page, field: Locator, name: string, found: string[]): Promise<void> {
  await field.fill(name);
  // What was marked in the list from before would be another in the one that is found.
  await expect.poll(() => page.getByRole('option').allTextContents()).toEqual(found);
  const marked = page.locator('[role=option][data-combobox-selected]').filter({ hasText: name });
  for (let steps = 0; steps < 10 && (await marked.count()) === 0; steps += 1) await field.press('ArrowDown');
  await field.press('Enter');
}
