// One API token's page: what it shows, and everything that is done with a token while programs use it.

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { register } from '../assembled-server.ts';
import type { TestServer } from '../server.ts';
import { axeInBoth, phone, sideways } from './browser.ts';
import { onDatabase, type PortalFixture } from './fixture.ts';
import { expectHarmless, payloads } from './payloads.ts';

onDatabase('sqlite', 'an API token', (fixture) => {
  test('is rotated with an overlap: who still uses the old secret is seen, and it is ended [S89]', async () => {
    const { server } = fixture;
    const { secret: old, page } = await onPageOf(fixture, 'rotated');
    await page.getByRole('button', { name: 'New secret' }).click();
    const dialog = page.getByRole('dialog', { name: 'Make a new secret' });
    await dialog.getByLabel('How long shall the old secret still work?').selectOption('7 days');
    await dialog.getByRole('button', { name: 'Make a new secret' }).click();
    await confirm(page, server.owner.password);
    const fresh = await shownSecret(page);
    expect(fresh).not.toBe(old);
    await page.getByRole('button', { name: 'I have saved it' }).click();
    const overlap = page.getByRole('region', { name: 'Two secrets work at the moment' });
    await overlap.getByText('Nobody has used the old secret').waitFor();
    await overlap.getByText('in 7 days').waitFor();

    server.clock.advance(60_000);
    expect(await statusWith(server, old, 'old-client/1')).toBe(200);
    await server.restart(); // Uses are written when the server stops, or every few seconds.
    await page.reload();
    await overlap.getByText('Somebody has used the old secret').waitFor();
    await overlap.getByText('with old-client/1').waitFor();
    await page.getByRole('button', { name: 'New secret' }).click();
    await page.getByText('The secret from the last time still works.').waitFor();
    await page.keyboard.press('Escape');

    await overlap.getByRole('button', { name: 'End the old secret now' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End the old secret now' }).click();
    await overlap.waitFor({ state: 'detached' });
    expect(await statusWith(server, old)).toBe(401);
    expect(await statusWith(server, fresh)).toBe(200);
    await page.getByText('ended the old secret').waitFor();
  });

  test('is switched off and on, deleted and restored, at once', async () => {
    const { server } = fixture;
    const { secret, page } = await onPageOf(fixture, 'switched');
    await page.getByRole('button', { name: 'Deactivate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
    await page.getByText('Deactivated', { exact: true }).waitFor();
    expect(await statusWith(server, secret)).toBe(401);
    await page.getByRole('button', { name: 'Activate', exact: true }).click();
    await page.getByText('Active', { exact: true }).waitFor();
    expect(await statusWith(server, secret)).toBe(200);

    await page.getByRole('button', { name: 'Actions for switched' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL(`${server.url}/tokens`);
    expect(await statusWith(server, secret)).toBe(401);
    await page.getByLabel('Show', { exact: true }).selectOption('Deleted');
    await page.getByRole('button', { name: 'Actions for switched' }).click();
    await page.getByRole('menuitem', { name: 'Restore' }).click();
    await page.getByText('1 token restored.').waitFor();
    expect(await statusWith(server, secret)).toBe(200);
  });

  test('is shown again to its owner alone, after the password [S89]', async () => {
    const { server } = fixture;
    const { id, secret, page } = await onPageOf(fixture, 'readable');
    await page.getByRole('button', { name: 'Show the secret' }).click();
    const dialog = page.getByRole('dialog', { name: 'Show the secret' });
    await dialog.getByLabel('Your password', { exact: true }).fill('not my password at all');
    await dialog.getByRole('button', { name: 'Show', exact: true }).click();
    await expect.poll(() => dialog.locator('[aria-invalid=true], [role=alert]:not(:empty)').count()).toBeGreaterThan(0);
    await dialog.getByLabel('Your password', { exact: true }).fill(server.owner.password);
    await dialog.getByRole('button', { name: 'Show', exact: true }).click();
    expect(await shownSecret(page)).toBe(secret);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await expect.poll(() => page.content()).not.toContain(secret);
    await page.getByText('looked at the secret again').waitFor();

    const other = await fixture.signedIn(server.admin, `/tokens/${id}`);
    await other.page.getByText('Its owner alone can look at it again.').waitFor();
    expect(await other.page.getByRole('button', { name: 'Show the secret' }).count()).toBe(0);
  });

  test('is renamed, narrowed and given an end and addresses', async () => {
    const { server } = fixture;
    const { id, page } = await onPageOf(fixture, 'changing');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByLabel('Name', { exact: true }).fill('changed');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'changed' }).waitFor();

    await page.getByRole('button', { name: 'Change what it may do' }).click();
    await page.getByRole('button', { name: 'Remove read:user' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => page.getByText('read:user').count()).toBe(0);

    await page.getByRole('button', { name: 'Change where, how and until when' }).click();
    await page.getByLabel('When does it end?').selectOption('On a day of your choice');
    await page.getByLabel('Last day').fill('2099-12-31');
    await page.getByLabel('From where may it be used?').fill('192.0.2.0/24');
    await page.getByLabel('Only to fetch access tokens').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('definition').filter({ hasText: '192.0.2.0/24' }).waitFor();
    const token = await server.core.readApiToken(server.asOwner, { id });
    expect(token).toMatchObject({ permissions: ['read:plan'], addresses: ['192.0.2.0/24'], use: 'exchange' });
    expect(new Date(token.expiresAt ?? 0).getFullYear()).toBe(2099);
    await page
      .getByText('changed its end, addresses, use')
      .or(page.getByText(/changed its .*addresses/))
      .waitFor();
  });
});

onDatabase('postgres', 'the page of an API token', (fixture) => {
  test('never writes over what a second admin has changed meanwhile', async () => {
    const { server } = fixture;
    const { id, page } = await onPageOf(fixture, 'contested');
    await page.getByRole('button', { name: 'Change what it may do' }).click();
    await page.getByLabel('Search permissions').fill('read:role');
    await page.getByLabel('read:role').check();
    await server.core.updateApiToken(server.admin.caller, { id }, { permissions: ['read:plan'] });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else has changed this token').waitFor();
    expect((await server.core.readApiToken(server.asOwner, { id })).permissions).toEqual(['read:plan']);
    await page.getByRole('button', { name: 'Remove read:user' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect((await server.core.readApiToken(server.asOwner, { id })).permissions).toEqual(['read:plan', 'read:role']);

    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByLabel('Name', { exact: true }).fill('too late');
    await server.core.deleteApiToken(server.admin.caller, { id });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'This token is not there' }).waitFor();
  });

  test('tells the loser of two who rotate at once, and shows what the other did', async () => {
    const { server } = fixture;
    const { id, page } = await onPageOf(fixture, 'raced');
    await page.getByRole('button', { name: 'New secret' }).click();
    await server.core.rotateApiToken(server.admin.caller, { id }, 3_600_000);
    await page.getByRole('dialog').getByRole('button', { name: 'Make a new secret' }).click();
    await confirm(page, server.owner.password);
    await page.getByText('The secret from before the last rotation works until').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Two secrets work at the moment').waitFor();
  });

  test('shows how often it was used and why it was refused, as a chart and as a table', async () => {
    const { server } = fixture;
    const { id, secret, page } = await onPageOf(fixture, 'used');
    for (let calls = 0; calls < 3; calls += 1) await statusWith(server, secret, 'probe/2');
    await server.core.deactivateApiToken(server.asOwner, { id });
    await statusWith(server, secret);
    await server.restart();
    await page.reload();
    await page.getByText('3 let through, 1 refused').waitFor();
    await page.getByText('1 × the token was deactivated').waitFor();
    await page.getByText('with probe/2').waitFor();
    await page.locator('canvas').waitFor();
    await page.getByRole('button', { name: 'Show as table' }).click();
    await page.getByRole('columnheader', { name: 'Let through' }).waitFor();
    await page.getByText('30 days', { exact: true }).click();
    await page.getByText('3 let through, 1 refused').waitFor();
  });

  test('takes texts for texts in every field and place [S88]', async () => {
    const { server } = fixture;
    const text = payloads[0] ?? '';
    await register(server, 'x:y');
    const { token } = await server.core.createApiToken(server.asOwner, {
      name: text,
      description: payloads.join('\n').slice(0, 1000),
      permissions: ['x:y'],
    });
    const { page } = await fixture.signedIn(server.owner, `/tokens/${token.id}`);
    await page.getByRole('heading', { level: 1, name: text }).waitFor();
    await expect.poll(() => page.title()).toContain(text);
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByLabel('Name', { exact: true }).fill(payloads[1] ?? '');
    await page.getByLabel('Notes').fill(payloads[2] ?? '');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: payloads[1] ?? '' }).waitFor();
    await expectHarmless(page);
    await page.goto(`${server.url}/tokens/${encodeURIComponent(text)}`);
    await page.getByRole('heading', { name: 'This token is not there' }).waitFor();
    await expectHarmless(page);
  });

  test('is accessible and fits a phone, also while two secrets work', async () => {
    const { server } = fixture;
    const { id, page } = await onPageOf(fixture, 'on a phone');
    await page.setViewportSize(phone);
    await page.getByRole('button', { name: 'New secret' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await server.core.rotateApiToken(server.asOwner, { id }, 3_600_000);
    await page.reload();
    await page.getByText('Two secrets work at the moment').waitFor();
    await page.getByText('created it').waitFor();
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
  });
});

/** A new readable token of the owner's, and its page. */
async function onPageOf(fixture: PortalFixture, name: string): Promise<{ id: string; secret: string; page: Page }> {
  const { server } = fixture;
  const made = await server.core.createApiToken(server.asOwner, {
    name,
    permissions: ['read:plan', 'read:user'],
    readable: true,
  });
  const { page } = await fixture.signedIn(server.owner, `/tokens/${made.token.id}`);
  await page.getByRole('heading', { level: 1, name }).waitFor();
  return { id: made.token.id, secret: made.secret, page };
}

async function shownSecret(page: Page): Promise<string> {
  return (await page.getByRole('region', { name: 'API token', exact: true }).textContent()) ?? '';
}

async function confirm(page: Page, password: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Confirm it is you' });
  await dialog.getByLabel('Your password', { exact: true }).fill(password);
  await dialog.getByRole('button', { name: 'Confirm' }).click();
}

async function statusWith({ url }: TestServer, secret: string, userAgent = 'test'): Promise<number> {
  const headers = { authorization: `Bearer ${secret}`, 'user-agent': userAgent };
  return (await fetch(`${url}/v1/check`, { headers })).status;
}
