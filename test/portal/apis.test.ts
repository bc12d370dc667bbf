// The operators' page of APIs: what is guarded, what each API can be asked to do, and who has it.

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { axeInBoth, phone, sideways } from './browser.ts';
import { onDatabase } from './fixture.ts';
import { expectHarmless, payloads } from './payloads.ts';

onDatabase('sqlite', 'the page of APIs', (fixture) => {
  test('makes an API with its catalogue, says who has what, and takes both away again', async () => {
    const { server } = fixture;
    const { core, asOwner } = server;
    const customer = await server.addOrganization('initech');
    const { page } = await fixture.signedIn(server.owner, '/apis');
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'New API' }).click();
    await dialog.getByRole('button', { name: 'Create API' }).click();
    await dialog.getByText('Fill this in.').first().waitFor();
    await dialog.getByLabel('Handle').fill('default');
    await dialog.getByLabel('Name', { exact: true }).fill('Shipping');
    await dialog.getByRole('button', { name: 'Create API' }).click();
    await dialog.getByText('There is an API default already.').waitFor();
    await dialog.getByLabel('Handle').fill('shipping');
    await dialog.getByLabel('Identifier').fill('no address');
    await dialog.getByRole('button', { name: 'Create API' }).click();
    await dialog.getByText('Use an absolute URI without a fragment').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByLabel('Identifier').fill('urn:acme:shipping');
    await dialog.getByRole('button', { name: 'Create API' }).click();
    await page.getByText('The API Shipping is there.').waitFor();
    await page.getByText('urn:acme:shipping').waitFor();
    await page.getByText('This API has no permissions yet').waitFor();

    await page.getByRole('button', { name: 'Register permission of Shipping' }).click();
    await dialog.getByLabel('Name', { exact: true }).fill('ship:parcels');
    await dialog.getByLabel('What does it allow?').fill('Send parcels.');
    await dialog.getByLabel('Group').fill('Parcels');
    await dialog.getByRole('button', { name: 'Register', exact: true }).click();
    const shipping = page.getByRole('region', { name: 'Shipping' });
    await shipping.getByRole('cell', { name: 'Parcels', exact: true }).waitFor();
    expect(await core.listPermissions(asOwner)).toContainEqual({
      name: 'ship:parcels',
      api: 'shipping',
      description: 'Send parcels.',
      group: 'Parcels',
      builtIn: false,
    });
    await choose(page, 'ship:parcels', 'Describe');
    await dialog.getByLabel('What does it allow?').fill('Send and track parcels.');
    await dialog.getByLabel('Group').fill('Goods');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await shipping.getByRole('cell', { name: 'Goods', exact: true }).waitFor();

    await choose(page, 'ship:parcels', 'Who has it');
    await dialog.getByText('Nobody has it by its name').waitFor();
    await page.keyboard.press('Escape');
    await core.createApiToken(customer.owner.caller, { name: 'courier', permissions: ['ship:parcels'] });
    await core.createRole(asOwner, { name: 'shipper', permissions: ['ship:parcels'] });
    await choose(page, 'ship:parcels', 'Who has it');
    await dialog.getByText('1 role, 1 API token').waitFor();
    await dialog.getByRole('listitem').filter({ hasText: 'API token courier of initech' }).waitFor();
    await dialog.getByRole('listitem').filter({ hasText: 'Role shipper of acme' }).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.keyboard.press('Escape');

    await choose(page, 'ship:parcels', 'Delete');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText('ship:parcels is in use: 1 role, 1 API token.').waitFor();
    await dialog.getByRole('listitem').filter({ hasText: 'API token courier of initech' }).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    await choose(page, 'Shipping', 'Rename or describe');
    await dialog.getByLabel('Name', { exact: true }).fill('Parcel service');
    await dialog.getByLabel('Identifier').fill('');
    await dialog.getByLabel('What is it?').fill('All that is sent.');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('All that is sent.').waitFor();
    await page.getByText(`${server.url}/v1/apis/shipping`).waitFor();

    await choose(page, 'Parcel service', 'Delete');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText('ship:parcels is in use').waitFor();
    await dialog.getByLabel('Take it from all roles and API tokens that have it').check();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The API is deleted.').waitFor();
    await expect.poll(() => page.getByText('Parcel service').count()).toBe(0);
    expect((await core.listRoles(asOwner)).find(({ name }) => name === 'shipper')?.permissions).toEqual([]);
  });

  test('keeps the API that is there from the start, and tells which routes require a permission', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/apis');
    await page.getByLabel('Search permissions').fill('read:funds');
    await page.getByText('run:inference').waitFor({ state: 'detached' });
    await choose(page, 'read:funds', 'Who has it');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('/v2/funds').waitFor();
    await page.keyboard.press('Escape');
    const [first] = await fixture.server.core.listApis(fixture.server.asOwner);
    await page.getByRole('button', { name: `Actions for ${first?.name}`, exact: true }).click();
    await expect.poll(() => page.getByRole('menuitem').allTextContents()).toEqual(['Rename or describe']);
  });

  test('takes texts for texts in every field and place [S88]', async () => {
    const { core, asOwner, owner } = fixture.server;
    for (const [index, text] of payloads.slice(0, 3).entries()) {
      await core.createApi(asOwner, { handle: `odd-${index}`, name: `Odd ${index}`, description: text });
      await core.registerPermission(asOwner, { name: `odd:p${index}`, api: `odd-${index}`, description: text });
    }
    const { page } = await fixture.signedIn(owner, '/apis');
    await page.getByText('odd:p0', { exact: true }).waitFor();
    await page.getByLabel('Search permissions').fill(payloads[0] ?? '');
    await page.getByText('odd:p0', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'New API' }).click();
    await page.getByLabel('Handle').fill(payloads[1] ?? '');
    await page.getByLabel('Name', { exact: true }).fill(payloads[2] ?? '');
    await page.getByRole('button', { name: 'Create API' }).click();
    await page.getByRole('dialog').locator('[aria-invalid="true"]').first().waitFor();
    await expectHarmless(page);
  });

  test('is for operators alone: nobody else is led to it or shown anything', async () => {
    const { server } = fixture;
    const { owner } = await server.addOrganization('umbrella');
    for (const person of [owner, server.member]) {
      const { page } = await fixture.signedIn(person, '/apis');
      await page.getByText('Only the organization that operates this server keeps its APIs.').waitFor();
      expect(await page.getByRole('link', { name: 'APIs', exact: true }).count()).toBe(0);
    }
  });

  test('is accessible and fits a phone', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/apis', { viewport: phone });
    await page.getByText('read:funds').first().waitFor();
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
  });
});

/** By keyboard: what was just done is told in a corner, which may be where the menu is. */
async function choose(page: Page, name: string, what: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).press('Enter');
  await page.getByRole('menuitem', { name: what, exact: true }).press('Enter');
}
