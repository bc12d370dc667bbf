// Users and roles in the portal: invited, given a role, helped back in, locked out; and what a role may do.

import { TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { register } from '../assembled-server.ts';
import type { Person } from '../server.ts';
import { axeInBoth, phone, sideways } from './browser.ts';
import { onDatabase, type PortalFixture } from './fixture.ts';
import { expectHarmless, payloads } from './payloads.ts';

const password = 'a long enough pass phrase';

onDatabase('postgres', 'people', (fixture) => {
  test('are invited by a link that is shown once, and sign in with the password that they choose', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/people');
    await page.getByRole('button', { name: 'Invite a user' }).click();
    await page.getByRole('button', { name: 'Make the link' }).click();
    await expect.poll(() => page.getByRole('dialog').locator('[aria-invalid=true]').count()).toBe(3);
    await page.getByLabel('E-mail or name', { exact: true }).fill('Ann@Acme.Example');
    await page.getByLabel('Name', { exact: true }).fill('Ann');
    await page.getByLabel('Role', { exact: true }).selectOption('member');
    await page.getByRole('button', { name: 'Make the link' }).click();
    const link = await shownLink(page);
    await page.getByRole('button', { name: 'Copy the link' }).click();
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(link);
    await page.getByRole('button', { name: 'Done' }).click();
    await row(page, 'ann@acme.example').getByText('Invited', { exact: true }).filter({ visible: true }).waitFor();

    const ann = await fixture.open();
    await ann.page.goto(link);
    await ann.page.getByLabel('New password', { exact: true }).fill(password);
    await ann.page.getByLabel('New password again', { exact: true }).fill(password);
    await ann.page.getByRole('button', { name: 'Save and sign in' }).click();
    await ann.page.getByRole('navigation').getByText('ann@acme.example').waitFor();
    await page.reload();
    await row(page, 'ann@acme.example').getByText('Active', { exact: true }).filter({ visible: true }).waitFor();
  });

  test('become admins only after the password is asked again [S89]', async () => {
    const { server } = fixture;
    await personOf(fixture, 'bea', 'member');
    const { page } = await fixture.signedIn(server.owner, '/people');
    await act(page, 'bea', 'Rename or change role');
    await page.getByLabel('Role', { exact: true }).selectOption('admin');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog', { name: 'Confirm it is you' }).getByRole('button', { name: 'Cancel' }).click();
    expect(await roleOf(fixture, 'bea')).toBe('member');
    expect(await page.getByLabel('Role', { exact: true }).inputValue()).toBe('admin');
    await page.getByRole('button', { name: 'Save' }).click();
    await confirm(page, server.owner);
    await page.getByText('Saved.').waitFor();
    expect(await roleOf(fixture, 'bea')).toBe('admin');
  });

  test('get a link for a new password, lose a second factor, are locked out at once, let in again and deleted', async () => {
    const { server } = fixture;
    const cem = await personOf(fixture, 'cem', 'member');
    const { secret } = await server.core.prepareSecondFactor(cem.caller, cem.password);
    const code = new TOTP({ secret }).generate({ timestamp: server.clock.now() });
    await server.core.confirmSecondFactor(cem.caller, code);
    const { page } = await fixture.signedIn(server.owner, '/people');
    await act(page, 'cem', 'Remove second factor');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await confirm(page, server.owner);
    await page.getByText('The second factor is removed.').waitFor();

    await act(page, 'cem', 'Link for a new password');
    await page.getByRole('dialog').getByRole('button', { name: 'Make the link' }).click();
    const link = await shownLink(page);
    expect(link).toContain('/new-password#');
    await page.getByRole('button', { name: 'Done' }).click();
    const theirs = await fixture.open();
    await theirs.page.goto(link);
    await theirs.page.getByLabel('New password', { exact: true }).fill(password);
    await theirs.page.getByLabel('New password again', { exact: true }).fill(password);
    await theirs.page.getByRole('button', { name: 'Save and sign in' }).click();
    await theirs.page.getByRole('navigation').getByText(cem.email).waitFor();

    await act(page, 'cem', 'Deactivate');
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
    await page.getByText('The user is deactivated and signed out.').waitFor();
    await theirs.page.reload();
    await theirs.page.waitForURL(/\/sign-in/);
    await act(page, 'cem', 'Activate');
    await page.getByText('The user is active again.').waitFor();
    await page.reload(); // What was said last may stand over the menu.
    await act(page, 'cem', 'Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The user is deleted.').waitFor();
    await expect.poll(() => row(page, cem.email).count()).toBe(0);
  });

  test('get their permissions from roles: made, changed for everybody at once, kept while somebody has them', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/people?tab=roles');
    await page.getByRole('button', { name: 'Create role' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Not A Handle');
    await page.getByLabel('What is it for?').fill('Helps customers.');
    await page.getByLabel('read:user').check();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('Use 1 to 64 lower-case letters').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('helper');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('The role is created.').waitFor();
    const dee = await personOf(fixture, 'dee', 'helper');
    await act(page, 'helper', 'Change');
    await page.getByRole('button', { name: 'Remove read:user' }).click();
    await page.getByLabel('read:journal').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The role is changed.').waitFor();
    expect((await server.callerFor({ type: 'user', id: dee.id })).permissions).toEqual(['read:journal']);

    await act(page, 'helper', 'Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Somebody still has this role.').waitFor();
    await server.core.deleteUser(server.admin.caller, dee.id);
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The role is deleted.').waitFor();

    await page.getByRole('button', { name: 'viewer', exact: true }).click();
    await page.getByText('This role comes with Keyward').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Actions for viewer' }).click();
    await expect.poll(() => page.getByRole('menuitem').allTextContents()).toEqual(['Show what it may do']);
  });
});

onDatabase('sqlite', 'the page of users and roles', (fixture) => {
  test('tells of what a second admin has done meanwhile', async () => {
    const { server } = fixture;
    const eve = await personOf(fixture, 'eve', 'member');
    const { page } = await fixture.signedIn(server.admin, '/people');
    await act(page, 'eve', 'Rename or change role');
    await page.getByLabel('Name', { exact: true }).fill('Eve');
    await server.core.updateUser(server.asOwner, eve.id, { role: 'viewer' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else has changed this user').waitFor();
    await page.keyboard.press('Escape');
    await act(page, 'eve', 'Deactivate');
    await server.core.deleteUser(server.asOwner, eve.id);
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
    await page.getByText('Somebody else has deleted this user meanwhile.').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => row(page, eve.email).count()).toBe(0);
  });

  test('offers admins nothing against owners, and nobody anything against themselves', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.admin, '/people');
    await row(page, server.owner.email).waitFor();
    // To see what applications do for somebody is nothing against them.
    await row(page, server.owner.email).getByRole('button').click();
    await expect.poll(() => page.getByRole('menuitem').allTextContents()).toEqual(['Applications that act for them']);
    await page.keyboard.press('Escape');
    await row(page, server.admin.email).getByRole('button').click();
    await expect.poll(() => page.getByRole('menuitem').allTextContents()).toEqual(['Your account']);
  });

  test('keeps an invitation that could not be sent, and refuses an e-mail that is taken', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.admin, '/people');
    await page.getByRole('button', { name: 'Invite a user' }).click();
    await page.getByLabel('E-mail or name', { exact: true }).fill(server.member.email);
    await page.getByLabel('Name', { exact: true }).fill('Again');
    await page.getByLabel('Role', { exact: true }).selectOption('viewer');
    await page.getByRole('button', { name: 'Make the link' }).click();
    await page.getByText('This e-mail address is in use already.').waitFor();
    await page.getByLabel('E-mail or name', { exact: true }).fill('no e-mail');
    await page.getByRole('button', { name: 'Make the link' }).click();
    await page.getByText('Use an e-mail address such as').waitFor();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Again');
  });

  test('takes texts for texts in every field and place [S88]', async () => {
    const { server } = fixture;
    for (const [index, name] of payloads.entries()) {
      const role = 'member';
      await server.core.createUser(server.asOwner, { email: `p${index}@acme.example`, name, role });
    }
    await register(server, 'x:y');
    await server.core.createRole(server.asOwner, {
      name: 'odd',
      description: payloads.join(' ').slice(0, 1000),
      permissions: ['x:y'],
    });
    const { page } = await fixture.signedIn(server.owner, '/people?search=%3Cimg%20src%3Dx');
    await row(page, 'p0@acme.example').waitFor();
    await page.getByRole('button', { name: 'Invite a user' }).click();
    await page.getByLabel('E-mail or name', { exact: true }).fill('odd@acme.example');
    await page.getByLabel('Name', { exact: true }).fill(payloads[1] ?? '');
    await page.getByLabel('Role', { exact: true }).selectOption('odd');
    await page.getByRole('button', { name: 'Make the link' }).click();
    await shownLink(page);
    await expectHarmless(page);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Roles', { exact: true }).click();
    await page.getByRole('button', { name: 'odd', exact: true }).click();
    await page.getByRole('dialog').getByText('x:y').waitFor();
    await expectHarmless(page);
  });

  test('is accessible and fits a phone, with its dialogs', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/people', { viewport: phone });
    await page.getByRole('row').nth(1).waitFor();
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByRole('button', { name: 'Invite a user' }).click();
    await page.getByRole('button', { name: 'Make the link' }).click();
    await page.getByText('Choose a role.').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByText('Roles', { exact: true }).click();
    await page.getByRole('button', { name: 'viewer', exact: true }).click();
    await page.getByRole('dialog').waitFor();
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
  });
});

function row(page: Page, email: string) {
  return page.getByRole('row').filter({ hasText: email });
}

async function act(page: Page, name: string, what: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: what, exact: true }).click();
}

async function shownLink(page: Page): Promise<string> {
  return (await page.getByRole('region', { name: 'Link', exact: true }).textContent()) ?? '';
}

async function confirm(page: Page, person: Person): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Confirm it is you' });
  await dialog.getByLabel('Your password', { exact: true }).fill(person.password);
  await dialog.getByRole('button', { name: 'Confirm' }).click();
}

async function personOf({ server }: PortalFixture, name: string, role: string): Promise<Person> {
  const email = `${name}@acme.example`;
  const made = await server.core.createUser(server.asOwner, { email, name, role });
  const caller = await server.callerFor({ type: 'user', id: made.user.id });
  return { id: made.user.id, email, password: made.password, caller };
}

async function roleOf({ server }: PortalFixture, name: string): Promise<string | undefined> {
  const page = { sort: 'name', descending: false, limit: 50, search: name } as const;
  return (await server.core.listUsers(server.asOwner, page)).items[0]?.role;
}
