// What a dialog never loses: the focus when it could not be sent, and what is shown only once.

import { Secret, TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { onDatabase } from './fixture.ts';

/** Where the focus is: in a dialog, elsewhere on the page, or nowhere. */
const focus = (page: Page) =>
  page.evaluate(`(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return 'nowhere';
    return element.closest('[role=dialog]') === null ? 'page' : 'dialog';
  })()`);

onDatabase('sqlite', 'a form that could not be sent', (fixture) => {
  const conflicts = [
    {
      what: 'a token whose name is taken',
      at: '/tokens',
      open: 'Create token',
      fill: async (page: Page) => {
        await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('taken');
        await page.getByLabel('read:organization', { exact: true }).check();
      },
      go: 'Generate',
    },
    {
      what: 'a role whose name is taken',
      at: '/people?tab=roles',
      open: 'Create role',
      fill: async (page: Page) => {
        await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('taken-role');
        await page.getByLabel('read:user').check();
      },
      go: 'Create',
    },
  ];
  for (const { what, at, open, fill, go } of conflicts) {
    test(`keeps the focus in the dialog, at the problem: ${what}`, async () => {
      const { server } = fixture;
      const { page } = await fixture.signedIn(server.owner, at);
      await server.core.createApiToken(server.owner.caller, { name: 'taken', permissions: [] }).catch(() => undefined);
      await server.core
        .createRole(server.owner.caller, { name: 'taken-role', description: '', permissions: [] })
        .catch(() => undefined);
      await page.getByRole('button', { name: open }).first().click();
      await fill(page);
      fixture.tolerate(/409/);
      await page.getByRole('dialog').getByRole('button', { name: go }).click();
      await page.getByRole('dialog').getByRole('alert').or(page.locator('[aria-invalid=true]')).first().waitFor();
      await expect.poll(() => focus(page)).toBe('dialog');
      // Tab goes on inside the dialog, all the way round.
      for (let step = 0; step < 12; step += 1) {
        await page.keyboard.press('Tab');
        expect(await focus(page)).toBe('dialog');
      }
    });
  }

  test('keeps the focus in a sign-in that was refused', async () => {
    const { server } = fixture;
    const { page } = await fixture.open();
    await page.goto(`${server.url}/sign-in`);
    await page.getByLabel('E-mail').fill(server.owner.email);
    await page.getByLabel('Password', { exact: true }).fill('not the right one');
    fixture.tolerate(/401/);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await expect.poll(() => focus(page)).not.toBe('nowhere');
  });
});

onDatabase('sqlite', 'what is shown only once', (fixture) => {
  const stayed = async (page: Page, secret: string) => {
    await page.getByRole('button', { name: 'Stay here' }).click();
    await expect.poll(() => page.content()).toContain(secret);
  };

  test('is not lost by Back, by a link or by a reload without a question', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/');
    await page.getByRole('link', { name: 'API tokens' }).first().click();
    await page.getByRole('button', { name: 'Create token' }).first().click();
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('kept');
    await page.getByLabel('read:organization', { exact: true }).check();
    await page.getByRole('dialog').getByRole('button', { name: 'Generate' }).click();
    await page.getByRole('button', { name: 'I have saved it' }).waitFor();
    const secret = (await page.getByRole('region', { name: 'API token', exact: true }).textContent()) ?? '';
    expect(secret).not.toBe('');
    await page.keyboard.press('Escape');
    await page.goBack().catch(() => undefined);
    await page.getByRole('dialog', { name: 'Leave without saving it?' }).waitFor();
    await stayed(page, secret);
    expect(new URL(page.url()).pathname).toBe('/tokens');

    const asked = page.waitForEvent('dialog');
    const reloading = page.evaluate('window.location.reload()');
    const question = await asked;
    expect(question.type()).toBe('beforeunload');
    await question.dismiss();
    await reloading;
    await expect.poll(() => page.content()).toContain(secret);

    // The way on takes it along, and guards it there too.
    await page.getByRole('button', { name: /Get started/ }).click();
    await page.getByRole('heading', { name: 'Get started' }).waitFor();
    await page.getByRole('link', { name: 'API tokens' }).first().click();
    await page.getByRole('dialog', { name: 'Leave without saving it?' }).waitFor();
    await stayed(page, secret);
    await page.getByRole('link', { name: 'API tokens' }).first().click();
    await page.getByRole('button', { name: 'Leave, it is saved' }).click();
    await page.getByRole('link', { name: 'kept' }).waitFor();
    // Once it was left, nothing asks any more.
    await page.goBack();
    await expect.poll(() => new URL(page.url()).pathname).toBe('/get-started');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  test('asks nothing once it was saved', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/');
    await page.getByRole('link', { name: 'API users' }).first().click();
    await page
      .getByRole('button', { name: /API user/ })
      .first()
      .click();
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('machine');
    await page.getByLabel('Role', { exact: true }).selectOption('member');
    await page.getByRole('dialog').locator('button[type=submit]').click();
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.goBack();
    await expect.poll(() => new URL(page.url()).pathname).toBe('/');
  });
});

onDatabase('sqlite', 'recovery codes', (fixture) => {
  test('close by their own button alone, and are asked about when the page is left', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedInAnew(server.admin, '/');
    await page
      .getByRole('button', { name: /The admin/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: /account/i }).click();
    await page.getByRole('button', { name: 'Turn on' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Your password').fill(server.admin.password);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByRole('img', { name: 'QR code' }).waitFor();
    const key = (await dialog.locator('.kw-mono').first().textContent()) ?? '';
    const code = TOTP.generate({ secret: Secret.fromBase32(key), timestamp: server.clock.now() });
    await dialog.getByLabel('Six-digit code').fill(code);
    await dialog.getByRole('button', { name: 'Turn on' }).click();
    const codes = dialog.getByText('Recovery codes').first();
    await codes.waitFor();
    await page.keyboard.press('Escape');
    expect(await dialog.getByRole('button', { name: 'Close' }).count()).toBe(0);
    await page.goBack().catch(() => undefined);
    await page.getByRole('dialog', { name: 'Leave without saving it?' }).waitFor();
    await page.getByRole('button', { name: 'Stay here' }).click();
    await codes.waitFor();
    await dialog.getByRole('button', { name: 'I have saved them' }).click();
    await page.getByText('Signing in asks for a code').waitFor();
  });
});
