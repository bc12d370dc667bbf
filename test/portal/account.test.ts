// One's own account in the browser: name, password, second factor, sessions; by mouse and by keyboard, wide and narrow.

import { readFileSync } from 'node:fs';
import { Secret, TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import type { Person } from '../server.ts';
import { axeInBoth, phone, sideways } from './browser.ts';
import { onDatabase, type PortalFixture } from './fixture.ts';

let people = 0;
async function newPerson({ server }: PortalFixture): Promise<Person> {
  people += 1;
  const email = `person${people}@acme.example`;
  const wanted = { email, name: `Person ${people}`, role: 'member' };
  const { user, password } = await server.core.createUser(systemIn(server.organization), wanted);
  return { id: user.id, email, password, caller: await server.callerFor({ type: 'user', id: user.id }) };
}

onDatabase('postgres', 'the account', (fixture) => {
  test('has no fault that axe knows, wide and narrow', async () => {
    const { page } = await fixture.signedIn(fixture.server.member, '/account');
    await page.getByText('This session').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.setViewportSize(phone);
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
  });

  test('renames its owner, everywhere at once', async () => {
    const { page } = await fixture.signedIn(await newPerson(fixture), '/account');
    await page.getByLabel('Name').fill('Zoë <b>Müller</b>');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Your name is saved.').waitFor();
    await page.getByRole('button', { name: 'Account: Zoë <b>Müller</b>' }).waitFor();
    await page.reload();
    await expect.poll(() => page.getByLabel('Name').inputValue()).toBe('Zoë <b>Müller</b>');
  });

  test('changes the password, ends the other sessions and keeps this one [S85]', async () => {
    const person = await newPerson(fixture);
    const other = await fixture.signedInAnew(person, '/account');
    const { page, context } = await fixture.signedInAnew(person, '/account');
    const [before] = await context.cookies();
    const fill = async (current: string, next: string) => {
      await page.getByLabel('Present password').fill(current);
      await page.getByLabel('New password', { exact: true }).fill(next);
      await page.getByLabel('New password again').fill(next);
      await page.getByRole('button', { name: 'Change password' }).click();
    };
    await fill('not the present one', 'a quite new password');
    await page.getByText('The password is wrong.').waitFor();
    expect(await page.getByLabel('New password', { exact: true }).inputValue()).toBe('a quite new password');
    await fill(person.password, 'a quite new password');
    await page.getByText('Your password is changed').waitFor();
    await expect.poll(() => page.getByLabel('Present password').inputValue()).toBe('');
    const [after] = await context.cookies();
    expect(after?.value).not.toBe(before?.value);
    await page.reload();
    await page.getByText('This session').waitFor();
    await other.page.reload();
    await other.page.waitForURL(/\/sign-in/);
  });

  test('turns the second factor on with its recovery codes as a file, and off again', async () => {
    const person = await newPerson(fixture);
    const { page } = await fixture.signedIn(person, '/account');
    await page.getByRole('button', { name: 'Turn on' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Your password').fill('wrong');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByText('The password is wrong.').waitFor();
    await dialog.getByLabel('Your password').fill(person.password);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByRole('img', { name: 'QR code' }).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    const secret = (await dialog.locator('.kw-mono').first().textContent()) ?? '';
    await dialog.getByLabel('Six-digit code').fill('000000');
    await dialog.getByRole('button', { name: 'Turn on' }).click();
    await dialog.getByText('The code is wrong.').waitFor();
    const code = TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: fixture.server.clock.now() });
    await dialog.getByLabel('Six-digit code').fill(code);
    await dialog.getByRole('button', { name: 'Turn on' }).click();
    await dialog.getByText('Recovery codes').first().waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Download as file' }).click(),
    ]);
    expect(
      readFileSync(await file.path(), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(10);
    await dialog.getByRole('button', { name: 'I have saved them' }).click();
    await page.getByText('Signing in asks for a code').waitFor();

    await page.getByRole('button', { name: 'Turn off' }).click();
    await dialog.getByLabel('Your password').fill(person.password);
    await dialog.getByRole('button', { name: 'Turn off' }).click();
    await page.getByText('The second factor is off.').waitFor();
    await page.getByRole('button', { name: 'Turn on' }).waitFor();
  });

  test('lists where one is signed in, and ends it there [S85]', async () => {
    const person = await newPerson(fixture);
    const others = [await fixture.signedInAnew(person), await fixture.signedInAnew(person)];
    const { page } = await fixture.signedInAnew(person, '/account');
    const entries = page.getByRole('listitem').filter({ hasText: 'Chrome on Linux' });
    await expect.poll(() => entries.count()).toBe(3);
    await page.getByRole('button', { name: 'End the session of Chrome on Linux' }).first().click();
    await expect.poll(() => entries.count()).toBe(2);
    await page.getByRole('button', { name: 'End all others' }).click();
    await expect.poll(() => entries.count()).toBe(1);
    await page.getByText('This session').waitFor();
    for (const other of others) expect(await isSignedOut(other.page)).toBe(true);
  });
});

async function isSignedOut(page: Page): Promise<boolean> {
  await page.reload();
  await page.waitForURL(/\/sign-in/);
  return true;
}
