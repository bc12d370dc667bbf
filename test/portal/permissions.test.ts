// The catalogue of permissions in the portal.

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { axeInBoth, phone, settled, sideways } from './browser.ts';
import { onDatabase } from './fixture.ts';
import { expectHarmless, payloads } from './payloads.ts';

onDatabase('postgres', 'permissions', (fixture) => {
  test('are registered, described, found in tokens and deleted; the built-in ones stand apart', async () => {
    const { server } = fixture;
    for (const { name, builtIn } of await server.core.listPermissions(server.asOwner)) {
      if (!builtIn) await server.core.deletePermission(server.asOwner, name, { force: true });
    }
    const { page } = await fixture.signedIn(server.owner, '/permissions');
    await page.getByRole('heading', { name: 'Your API has no permissions yet' }).waitFor();
    await page.getByRole('button', { name: 'Register permission' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('read funds');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByText('A permission is verb:resource').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('read:funds');
    await page.getByLabel('What does it allow?').fill('See funds.');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByText('The permission is registered.').waitFor();
    const own = page.getByRole('region', { name: 'Your API' });
    await own.getByText('read:funds').waitFor();
    expect(await page.getByRole('region', { name: 'Keyward itself' }).getByRole('button').count()).toBe(0);

    await act(page, 'read:funds', 'Describe');
    await page.getByLabel('What does it allow?').fill('See funds and prices.');
    await page.getByRole('button', { name: 'Save' }).click();
    await own.getByRole('cell', { name: 'See funds and prices.', exact: true }).waitFor();

    await server.core.createApiToken(server.asOwner, { name: 'reader', permissions: ['read:funds'] });
    await server.core.createApiToken(server.asOwner, { name: 'other', permissions: ['read:plan'] });
    await act(page, 'read:funds', 'Tokens that have it');
    await page.getByRole('link', { name: 'reader' }).waitFor();
    await settled(page);
    expect(await page.getByRole('link', { name: 'other' }).count()).toBe(0);
    await page.goBack();

    await act(page, 'read:funds', 'Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('read:funds is in use: 1 API token').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'API token reader of acme' }).waitFor();
    await page.getByLabel('Take it from all roles and API tokens that have it').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The permission is deleted.').waitFor();
    expect((await server.core.readApiToken(server.asOwner, { name: 'reader' })).permissions).toEqual([]);
    await page.getByRole('heading', { name: 'Your API has no permissions yet' }).waitFor();
  });
});

onDatabase('sqlite', 'the page of permissions', (fixture) => {
  test('tells of what a second admin has done meanwhile', async () => {
    const { core, asOwner, owner, admin } = fixture.server;
    await core.registerPermission(asOwner, { name: 'do:it', description: 'First.' });
    const { page } = await fixture.signedIn(owner, '/permissions');
    await act(page, 'do:it', 'Describe');
    await page.getByLabel('What does it allow?').fill('Mine.');
    await core.describePermission(admin.caller, 'do:it', { description: 'Theirs.' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else has changed this permission').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await act(page, 'do:it', 'Delete');
    await core.deletePermission(admin.caller, 'do:it');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Somebody else has deleted this permission meanwhile.').waitFor();

    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Register permission' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('do:more');
    await core.registerPermission(admin.caller, { name: 'do:more' });
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByText('The permission do:more is registered already.').waitFor();
  });

  test('takes texts for texts in every field and place [S88]', async () => {
    const { core, asOwner, owner } = fixture.server;
    for (const [index, description] of payloads.entries()) {
      await core.registerPermission(asOwner, { name: `odd:p${index}`, description });
    }
    const { page } = await fixture.signedIn(owner, '/permissions');
    await page.getByText('odd:p0', { exact: true }).waitFor();
    await page.getByLabel('Search permissions').fill(payloads[0] ?? '');
    await page.getByText('odd:p0', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Register permission' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill(payloads[1] ?? '');
    await page.getByLabel('What does it allow?').fill(payloads[2] ?? '');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByText('A permission is verb:resource').waitFor();
    await expectHarmless(page);
  });

  test('offers viewers nothing to change', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.member, '/permissions');
    await page.getByText('access:api').waitFor();
    expect(await page.getByRole('button', { name: /Register|Actions for/ }).count()).toBe(0);
  });

  test('is accessible and fits a phone', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/permissions', { viewport: phone });
    await page.getByText('access:api').waitFor();
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
  });
});

async function act(page: Page, name: string, what: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: what, exact: true }).click();
}
