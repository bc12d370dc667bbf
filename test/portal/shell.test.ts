// The frame around every page: by keyboard, on a phone, for people with few permissions, in light and in dark.

import { expect, test } from 'vitest';
import { portalPages } from '../../server/src/http/portal/portal.ts';
import { arrived, axeInBoth, phone, settled, sideways } from './browser.ts';
import { onDatabase } from './fixture.ts';

/** Those without the frame; consent.test.ts and device.test.ts have the last ones. */
const others: readonly string[] = ['sign-in', 'set-up', 'welcome', 'new-password', 'consent', 'device'];
const signedInPages = portalPages.filter((page) => !others.includes(page));

onDatabase('sqlite', 'the shell', (fixture) => {
  test.each(signedInPages.map((page) => `/${page}`))(
    '%s has one heading, a name, and nothing that axe minds',
    async (path) => {
      const { page } = await fixture.signedIn(fixture.server.owner, path);
      await settled(page);
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
      await expect.poll(() => page.title()).toMatch(/^.+ · Keyward$/);
      expect(await axeInBoth(page)).toEqual([]);
      await page.setViewportSize(phone);
      await expect.poll(() => sideways(page)).toBe(0);
      expect(await axeInBoth(page)).toEqual([]);
    },
  );

  test('an unknown address says so and leads home', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner);
    await page.goto(`${fixture.server.url}/nowhere/at/all`);
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByRole('link', { name: 'To the start page' }).click();
    await page.getByRole('heading', { name: /^Hello/ }).waitFor();
  });

  test('whoever goes to another page by keyboard is told where they are', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner);
    await page.goto(`${fixture.server.url}/`);
    await arrived(page);
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to the page' });
    await expect.poll(() => skip.evaluate((link) => link === link.ownerDocument.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await expect.poll(() => page.evaluate('document.activeElement.closest("main") !== null')).toBe(true);
    await page.getByRole('link', { name: 'Users and roles' }).first().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/people$/);
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('H1');
    await expect.poll(() => page.locator('nav [aria-current=page]').first().textContent()).toBe('Users and roles');
  });

  test('the account menu opens, moves and closes by keyboard', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner);
    await page.getByRole('button', { name: /^Account/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Your account' }).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('menuitem', { name: 'Your account' }).waitFor({ state: 'detached' });
    await expect
      .poll(() => page.evaluate('document.activeElement.tagName + document.activeElement.textContent'))
      .toContain('BUTTONAccount:');
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Your account' }).waitFor();
    const focused = () => page.evaluate('document.activeElement.textContent');
    await expect.poll(focused).toBe('Your account');
    await page.keyboard.press('ArrowDown');
    await expect.poll(focused).toBe('Light');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/account$/);
  });

  test('light or dark is remembered, and there before the first paint', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner);
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    await page.reload({ waitUntil: 'commit' });
    await page.locator('html[data-mantine-color-scheme=dark]').waitFor({ state: 'attached' });
    await page.getByRole('heading', { name: /^Hello/ }).waitFor();
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
  });

  test('members see what members may', async () => {
    const { page } = await fixture.signedIn(fixture.server.member);
    const links = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
    await expect
      .poll(() => links.allTextContents())
      .toEqual([
        'Keyward',
        'Get started',
        'API tokens',
        'Permissions',
        'Plans and limits',
        'Usage',
        'Recent calls',
        'Settings',
      ]);
  });

  test('organizations that do not operate the server see no others', async () => {
    const tenant = await fixture.server.addOrganization('tenant');
    const { page } = await fixture.signedIn(tenant.owner);
    const navigation = page.getByRole('navigation', { name: 'Main' });
    await navigation.getByRole('link', { name: 'Settings' }).waitFor();
    expect(await navigation.getByRole('link', { name: 'Organizations' }).count()).toBe(0);
  });

  test('on a phone the menu covers the page, takes the keyboard, and closes where one goes', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/', { viewport: phone });
    const navigation = page.getByRole('navigation', { name: 'Main' });
    expect(await navigation.count()).toBe(0);
    await page.getByRole('button', { name: 'Open the menu' }).click();
    await navigation.waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await navigation.getByRole('link', { name: 'Journal' }).focus();
    await page.keyboard.press('Escape');
    await expect.poll(() => navigation.count()).toBe(0);
    await page.getByRole('button', { name: 'Open the menu' }).click();
    await navigation.getByRole('link', { name: 'Journal' }).click();
    await page.waitForURL(/\/journal$/);
    await expect.poll(() => navigation.count()).toBe(0);
  });
});
