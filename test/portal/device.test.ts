// Typing the code of a device, in a real browser: what is told before one answers, and every way in which it fails.

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { call } from '../wire/oauth2/clients.ts';
import { type Codes, codesFor, commandLine, poll, registerDevice } from '../wire/oauth2/device-flow.ts';
import { axeInBoth, phone, settled, sideways } from './browser.ts';
import { onDatabase } from './fixture.ts';

onDatabase('sqlite', 'connecting a device', (fixture) => {
  const at = (codes?: Pick<Codes, 'userCode'>) =>
    `${fixture.server.url}/device${codes === undefined ? '' : `?user_code=${codes.userCode}`}`;

  const aDevice = async (name: string) => {
    const { core, store, asOwner } = fixture.server;
    if ((await store.permissions.find('read:reports')) === null) {
      await core.registerPermission(asOwner, { name: 'read:reports', description: 'Read all reports.' });
    }
    return registerDevice(fixture.server, { name, permissions: ['read:reports'] });
  };

  const question = (page: Page) => page.getByRole('button', { name: 'Allow', exact: true });
  const type = async (page: Page, code: string) => {
    await page.getByLabel('Code').fill(code);
    await page.getByRole('button', { name: 'Continue' }).click();
  };

  test('from signing in to the answer: who asks, for what, from where, and a warning [RFC 8628 section 5.4]', async () => {
    const device = await aDevice('Television');
    const codes = await codesFor(fixture.server, device);
    const { owner } = fixture.server;
    const { page } = await fixture.open({ viewport: phone });
    await page.goto(at(codes));
    await page.waitForURL(/\/sign-in\?to=/);
    await page.getByLabel('E-mail').fill(owner.email);
    await page.getByLabel('Password', { exact: true }).fill(owner.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Connect a device' }).waitFor();
    // The code of the address is filled in, and nothing has been asked with it yet.
    await expect.poll(() => page.getByLabel('Code').inputValue()).toBe(codes.userCode);
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByLabel('Code').press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Let Television act for you?' }).waitFor();
    for (const text of [
      'An application of acme.',
      'Read all reports.',
      'Your device must show exactly this code:',
      codes.userCode,
      '127.0.0.1',
      'Only go on if you started this yourself on a device of yours',
      'Whoever sent you this code or a link to this page',
      `You are signed in as ${owner.email} of acme.`,
    ]) {
      await page.getByText(text).first().waitFor();
    }
    // A screen reader is at the new heading, and the warning is announced.
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('H1');
    await page.getByRole('alert').filter({ hasText: 'Only go on if' }).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await expect.poll(() => sideways(page)).toBe(0);
    await question(page).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Your device goes on' }).waitFor();
    await settled(page);
    expect(await axeInBoth(page)).toEqual([]);
    const { body } = await poll(fixture.server, device, codes);
    expect((await call(fixture.server, '/v1/check?permissions=read:reports', body.access_token)).status).toBe(200);
  });

  test('is told to the device where it is not allowed', async () => {
    const device = await aDevice('Nosy');
    const codes = await codesFor(fixture.server, device);
    const { page } = await fixture.open();
    await signInAt(page, at(codes));
    await type(page, codes.userCode.toLowerCase().replace('-', ' '));
    await page.getByText(codes.userCode).waitFor();
    await page.getByRole('button', { name: 'Do not allow' }).click();
    await page.getByRole('heading', { level: 1, name: 'It was not allowed' }).waitFor();
    expect((await poll(fixture.server, device, codes)).body.error).toBe('access_denied');
  });

  test('says in plain words what is wrong with a code, and keeps it to be mended', async () => {
    const device = await aDevice('Wrong');
    const [used, expired] = [await codesFor(fixture.server, device), await codesFor(fixture.server, device)];
    const { page } = await fixture.open({ viewport: phone });
    await signInAt(page, at());
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Type the code that your device shows.').waitFor();
    const refusedWith = async (code: string, text: string) => {
      await type(page, code);
      await page.getByRole('alert').filter({ hasText: text }).waitFor();
      expect(await page.getByLabel('Code').inputValue()).toBe(code);
    };
    await refusedWith('BBBB-BBBB', 'No device shows this code');
    await expect.poll(() => page.evaluate("document.activeElement.getAttribute('role')")).toBe('alert');
    expect(await axeInBoth(page)).toEqual([]);
    await type(page, used.userCode);
    await question(page).waitFor();
    await question(page).click();
    await page.getByRole('heading', { level: 1, name: 'Your device goes on' }).waitFor();
    await page.goto(at());
    await refusedWith(used.userCode, 'This code was used already');
    // It ends while somebody reads the question.
    await type(page, expired.userCode);
    await question(page).waitFor();
    fixture.server.clock.advance(600_000);
    await question(page).click();
    await page.getByRole('alert').filter({ hasText: 'This code has expired' }).waitFor();
    await page.goto(at());
    await refusedWith(expired.userCode, 'This code has expired');
  });

  test('lets the command line in after the password, as what it is: somebody who signs in', async () => {
    const codes = await codesFor(fixture.server, commandLine);
    const { owner } = fixture.server;
    const { page } = await fixture.open();
    await signInAt(page, at(codes));
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { level: 1, name: 'Let the Keyward command line act as you?' }).waitFor();
    await page.getByText('Everything that you may do').waitFor();
    await page.getByText('Only go on if you started this yourself on a device of yours').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await question(page).click();
    const dialog = page.getByRole('dialog', { name: 'Confirm it is you' });
    await dialog.getByLabel('Your password').fill(owner.password);
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('heading', { level: 1, name: 'Your device goes on' }).waitFor();
    const { body } = await poll(fixture.server, commandLine, codes);
    expect((await call(fixture.server, '/v1/self', body.access_token)).status).toBe(200);
    await page.goto(`${fixture.server.url}/account`);
    await page.getByRole('heading', { level: 1, name: 'Your account' }).waitFor();
  });

  test('waits where too many codes were tried', async () => {
    await fixture.server.restart({ signInFailures: 2 });
    const { page } = await fixture.open();
    await signInAt(page, at());
    for (const code of ['BBBB-BBBB', 'CCCC-CCCC']) {
      await type(page, code);
      await page.getByRole('alert').filter({ hasText: 'No device shows this code' }).waitFor();
    }
    await type(page, 'DDDD-DDDD');
    await page.getByRole('alert').filter({ hasText: 'Too many codes were tried' }).waitFor();
  });

  /** Signs the owner in on the way to an address. */
  async function signInAt(page: Page, address: string): Promise<void> {
    const { owner } = fixture.server;
    await page.goto(address);
    await page.waitForURL(/\/sign-in\?to=/);
    await page.getByLabel('E-mail').fill(owner.email);
    await page.getByLabel('Password', { exact: true }).fill(owner.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Connect a device' }).waitFor();
  }
});
