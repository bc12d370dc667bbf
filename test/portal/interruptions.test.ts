// What may come between somebody and what they are typing: the session ends, the connection or the server goes away for a
// moment, the password is wanted again. Nothing typed is ever lost.

import type { Page, Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { axeInBoth } from './browser.ts';
import { onDatabase } from './fixture.ts';

const hours = 3_600_000;

onDatabase('sqlite', 'half a form', (fixture) => {
  const typed = async (page: Page, name: string) => {
    await page.getByLabel('Name').fill(name);
    return {
      save: () => page.getByRole('button', { name: 'Save' }).click(),
      value: () => page.getByLabel('Name').inputValue(),
    };
  };
  const saved = (page: Page) => page.getByText('Your name is saved.').waitFor();
  let names = 0;
  const newName = () => {
    names += 1;
    return `Name ${names}`;
  };

  /** Has the first `times` saves answered by `handle`, and nothing of what the page reads meanwhile. */
  const onSave = (page: Page, handle: (route: Route) => Promise<void>, times = Number.POSITIVE_INFINITY) => {
    let left = times;
    return page.route('**/v1/self', async (route) => {
      if (route.request().method() === 'GET' || left === 0) return route.fallback();
      left -= 1;
      return handle(route);
    });
  };

  test('survives the end of its session [S85]', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/account');
    const name = newName();
    const form = await typed(page, name);
    server.clock.advance(3 * hours);
    await form.save();
    const dialog = page.getByRole('dialog', { name: 'Sign in again' });
    await dialog.waitFor();
    expect(await dialog.getByLabel('E-mail').inputValue()).toBe(server.owner.email);
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByLabel('Password', { exact: true }).fill('wrong, to begin with');
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await dialog.getByText('The e-mail or the password is wrong').waitFor();
    await dialog.getByLabel('Password', { exact: true }).fill(server.owner.password);
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await saved(page);
    expect(await form.value()).toBe(name);
  });

  test('stays as it is when nobody signs in again, and can be sent later', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/account');
    const name = newName();
    const form = await typed(page, name);
    server.clock.advance(3 * hours);
    await form.save();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await form.value()).toBe(name);
    await form.save();
    await page.getByRole('dialog').getByLabel('Password', { exact: true }).fill(server.owner.password);
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in', exact: true }).click();
    await saved(page);
  });

  test('leaves for the sign-in page where someone else wants to sign in', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/account');
    server.clock.advance(3 * hours);
    await (await typed(page, newName())).save();
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in as someone else' }).click();
    await page.waitForURL(`${server.url}/sign-in`);
    expect(await page.getByLabel('E-mail').inputValue()).toBe('');
  });

  test('survives a moment offline', async () => {
    const { page, context } = await fixture.signedIn(fixture.server.owner, '/account');
    const name = newName();
    const form = await typed(page, name);
    await context.setOffline(true);
    await form.save();
    await page.getByText('The server cannot be reached').waitFor();
    await page.getByText('The server could not be reached. Nothing is lost; try again.').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    expect(await form.value()).toBe(name);
    await context.setOffline(false);
    await page.getByText('The server cannot be reached').waitFor({ state: 'detached' });
    await form.save();
    await saved(page);
  });

  test('survives a restart of the server', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/account');
    const name = newName();
    const form = await typed(page, name);
    await onSave(page, (route) => route.abort('connectionrefused'), 1);
    await form.save();
    await page.getByText('The server cannot be reached').waitFor();
    await server.restart();
    await page.getByText('The server cannot be reached').waitFor({ state: 'detached' });
    await form.save();
    await saved(page);
    expect(await form.value()).toBe(name);
  });

  test('is sent once on a slow network, however often its button is pressed', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/account');
    let sent = 0;
    const { promise: pressed, resolve: goOn } = Promise.withResolvers<void>();
    await onSave(page, async (route) => {
      sent += 1;
      await pressed;
      await route.continue();
    });
    await page.getByLabel('Name').fill(newName());
    await page.getByLabel('Name').press('Enter');
    await page.getByLabel('Name').press('Enter');
    await page.getByLabel('Name').press('Enter');
    await expect.poll(() => sent).toBe(1);
    goOn();
    await saved(page);
    expect(sent).toBe(1);
  });

  test('goes on when the session has another secret before the server has come to it [S85]', async () => {
    const { server } = fixture;
    const wanted = { email: `renewed-${fixture.database}@people.example`, name: 'Renewed', role: 'member' };
    const { user, password } = await server.core.createUser(server.asOwner, wanted);
    const caller = await server.callerFor({ type: 'user', id: user.id });
    const { page, context } = await fixture.signedInAnew({ ...wanted, id: user.id, password, caller }, '/account');
    const [before] = await context.cookies();
    const { promise: renewed, resolve: goOn } = Promise.withResolvers<void>();
    let refused = 0;
    await onSave(
      page,
      async (route) => {
        await renewed;
        const headers = { cookie: `${before?.name}=${before?.value}`, 'x-keyward-portal': '1' };
        const answer = await fetch(route.request().url(), { method: 'PATCH', headers });
        refused = answer.status;
        await route.fulfill({
          status: answer.status,
          headers: Object.fromEntries(answer.headers),
          body: await answer.text(),
        });
      },
      1,
    );
    const name = newName();
    const form = await typed(page, name);
    await form.save();
    await page.getByLabel('Present password').fill(password);
    await page.getByLabel('New password', { exact: true }).fill('a quite new password');
    await page.getByLabel('New password again').fill('a quite new password');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Your password is changed').waitFor();
    goOn();
    await saved(page);
    expect([refused, await form.value()]).toEqual([401, name]);
  });

  test('waits for the password where the server wants it again, and goes on [S89]', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/account');
    const refusal = {
      type: `${server.url}/problems/confirmation_required`,
      title: 'Confirm',
      status: 403,
      detail: 'Confirm.',
    };
    const body = JSON.stringify(refusal);
    await onSave(page, (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body }), 1);
    const name = newName();
    const form = await typed(page, name);
    await form.save();
    const dialog = page.getByRole('dialog', { name: 'Confirm it is you' });
    await dialog.getByLabel('Your password').fill('wrong');
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.getByText('The password is wrong.').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByLabel('Your password').fill(server.owner.password);
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await saved(page);
    expect(await form.value()).toBe(name);
  });
});
