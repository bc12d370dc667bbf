// Links that work once, opened in a browser: the set-up of a new server, an invitation, a new password.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EmptyServer, startEmptyServer } from '../wire/native/empty-server.ts';
import { axeInBoth, type PortalBrowser, phone, startBrowser } from './browser.ts';
import { onDatabase } from './fixture.ts';

const good = 'three unrelated words and more';

onDatabase('postgres', 'links', (fixture) => {
  const invite = async (email: string, name = 'Ivy Invited') =>
    (await fixture.server.core.invite(fixture.server.asOwner, { email, name, role: 'member' })).link;

  test('an invitation is accepted with a password, and its address keeps nothing of it [S8]', async () => {
    const link = await invite('ivy@acme.example');
    const { page } = await fixture.open();
    await page.goto(link.url);
    await page.getByRole('heading', { name: 'Welcome to acme' }).waitFor();
    await expect.poll(() => page.url()).toBe(`${fixture.server.url}/welcome`);
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByLabel('New password', { exact: true }).fill('too short');
    await page.getByRole('button', { name: 'Save and sign in' }).click();
    await page.getByText('At least 15 characters, please.').waitFor();
    await page.getByLabel('New password', { exact: true }).fill(good);
    await page.getByLabel('New password again').fill(`${good}!`);
    await page.getByRole('button', { name: 'Save and sign in' }).click();
    await page.getByText('The two are not the same.').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByLabel('New password again').fill(good);
    await page.getByRole('button', { name: 'Save and sign in' }).click();
    await page.waitForURL(`${fixture.server.url}/get-started`);

    const again = await fixture.open({ viewport: phone });
    await again.page.goto(link.url);
    await again.page.getByRole('heading', { name: 'This link does not work' }).waitFor();
    await again.page.getByText('This link was used or has expired. Ask for a new one.').waitFor();
    expect(await axeInBoth(again.page)).toEqual([]);
  });

  test('a new password by link ends the old one and every session', async () => {
    const { server } = fixture;
    const { user } = await server.core.invite(server.asOwner, {
      email: 'rae@acme.example',
      name: 'Rae',
      role: 'member',
    });
    const first = await server.core.makePasswordLink(server.asOwner, user.id);
    const elsewhere = await fixture.open();
    await elsewhere.page.goto(first.url);
    await elsewhere.page.getByLabel('New password', { exact: true }).fill(good);
    await elsewhere.page.getByLabel('New password again').fill(good);
    await elsewhere.page.getByRole('button', { name: 'Save and sign in' }).click();
    await elsewhere.page.waitForURL(`${server.url}/get-started`);

    const link = await server.core.makePasswordLink(server.asOwner, user.id);
    expect(link.url).toContain('/new-password#');
    const { page } = await fixture.open();
    await page.goto(link.url);
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByLabel('New password', { exact: true }).fill(`${good} two`);
    await page.getByLabel('New password again').fill(`${good} two`);
    await page.getByRole('button', { name: 'Save and sign in' }).click();
    await page.getByRole('heading', { name: 'Hello, Rae' }).waitFor();

    await elsewhere.page.goto(`${server.url}/account`);
    await elsewhere.page.waitForURL(/\/sign-in/);
    await elsewhere.page.getByLabel('E-mail').fill('rae@acme.example');
    await elsewhere.page.getByLabel('Password', { exact: true }).fill(good);
    await elsewhere.page.getByRole('button', { name: 'Sign in' }).click();
    await elsewhere.page.getByText('The e-mail or the password is wrong').waitFor();
  });

  test('a password that is refused is said at its field, and the link works on', async () => {
    const link = await invite('pat@acme.example', 'Pat');
    const { page } = await fixture.open();
    await page.goto(link.url);
    for (const password of ['passwordpassword', good]) {
      await page.getByLabel('New password', { exact: true }).fill(password);
      await page.getByLabel('New password again').fill(password);
      await page.getByRole('button', { name: 'Save and sign in' }).click();
      if (password === good) await page.waitForURL(`${fixture.server.url}/get-started`);
      else await page.locator('[aria-invalid=true]').first().waitFor();
    }
  });

  test.each(['/welcome', '/new-password', '/welcome#', '/welcome#nonsense', '/new-password#%00'])(
    'an address like %s says that the link does not work',
    async (path) => {
      const { page } = await fixture.open();
      await page.goto(`${fixture.server.url}${path}`);
      await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
      await page.getByRole('link', { name: 'To the sign-in page' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    },
  );

  test('on a server that has users, set-up says so', async () => {
    const { page } = await fixture.open();
    await page.goto(`${fixture.server.url}/set-up#x`);
    await page.getByText('This server is set up already.').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
  });
});

describe('a new server', () => {
  let server: EmptyServer;
  let browser: PortalBrowser;
  beforeAll(async () => {
    server = await startEmptyServer();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('tells whoever wants to sign in where the link is, and is set up with it once [S90]', async () => {
    const { page, faults } = await browser.open();
    await page.goto(`${server.url}/`);
    await page.getByText('This server has no users yet.').waitFor();
    await page.goto(`${server.url}/set-up`);
    await page.getByText('Open the link that the server printed').waitFor();
    const link = await server.core.makeSetUpLink();
    await page.goto('about:blank');
    await page.goto(link?.url ?? '');
    await page.getByLabel('Organization').fill('Not A Handle!');
    await page.getByLabel('Your name').fill('Olga Owner');
    await page.getByLabel('E-mail').fill('olga@new.example');
    await page.getByLabel('Password', { exact: true }).fill(good);
    await page.getByLabel('New password again').fill(good);
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.locator('input[name=organization][aria-invalid=true]').waitFor();
    expect(await page.getByLabel('Your name').inputValue()).toBe('Olga Owner');
    await page.getByLabel('Organization').fill('new-one');
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.waitForURL(`${server.url}/get-started`);
    await page.getByRole('link', { name: 'Organizations' }).waitFor();

    const second = await browser.open();
    await second.page.goto(link?.url ?? '');
    await second.page.getByText('This server is set up already.').waitFor();
    expect([...faults(), ...second.faults()]).toEqual([]);
  });
});
