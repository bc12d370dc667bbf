// What the provider's own systems call organizations, API users and tokens: given, changed, shown and found in the portal.

import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { axeInBoth, settled } from './browser.ts';
import { onDatabase } from './fixture.ts';

onDatabase('sqlite', 'external ids', (fixture) => {
  test('of an organization are given with it, changed from its row, and find it', async () => {
    const { server } = fixture;
    await server.addOrganization('stark');
    const { page } = await fixture.signedIn(server.owner, '/organizations');
    await page.getByRole('button', { name: 'New organization' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('wayne');
    await dialog.getByLabel('External id', { exact: true }).fill(' cus-17 ');
    await dialog.getByLabel('Owner’s name').fill('Bruce');
    await dialog.getByLabel('Owner’s e-mail').fill('bruce@wayne.example');
    await dialog.getByRole('button', { name: 'Create organization' }).click();
    await confirm(page, server.owner.password);
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await page.getByRole('row', { name: /wayne/ }).getByText('cus-17').waitFor();

    await choose(page, 'stark', 'Set the external id');
    await dialog.getByLabel('External id', { exact: true }).fill('cus-17');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await faultOf(dialog).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByLabel('External id', { exact: true }).fill('cus-18');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The external id of stark is saved.').waitFor();
    await find(page, 'cus-18', /stark/, /wayne/);

    await choose(page, 'stark', 'Set the external id');
    await dialog.getByLabel('External id', { exact: true }).fill('');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Nothing matches').waitFor();
    const { items } = await server.core.listOrganizations(server.asOwner, page50);
    expect(items.find(({ name }) => name === 'stark')?.externalId).toBeNull();
  });

  test('of an API user are given with it, changed with its name, and find it', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/api-users');
    for (const [name, externalId] of [
      ['First till', 'till-1'],
      ['Second till', ''],
    ] as const) {
      await page.getByRole('button', { name: 'Create API user' }).first().click();
      await page.getByLabel('Name', { exact: true }).fill(name);
      await page.getByLabel('Role', { exact: true }).selectOption('viewer');
      await page.getByLabel('External id', { exact: true }).fill(externalId);
      await page.getByRole('button', { name: 'Generate' }).click();
      await page.getByRole('button', { name: 'I have saved it' }).click();
    }
    await page
      .getByRole('row', { name: /First till/ })
      .getByText('till-1')
      .waitFor();
    await choose(page, 'Second till', 'Rename or change role');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('External id', { exact: true }).fill('till-1');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await faultOf(dialog).waitFor();
    await dialog.getByLabel('External id', { exact: true }).fill('till-2');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await find(page, 'till-2', /Second till/, /First till/);
    expect(await axeInBoth(page)).toEqual([]);
  });

  test('of an API token are given with it, changed with its name, shown on its page, and find it', async () => {
    const { server } = fixture;
    await server.core.createApiToken(server.asOwner, { name: 'Other token', permissions: [], externalId: 'job-1' });
    const { page } = await fixture.signedIn(server.owner, '/tokens');
    await page.getByRole('button', { name: 'Create token' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Nightly job');
    await dialog.getByLabel('read:funds').check();
    await dialog.getByRole('button', { name: /More options/ }).click();
    await dialog.getByLabel('External id', { exact: true }).fill('job-1');
    await dialog.getByRole('button', { name: 'Generate' }).click();
    await faultOf(dialog).waitFor();
    await dialog.getByLabel('External id', { exact: true }).fill('job-2');
    await dialog.getByRole('button', { name: 'Generate' }).click();
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await find(page, 'job-2', /Nightly job/, /Other token/);

    await page.getByRole('link', { name: 'Nightly job' }).click();
    await page.getByText('job-2', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Actions for Nightly job' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await dialog.getByLabel('External id', { exact: true }).fill('job-3');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('job-3', { exact: true }).waitFor();
    expect(await server.core.readApiToken(server.asOwner, { name: 'Nightly job' })).toMatchObject({
      externalId: 'job-3',
    });
  });
});

const page50 = { limit: 50, sort: 'createdAt', descending: false } as const;

/** What the server says of the field: that it is taken. */
function faultOf(dialog: Locator): Locator {
  return dialog.locator('[aria-invalid="true"][name="externalId"]');
}

async function choose(page: Page, row: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${row}`, exact: true }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}

/** Finds by it, and leaves out the other; the address keeps the search. */
async function find(page: Page, externalId: string, found: RegExp, other: RegExp): Promise<void> {
  await page.getByLabel('Find by external id').fill(externalId);
  await page.getByRole('row', { name: other }).waitFor({ state: 'detached' });
  await page.getByRole('row', { name: found }).waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('externalId')).toBe(externalId);
  await settled(page);
}

async function confirm(page: Page, password: string): Promise<void> {
  await page.getByLabel('Your password').fill(password);
  await page.getByRole('button', { name: 'Confirm' }).click();
}
