// What organizations may hold at most, as operators say it on plans and on organizations, and what that does to choosing
// permissions.

import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { register } from '../assembled-server.ts';
import { axeInBoth, phone, sideways } from './browser.ts';
import { onDatabase, type PortalFixture } from './fixture.ts';

onDatabase('sqlite', 'entitlements', (fixture) => {
  test('of a plan are everything unless chosen, narrowed after what that takes away is said, and never of Keyward itself', async () => {
    const { server } = fixture;
    await register(server, 'ship:parcels', 'track:parcels', 'cancel:parcels');
    const { page } = await fixture.signedIn(server.owner, '/plans');
    await page.getByRole('button', { name: 'New plan' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Id', { exact: true }).fill('parcels');
    await dialog.getByLabel('Name', { exact: true }).fill('Parcels');
    await dialog.getByLabel('Calls', { exact: true }).fill('3');
    expect(await dialog.getByRole('radio', { name: 'Everything' }).isChecked()).toBe(true);
    await dialog.getByRole('radio', { name: 'Chosen permissions' }).check();
    await dialog.getByText('Nothing is chosen').waitFor();
    await dialog.getByLabel('ship:parcels').check();
    await dialog.getByLabel('track:parcels').check();
    expect(await dialog.getByText('read:user', { exact: true }).count()).toBe(0);
    await dialog.getByLabel('Search permissions').fill('read:*');
    await dialog.getByRole('button', { name: 'Add the pattern read:*' }).click();
    await dialog.getByLabel('cancel:parcels').check();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save plan' }).click();
    const row = page.getByRole('row', { name: /Parcels/ });
    await row.getByText('+2').waitFor();
    await row.getByText('ship:parcels').waitFor();
    expect(await entitlementOf(fixture, 'parcels')).toEqual([
      'ship:parcels',
      'track:parcels',
      'read:*',
      'cancel:parcels',
    ]);

    const customer = await server.addOrganization('vandelay');
    await server.core.updateOrganization(server.asOwner, customer.id, { planId: 'parcels' });
    await server.core.createApiToken(await fixture.server.callerFor({ type: 'user', id: customer.owner.id }), {
      name: 'exports',
      permissions: ['ship:parcels'],
    });
    await page.getByRole('button', { name: 'Edit Parcels' }).click();
    await dialog.getByRole('button', { name: 'Remove ship:parcels' }).click();
    const notice = dialog.getByRole('status', { name: 'What this takes away' });
    await notice.getByText('This takes away ship:parcels.').waitFor();
    await notice.getByText('It counts for vandelay.').waitFor();
    await notice.getByText('1 API token loses something: exports of vandelay.').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save plan' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await entitlementOf(fixture, 'parcels')).toEqual(['track:parcels', 'read:*', 'cancel:parcels']);
    await page.getByRole('button', { name: 'Edit Parcels' }).click();
    await dialog.getByRole('radio', { name: 'Everything' }).check();
    expect(await notice.count()).toBe(0);
    await dialog.getByRole('button', { name: 'Save plan' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => row.getByText('Everything').count()).toBe(1);
    expect(await entitlementOf(fixture, 'parcels')).toEqual(['*:*']);
  });

  test('of an organization are its plan’s or a list of its own, by keyboard alone, and another plan says what it takes', async () => {
    const { server } = fixture;
    const { core, asOwner } = server;
    await register(server, 'read:maps', 'print:maps');
    await core.createPlan(asOwner, { id: 'readers', name: 'Readers', limits: [], entitlement: ['read:maps'] });
    const customer = await server.addOrganization('kramerica');
    await core.createApiToken(customer.owner.caller, { name: 'plotter', permissions: ['print:*', 'read:funds'] });
    const { page } = await fixture.signedIn(server.owner, '/organizations?search=kramerica');
    const row = page.getByRole('row', { name: /kramerica/ });
    const dialog = page.getByRole('dialog');
    await row.getByText('As its plan').waitFor();
    await choose(page, 'kramerica', 'Change what it may hold');
    // The menu gives the focus back when it closes, which may be after the dialog has opened.
    await dialog.getByRole('radio', { name: 'What its plan says' }).press('ArrowDown');
    await dialog.getByRole('radio', { name: 'Everything', checked: true }).press('ArrowDown');
    await tabTo(page, dialog.getByLabel('Search permissions'));
    await page.keyboard.type('maps');
    await tabTo(page, dialog.getByLabel('read:maps'));
    await page.keyboard.press('Space');
    const notice = dialog.getByRole('status', { name: 'What this takes away' });
    await notice.getByText('1 API token loses something: plotter.').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await tabTo(page, dialog.getByRole('button', { name: 'Save' }));
    await page.keyboard.press('Enter');
    await page.getByText('What kramerica may hold is saved.').waitFor();
    await row.getByText('read:maps').waitFor();
    expect(await core.readOrganization(asOwner, customer.id)).toMatchObject({ entitlement: ['read:maps'] });

    await choose(page, 'kramerica', 'Change what it may hold');
    await dialog.getByRole('radio', { name: 'What its plan says' }).check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row.getByText('As its plan').waitFor();
    expect(await core.readOrganization(asOwner, customer.id)).toMatchObject({ entitlement: null });

    await choose(page, 'kramerica', 'Change the plan');
    await dialog.getByRole('combobox', { name: 'Plan' }).click();
    await page.getByRole('option', { name: 'Readers' }).click();
    await notice.getByText(/print:maps/).waitFor();
    await notice.getByText('1 API token loses something: plotter.').waitFor();
  });

  test('that name what is gone meanwhile are refused at their field', async () => {
    const { server } = fixture;
    await register(server, 'find:treasure');
    const customer = await server.addOrganization('pennypacker');
    const { page } = await fixture.signedIn(server.owner, '/organizations?search=pennypacker');
    const dialog = page.getByRole('dialog');
    await choose(page, 'pennypacker', 'Change what it may hold');
    await dialog.getByRole('radio', { name: 'Chosen permissions' }).check();
    await dialog.getByLabel('find:treasure').check();
    await server.core.deletePermission(server.asOwner, 'find:treasure');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('No API has the permission find:treasure.').waitFor();
    expect(await dialog.getByLabel('Search permissions').getAttribute('aria-invalid')).toBe('true');
    expect(await server.core.readOrganization(server.asOwner, customer.id)).toMatchObject({ entitlement: null });
  });

  test('are given with a new organization, whose people choose from no more than that', async () => {
    const { server } = fixture;
    await register(server, 'sell:muffins', 'bake:muffins');
    const { page } = await fixture.signedIn(server.owner, '/organizations');
    await page.getByRole('button', { name: 'New organization' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('elaine');
    await dialog.getByRole('radio', { name: 'Chosen permissions' }).check();
    await dialog.getByLabel('sell:muffins').check();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByLabel('Owner’s name').fill('Elaine');
    await dialog.getByLabel('Owner’s e-mail').fill('elaine@muffins.example');
    await dialog.getByRole('button', { name: 'Create organization' }).click();
    await page.getByLabel('Your password').fill(server.owner.password);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Owner of elaine').waitFor();
    const password = (await page.getByRole('region', { name: 'Password' }).textContent()) ?? '';
    const elaine = { id: 'elaine', email: 'elaine@muffins.example', password, caller: server.asOwner };
    await page.getByRole('button', { name: 'I have saved it' }).click();

    const { page: theirs } = await fixture.signedInAnew(elaine, '/tokens?new=1');
    const form = theirs.getByRole('dialog');
    await form.getByLabel('sell:muffins').waitFor();
    expect(await form.getByLabel('bake:muffins').count()).toBe(0);
    await form.getByLabel('read:user', { exact: true }).waitFor();
  });

  test('of the operator’s own organization leave out of the choice what it is not entitled to', async () => {
    const { server } = fixture;
    await register(server, 'open:gates', 'shut:gates');
    const ours = systemIn(server.organization);
    await server.core.updateOrganization(ours, server.organization.id, { entitlement: ['open:*'] });
    const { page } = await fixture.signedInAnew(server.owner, '/tokens?new=1');
    await page.getByLabel('open:gates').waitFor();
    expect(await page.getByLabel('shut:gates').count()).toBe(0);
    await server.core.updateOrganization(ours, server.organization.id, { entitlement: null });
  });

  test('fit a phone', async () => {
    const { server } = fixture;
    const names = Array.from({ length: 6 }, (_, index) => `export:quarterly-financial-reports-${index}`);
    await register(server, ...names);
    await server.core.createPlan(server.asOwner, { id: 'wide', name: 'Wide', limits: [], entitlement: names });
    const { page } = await fixture.signedIn(server.owner, '/plans', { viewport: phone });
    await page.getByRole('button', { name: 'Edit Wide' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Clear', exact: true }).click();
    await dialog.getByRole('status', { name: 'What this takes away' }).waitFor();
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
  });
});

/** By keyboard: what was just done is told in a corner, which may be where the menu is. */
async function choose(page: Page, name: string, what: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).press('Enter');
  await page.getByRole('menuitem', { name: what, exact: true }).press('Enter');
}

/** Tab until it has the focus. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let steps = 0; steps < 40; steps += 1) {
    if ((await wanted.and(page.locator(':focus')).count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('Tab does not come to it.');
}

async function entitlementOf({ server }: PortalFixture, id: string): Promise<readonly string[] | undefined> {
  return (await server.core.listPlans(server.asOwner)).find((plan) => plan.id === id)?.entitlement;
}
