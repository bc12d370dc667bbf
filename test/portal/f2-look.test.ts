// Scratch.
import { expect, test } from 'vitest';
import { axeInBoth, phone } from './browser.ts';
import { onDatabase } from './ground.ts';

onDatabase('sqlite', 'look', (ground) => {
  test('tokens', async () => {
    const { server } = ground;
    await server.core.registerPermission(server.asOwner, {
      name: 'read:funds',
      description: 'See funds and their prices.',
    });
    await server.core.registerPermission(server.asOwner, {
      name: 'write:orders',
      description: 'Place and cancel orders.',
    });
    await server.core.registerPermission(server.asOwner, { name: 'read:orders', description: 'See orders.' });
    for (const [name, description, days, permissions] of [
      ['Nightly billing import', 'Runs on the finance server. Ask Ann.', 20, ['read:funds', 'read:orders']],
      ['Mobile app', '', null, ['read:funds', 'write:orders', 'read:orders', 'read:user']],
      ['Grafana', 'Dashboards', 300, ['read:*']],
    ] as const) {
      await server.core.createApiToken(server.asOwner, {
        name,
        description,
        permissions,
        expiresAt: days === null ? null : server.clock.now() + days * 86_400_000,
        readable: true,
      });
    }
    const { page } = await ground.signedIn(server.owner, '/tokens');
    await page.getByText('Nightly').waitFor();
    await page.screenshot({ path: '/tmp/shots/tokens.png' });
    const violations = await axeInBoth(page);
    await page.screenshot({ path: '/tmp/shots/tokens-dark.png' });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByRole('button', { name: 'Create token' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('My new token');
    await page.getByLabel(/^read:funds/).check();
    await page.getByRole('button', { name: /More options/ }).click();
    await page.waitForTimeout(400);
    await page.screenshot({ path: '/tmp/shots/create.png' });
    violations.push(...(await axeInBoth(page)));
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByRole('button', { name: 'Generate' }).click();
    await page.getByText('I have saved it').waitFor();
    await page.waitForTimeout(400);
    console.log(
      'focus',
      await page.evaluate('document.activeElement.outerHTML.slice(0,200)'),
      await page.evaluate('!!document.activeElement.closest("[role=dialog]")'),
    );
    await page.screenshot({ path: '/tmp/shots/secret.png' });
    violations.push(...(await axeInBoth(page)));
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByText('I have saved it').click();
    await page.getByLabel('Select Grafana').check();
    await page.screenshot({ path: '/tmp/shots/chosen.png' });
    await page.getByRole('tab', { name: 'x' }).count();
    await page.getByText('Everyone’s').click();
    await page.getByText('Owner', { exact: true }).first().waitFor();
    await page.waitForTimeout(300);
    await page.screenshot({ path: '/tmp/shots/tokens-all.png' });
    await page.getByRole('link', { name: 'Nightly billing import' }).click();
    await page.getByRole('heading', { level: 1, name: 'Nightly billing import' }).waitFor();
    await page.getByText('created it').waitFor();
    await page.screenshot({ path: '/tmp/shots/token.png', fullPage: true });
    violations.push(...(await axeInBoth(page)));
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByRole('button', { name: 'New secret' }).click();
    await page.waitForTimeout(300);
    await page.screenshot({ path: '/tmp/shots/rotate.png' });
    violations.push(...(await axeInBoth(page)));
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    await page.getByLabel('Your password').fill(server.owner.password);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('I have saved it').click();
    await page.getByText('Two secrets').waitFor();
    await page.screenshot({ path: '/tmp/shots/rotating.png', fullPage: true });
    violations.push(...(await axeInBoth(page)));
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByRole('button', { name: 'Change where' }).click();
    await page.waitForTimeout(300);
    await page.screenshot({ path: '/tmp/shots/limits.png' });
    await page.keyboard.press('Escape');
    await page.setViewportSize(phone);
    await page.waitForTimeout(300);
    await page.screenshot({ path: '/tmp/shots/token-phone.png', fullPage: true });
    await page
      .getByRole('link', { name: /API tokens/ })
      .first()
      .click();
    await page.getByText('Grafana').waitFor();
    await page.screenshot({ path: '/tmp/shots/tokens-phone.png' });
    await page.getByRole('button', { name: 'Create token' }).first().click();
    await page.waitForTimeout(400);
    await page.screenshot({ path: '/tmp/shots/create-phone.png' });
    violations.push(...(await axeInBoth(page)));
    expect(violations).toEqual([]);
  });
});
