// Recent calls in the portal: on their own page, on a token's, and from an API user's; and why one was refused, told to its own organization and
// to the operator, and to nobody else.

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Person } from '../server.ts';
import { axeInBoth, phone, settled, sideways } from './browser.ts';
import { onDatabase, type PortalFixture } from './fixture.ts';

onDatabase('sqlite', 'recent calls', (fixture) => {
  test('are on the page of a token, each refused one with its rule and value [S124]', async () => {
    const { id, secret } = await tokenOf(fixture, fixture.server.owner, 'till');
    await check(fixture, secret, 'read:user');
    const refusal = await check(fixture, secret, 'update:plan');
    const { page } = await fixture.signedIn(fixture.server.owner, `/tokens/${id}`);
    const calls = page.getByRole('region', { name: 'Recent calls' });
    await calls.getByRole('row').filter({ hasText: 'A permission is missing' }).getByText('update:plan').waitFor();
    await calls.getByText('Let through').waitFor();
    await calls.getByText('till/1.0').first().waitFor();
    await calls.getByRole('button', { name: `Why? Refusal ${refusal}` }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Why is a call refused?' });
    await dialog.getByText('It needs update:plan. The token does not hold update:plan. It may do read:user.').waitFor();
    expect(await dialog.textContent()).toContain(refusal);
    expect(await axeInBoth(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'All recent calls' }).click();
    await page.getByText('Only calls of till').waitFor();
    expect(await page.content()).not.toContain(secret);
  });

  test('are reached from an API user, narrowed to it, and come without a reload', async () => {
    const { server } = fixture;
    const { apiUser, password } = await server.core.createApiUser(server.asOwner, { name: 'Scanner', role: 'member' });
    const answer = await fetch(`${server.url}/v1/access-tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: apiUser.username, password }),
    });
    const { accessToken } = (await answer.json()) as { accessToken: string };
    const { page } = await fixture.signedIn(server.owner, '/api-users');
    await page.getByRole('button', { name: 'Actions for Scanner' }).click();
    await page.getByRole('menuitem', { name: 'Recent calls' }).click();
    await page.getByRole('heading', { name: 'Recent calls', level: 1 }).waitFor();
    await page.getByRole('heading', { name: 'No call is remembered' }).waitFor();
    await check(fixture, accessToken, 'update:plan');
    await page.getByRole('row').filter({ hasText: apiUser.username }).getByText('A permission is missing').waitFor();
    await page.getByLabel('Verdict').selectOption('Let through');
    await page.getByRole('heading', { name: 'No call is remembered' }).waitFor();
    await page.getByRole('button', { name: /^Show all calls, not only those of/ }).click();
    await page.getByLabel('Verdict').selectOption('Any verdict');
    expect(new URL(page.url()).search).toBe('');
  });

  test('are explained by the id of the answer, to one’s own organization and the operator, and to nobody else', async () => {
    const { server } = fixture;
    const [globex, initech] = [await server.addOrganization('globex'), await server.addOrganization('initech')];
    const { secret } = await tokenOf(fixture, globex.owner, 'theirs');
    const refusal = await check(fixture, secret, 'update:plan');
    for (const person of [globex.owner, server.owner]) {
      const { page } = await fixture.signedIn(person, '/calls');
      await explainById(page, refusal);
      await page.getByText('It was refused: A permission is missing').waitFor();
      await page.getByText('It needs update:plan.').waitFor();
      expect(await page.getByRole('definition').filter({ hasText: 'globex' }).count()).toBe(1);
    }
    const { page } = await fixture.signedIn(initech.owner, '/calls');
    await explainById(page, refusal);
    await page.getByText('No node remembers this refusal, or it is not yours to see.').waitFor();
    await page.getByLabel('Refusal', { exact: true }).fill('');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText('Paste the id from the answer').waitFor();
    expect(await page.getByText('update:plan').count()).toBe(0);
    await page.getByRole('heading', { name: 'No call is remembered' }).waitFor();
  });

  test('of unknown and malformed credentials, and of all organizations, are the operator’s', async () => {
    const { server } = fixture;
    const hooli = await server.addOrganization('hooli');
    const { secret } = await tokenOf(fixture, hooli.owner, 'far-away');
    await check(fixture, secret, 'update:plan');
    const unknown = await check(fixture, 'nonsense', 'read:user');
    const mistyped = await check(fixture, `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`, 'read:user');
    const { page } = await fixture.signedIn(server.owner, '/calls');
    await page.getByRole('button', { name: `Why? Refusal ${unknown}` }).waitFor();
    await page.getByRole('button', { name: `Why? Refusal ${mistyped}` }).click();
    await page.getByText(/form of an API token, and there is none like it/).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByText('far-away').count()).toBe(0);
    await page.getByText('All organizations').click();
    await page.getByRole('row').filter({ hasText: 'far-away' }).getByText('hooli').waitFor();
    const { page: theirs } = await fixture.signedIn(hooli.owner, '/calls');
    await theirs.getByRole('row').filter({ hasText: 'far-away' }).waitFor();
    await settled(theirs);
    expect(await theirs.getByText('All organizations').count()).toBe(0);
    expect(await theirs.getByRole('row').count()).toBe(2);
  });

  test('are explained before they are made, with a credential that is nowhere afterwards', async () => {
    const { server } = fixture;
    const { secret } = await tokenOf(fixture, server.owner, 'foreseen');
    const { page, context } = await fixture.signedIn(server.owner, '/calls');
    await page.getByText('A call before it is made').click();
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText('Paste an API token or an access token.').waitFor();
    await page.getByLabel('Credential', { exact: true }).fill(secret);
    await page.getByLabel('Permissions, if no path').fill('read:user, update:plan');
    await page.getByRole('button', { name: 'Explain' }).press('Enter');
    await page.getByText('It would be refused: A permission is missing').waitFor();
    await page.getByLabel('Permissions, if no path').fill('');
    await page.getByLabel('Path of a guarded route, without a query').fill('/nowhere');
    await page.getByRole('button', { name: 'Explain' }).press('Enter');
    await page.getByText('It would be refused: no route is for it').waitFor();
    await page.getByLabel('Path of a guarded route, without a query').fill('');
    await page.getByLabel('Permissions, if no path').fill('read:user');
    await page.getByRole('button', { name: 'Explain' }).press('Enter');
    await page.getByText('It would be let in', { exact: true }).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    expect(page.url() + JSON.stringify(await context.storageState())).not.toContain(secret);
    expect(server.logs()).not.toContain(secret);
    await page.getByText('A refused call', { exact: true }).click();
    expect(await page.content()).not.toContain(secret);
  });

  test('fit a phone, and whoever works for a customer sees the customer’s', async () => {
    const { server } = fixture;
    const acme = await server.addOrganization('umbrella');
    const { secret } = await tokenOf(fixture, acme.owner, 'umbrella-till');
    const refusal = await check(fixture, secret, 'update:plan');
    const { page } = await fixture.signedIn(server.owner, `/calls?organization=${acme.id}`);
    await page.setViewportSize(phone);
    await page.getByRole('button', { name: `Why? Refusal ${refusal}` }).waitFor();
    await page.getByText('umbrella-till').filter({ visible: true }).first().waitFor();
    await explainById(page, refusal);
    await page.getByText('It was refused: A permission is missing').waitFor();
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
  });
});

async function explainById(page: Page, refusal: string): Promise<void> {
  await page.getByLabel('Refusal', { exact: true }).fill(refusal);
  await page.getByLabel('Refusal', { exact: true }).press('Enter');
}

async function tokenOf({ server }: PortalFixture, { caller }: Person, name: string) {
  const { token, secret } = await server.core.createApiToken(caller, { name, permissions: ['read:user'] });
  return { id: token.id, secret };
}

/** The id of the refusal, if it is one. */
async function check({ server }: PortalFixture, secret: string, permission: string): Promise<string> {
  const headers = { authorization: `Bearer ${secret}`, 'user-agent': 'till/1.0' };
  const answer = await fetch(`${server.url}/v1/check?permissions=${permission}`, { headers });
  return answer.headers.get('keyward-refusal') ?? '';
}
