// API users in the portal: made with a password that is shown once, ended with or without the access tokens they have.

import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { TestServer } from '../server.ts';
import { axeInBoth, phone, sideways } from './browser.ts';
import { onDatabase, type PortalFixture } from './fixture.ts';
import { expectHarmless, payloads } from './payloads.ts';

onDatabase('postgres', 'API users', (fixture) => {
  test('are made with a username and a password of 48 characters, shown this once and saved as a file', async () => {
    const { server } = fixture;
    const { page, context } = await fixture.signedIn(server.owner, '/api-users');
    await page.getByRole('button', { name: 'Create API user' }).first().click();
    await page.getByRole('button', { name: 'Generate' }).click();
    await page.getByText('Give it a name').waitFor();
    await page.getByText('Choose a role.').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('Scanner');
    await page.getByLabel('Role', { exact: true }).selectOption('member');
    await page.getByText('Manages their own API tokens.').waitFor();
    await page.getByRole('button', { name: 'Generate' }).click();
    const { username, password } = await shown(page);
    expect(password.length).toBe(48);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download as file' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('Scanner.txt');
    expect(await readFile(await file.path(), 'utf8')).toBe(`Username: ${username}\nPassword: ${password}\n`);
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await page.getByRole('cell', { name: /^Scanner/ }).waitFor();
    await expect.poll(() => page.content()).not.toContain(password);
    expect(JSON.stringify(await context.storageState()) + page.url()).not.toContain(password);
    expect((await exchange(server, username, password)).status).toBe(200);
  });

  test('are deactivated with the choice to cut off what is in flight, succeeded, deleted and restored', async () => {
    const { server } = fixture;
    const { apiUser, password } = await server.core.createApiUser(server.asOwner, { name: 'Busy', role: 'member' });
    const inFlight = await exchange(server, apiUser.username, password);
    await exchange(server, apiUser.username, password);
    await server.restart(); // Exchanges are counted when the server stops, or every few seconds.
    const { page } = await fixture.signedIn(server.owner, '/api-users');
    await page
      .getByText(/^(just now|\d+ minutes? ago)$/)
      .first()
      .waitFor();

    await act(page, 'Busy', 'Create a successor');
    await page.getByRole('dialog').getByRole('button', { name: 'Create successor' }).click();
    const successor = await shown(page);
    expect(successor.username).not.toBe(apiUser.username);
    await page.getByRole('button', { name: 'I have saved it' }).click();
    expect((await exchange(server, successor.username, successor.password)).status).toBe(200);

    const row = page.getByRole('row').filter({ hasText: apiUser.username });
    await row.getByRole('button', { name: 'Actions for Busy' }).click();
    await page.getByRole('menuitem', { name: 'Deactivate' }).click();
    await page.getByText('About 2 access tokens that it got may still be in use.').waitFor();
    await page.getByLabel('Cut them off now').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
    await page.getByText('its access tokens have ended').waitFor();
    expect((await exchange(server, apiUser.username, password)).status).toBe(401);
    const check = await fetch(`${server.url}/v1/check`, { headers: { authorization: `Bearer ${inFlight.token}` } });
    expect(check.status).toBe(401);

    await row.getByRole('button', { name: 'Actions for Busy' }).click();
    await page.getByRole('menuitem', { name: 'Activate' }).click();
    await page.getByText('The API user is active again.').waitFor();
    expect((await exchange(server, apiUser.username, password)).status).toBe(200);

    await row.getByRole('button', { name: 'Actions for Busy' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The API user is deleted.').waitFor();
    await row.waitFor({ state: 'detached' });
    await page.getByLabel('Show', { exact: true }).selectOption('Deleted');
    await row.getByRole('button', { name: 'Actions for Busy' }).click();
    await page.getByRole('menuitem', { name: 'Restore' }).click();
    await page.getByText('The API user is restored.').waitFor();
    expect((await exchange(server, apiUser.username, password)).status).toBe(200);
  });
});

onDatabase('sqlite', 'the page of API users', (fixture) => {
  test('renames and changes the role, unless a second admin was quicker', async () => {
    const { server } = fixture;
    const { apiUser } = await server.core.createApiUser(server.asOwner, { name: 'Shared', role: 'member' });
    const { page } = await fixture.signedIn(server.owner, '/api-users');
    await act(page, 'Shared', 'Rename or change role');
    await page.getByLabel('Name', { exact: true }).fill('Mine');
    await server.core.updateApiUser(server.admin.caller, apiUser.id, { name: 'Theirs' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else has changed this API user').waitFor();
    await page.getByLabel('Role', { exact: true }).selectOption('viewer');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect(await server.core.readApiUser(server.asOwner, apiUser.id)).toMatchObject({ name: 'Mine', role: 'viewer' });

    await act(page, 'Mine', 'Rename or change role');
    await page.getByLabel('Name', { exact: true }).fill('Late');
    await server.core.deleteApiUser(server.admin.caller, apiUser.id);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else has deleted this API user meanwhile.').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('cell', { name: /^Mine/ }).count()).toBe(0);
  });

  test('rotates a password with an overlap: who still uses the old one is seen, and it is ended [S89]', async () => {
    const { server } = fixture;
    const made = await server.core.createApiUser(server.asOwner, { name: 'Turning', role: 'member' });
    const { username } = made.apiUser;
    const { page } = await fixture.signedIn(server.owner, '/api-users');
    await act(page, 'Turning', 'Rotate password');
    const dialog = page.getByRole('dialog', { name: 'Make a new password' });
    await dialog.getByLabel('How long shall the old password still work?').selectOption('7 days');
    await dialog.getByRole('button', { name: 'Make a new password' }).click();
    await confirm(page, server.owner.password);
    await page.getByRole('dialog', { name: 'The new password' }).waitFor();
    const fresh = await shown(page);
    expect(fresh.username).toBe(username);
    expect(fresh.password).not.toBe(made.password);
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await expect.poll(() => page.content()).not.toContain(fresh.password);
    const row = page.getByRole('row').filter({ hasText: username });
    await row.getByText('Rotating', { exact: true }).filter({ visible: true }).waitFor();
    await row.getByText('Old password stops in 7 days').waitFor();
    for (const password of [made.password, fresh.password])
      expect((await exchange(server, username, password)).status).toBe(200);

    await server.restart(); // Uses are written when the server stops, or every few seconds.
    await page.reload();
    await act(page, 'Turning', 'Rotate password');
    await page.getByText('The password from the last time still works.').waitFor();
    await page.keyboard.press('Escape');
    await act(page, 'Turning', 'Old password');
    const overlap = page.getByRole('dialog', { name: 'Two passwords work at the moment' });
    await overlap.getByText('Old password last used').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await overlap.getByRole('button', { name: 'End the old password now' }).click();
    await page.getByText('The old password has ended.').waitFor();
    await row.getByText('Active', { exact: true }).filter({ visible: true }).waitFor();
    expect((await exchange(server, username, made.password)).status).toBe(401);
    expect((await exchange(server, username, fresh.password)).status).toBe(200);
  });

  test('offers no role that holds more than who gives it', async () => {
    const { server } = fixture;
    const permissions = ['read:api_user', 'create:api_user', 'read:role'];
    await server.core.createRole(server.asOwner, { name: 'maker', permissions });
    const { page } = await fixture.signedIn(await personOf(fixture, 'maker'), '/api-users');
    await page.getByRole('button', { name: 'Create API user' }).first().click();
    const role = page.getByLabel('Role', { exact: true });
    await role.locator('option[disabled]', { hasText: 'admin: holds more than you do' }).waitFor({ state: 'attached' });
    expect(await role.locator('option:not([disabled])').allTextContents()).toEqual(['maker']);
  });

  test('takes texts for texts in every field and place [S88]', async () => {
    const { server } = fixture;
    for (const name of payloads) await server.core.createApiUser(server.asOwner, { name, role: 'member' });
    const { page } = await fixture.signedIn(server.owner, '/api-users');
    await page.getByRole('cell').first().waitFor();
    await page.getByRole('button', { name: 'Create API user' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill(payloads[0] ?? '');
    await page.getByLabel('Role', { exact: true }).selectOption('member');
    await page.getByRole('button', { name: 'Generate' }).click();
    await shown(page);
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await page.getByLabel('Search by name').fill(payloads[0] ?? '');
    await act(page, payloads[0] ?? '', 'Deactivate');
    await page.getByRole('dialog', { name: /^Deactivate <img/ }).waitFor();
    await expectHarmless(page);
  });

  test('is accessible and fits a phone, with its dialogs', async () => {
    const { server } = fixture;
    server.clock.advance(1000); // So that it is the newest, and on the first page.
    await server.core.createApiUser(server.asOwner, { name: 'Reachable', role: 'member' });
    const { page } = await fixture.signedIn(server.owner, '/api-users', { viewport: phone });
    await page.getByRole('cell').first().waitFor();
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
    await act(page, 'Reachable', 'Deactivate');
    await page.getByText('It got no access tokens lately.').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
  });
});

async function act(page: Page, name: string, what: string): Promise<void> {
  await page
    .getByRole('button', { name: `Actions for ${name}`, exact: true })
    .first()
    .click();
  await page.getByRole('menuitem', { name: what, exact: true }).click();
}

async function confirm(page: Page, password: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Confirm it is you' });
  await dialog.getByLabel('Your password', { exact: true }).fill(password);
  await dialog.getByRole('button', { name: 'Confirm' }).click();
}

async function shown(page: Page): Promise<{ username: string; password: string }> {
  const [username, password] = [
    page.getByRole('region', { name: 'Username', exact: true }),
    page.getByRole('region', { name: 'Password', exact: true }),
  ];
  return { username: (await username.textContent()) ?? '', password: (await password.textContent()) ?? '' };
}

async function exchange({ url }: TestServer, username: string, password: string) {
  const response = await fetch(`${url}/v1/access-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const { accessToken } = (await response.json()) as { accessToken?: string };
  return { status: response.status, token: accessToken };
}

async function personOf({ server }: PortalFixture, role: string) {
  const email = `${role}@acme.example`;
  const { user, password } = await server.core.createUser(server.asOwner, { email, name: role, role });
  return { id: user.id, email, password, caller: await server.callerFor({ type: 'user', id: user.id }) };
}
