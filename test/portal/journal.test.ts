// The journal as admins read it: found, filtered, exported, and told whether its chain holds.

import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { axeInBoth, phone } from './browser.ts';
import { onBothDatabases, onDatabase } from './fixture.ts';

const formula = '=HYPERLINK("https://evil.example";"x")';

onBothDatabases('the journal', (fixture) => {
  let tokenId = '';
  beforeAll(async () => {
    const { server } = fixture;
    const { token } = await server.core.createApiToken(server.member.caller, { name: formula, permissions: [] });
    tokenId = token.id;
    await server.core.deactivateApiToken(server.asOwner, { id: tokenId });
    for (let number = 0; number < 30; number += 1) {
      await server.core.registerPermission(server.asOwner, { name: `read:thing_${number}`, description: '' });
    }
  });

  test('is narrowed by search, action, actor, subject and time, all of it in the address', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/journal');
    await expect.poll(() => rows(page).count()).toBe(25);
    await page.getByRole('button', { name: 'Next' }).click();
    await expect.poll(() => rows(page).count()).not.toBe(25);
    expect(await rows(page).count()).toBeGreaterThan(10);
    await page.getByLabel('Search actions').fill('thing_7');
    await expect.poll(() => rows(page).count()).toBe(1);
    await page.getByLabel('Search actions').fill('');
    await expect.poll(() => rows(page).count()).toBe(25);
    await page.getByRole('combobox', { name: 'Action' }).click();
    await page.getByRole('option', { name: 'Everything on API tokens' }).click();
    await expect.poll(() => rows(page).count()).toBe(2);
    expect(new URL(page.url()).searchParams.get('action')).toBe('api_token.');

    await page.getByRole('button', { name: /^Created an API token/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(formula).first().waitFor();
    await expect.poll(() => dialog.textContent()).toContain('api_token.created');
    expect(await axeInBoth(page)).toEqual([]);
    await page.reload();
    await dialog.getByText(formula).first().waitFor();
    await dialog.getByRole('button', { name: 'Only entries by them' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => rows(page).count()).toBe(1);
    await page.getByText(`By ${server.member.email}`, { exact: true }).waitFor();
    await page.getByRole('button', { name: `Remove the filter: By ${server.member.email}` }).click();
    await expect.poll(() => rows(page).count()).toBe(2);

    await page.goto(`${server.url}/journal?subject=api_token:${tokenId}&until=2020-01-01T00:00:00.000Z`);
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('button', { name: 'Clear search and filters' }).click();
    await expect.poll(() => rows(page).count()).toBe(25);
    await page.getByRole('button', { name: 'Time' }).click();
    await page.getByLabel('From').fill('2099-01-01T00:00');
    await page.keyboard.press('Escape');
    await page.getByText('Nothing matches').waitFor();
  });

  test('is exported with what the filters leave, and opens in a spreadsheet as text [S83]', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/journal?action=api_token.');
    const save = async (format: string) => {
      await page.getByRole('button', { name: 'Export' }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: format }).click(),
      ]);
      return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
    };
    const csv = await save('As CSV');
    expect(csv.name).toBe('journal.csv');
    expect(csv.text.trim().split('\r\n')).toHaveLength(3);
    expect(csv.text).toContain(`"'=HYPERLINK(`);
    const json = await save('As JSON');
    expect(JSON.parse(json.text)).toHaveLength(2);
  });

  test('says that its chain is intact', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/journal');
    await page.getByText('Chain intact').waitFor();
  });
});

onDatabase('sqlite', 'the journal', (fixture) => {
  test('raises the alarm when an entry was altered behind the server’s back', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/settings', { viewport: phone });
    await page.route('**/v1/journal/chain', (route) =>
      route.fulfill({
        json: { intact: false, checkedTo: 3, head: 9, checkedAt: null, problem: 'Entry 4 was altered.' },
      }),
    );
    await page.goto(`${server.url}/journal`);
    const alarm = page.getByRole('alert').filter({ hasText: 'Chain broken' });
    await alarm.waitFor();
    expect(await alarm.textContent()).toContain('Entry 4 was altered.');
    expect(await axeInBoth(page)).toEqual([]);
  });

  test('is not for members, who are told what it needs', async () => {
    const { page } = await fixture.signedIn(fixture.server.member, '/journal');
    await page.getByText('It needs the permission read:journal.').waitFor();
  });
});

function rows(page: Page) {
  return page.getByRole('region', { name: 'Journal' }).locator('tbody tr');
}
