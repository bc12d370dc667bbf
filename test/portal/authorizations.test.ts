// Who let which application act, for who manages the organization: found, read and ended in the portal.

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { newLifecycle } from '../../server/src/core/caller/lifecycle.ts';
import { signedIn } from '../wire/native/session-client.ts';
import { grantedTo, register as registerWith } from '../wire/oauth2/application-flow.ts';
import { call } from '../wire/oauth2/clients.ts';
import { axeInBoth, phone, sideways } from './browser.ts';
import { onDatabase } from './fixture.ts';
import { expectHarmless } from './payloads.ts';

/** Asks for what the guarded API of these servers knows. */
const register: typeof registerWith = (server, wanted, as) =>
  registerWith(server, { permissions: ['read:funds'], ...wanted }, as);

/** Person and application of each line, in any order. */
async function expectLines(page: Page, lines: readonly string[]): Promise<void> {
  const rows = page.locator('tbody tr:not([aria-hidden])');
  const shown = async () => {
    const cells = await rows.locator('td:nth-child(-n+2) > :first-child').allTextContents();
    return cells.flatMap((cell, index) => (index % 2 === 0 ? [`${cell} ${cells[index + 1]}`] : [])).sort();
  };
  await expect.poll(shown).toEqual(lines.toSorted());
}

onDatabase('sqlite', 'what people let applications do', (fixture) => {
  test('is found by person and by application from their pages, and ended for one person alone', async () => {
    const { server } = fixture;
    const { owner, admin } = server;
    const { page } = await fixture.signedIn(owner, '/applications?view=allowed');
    await page.getByRole('heading', { name: 'Nobody lets an application act' }).waitFor();
    expect(await axeInBoth(page)).toEqual([]);

    const [reports, diary] = [await register(server, { name: 'Reports' }), await register(server, { name: 'Diary' })];
    const byOwner = await grantedTo(server, reports);
    await grantedTo(server, diary, {}, byOwner.page);
    const byAdmin = await grantedTo(server, reports, {}, await signedIn(server, admin));
    await page.reload();
    await expectLines(page, [`${admin.email} Reports`, `${owner.email} Diary`, `${owner.email} Reports`]);
    await page.getByText('read:funds').filter({ visible: true }).first().waitFor();
    expect(await axeInBoth(page)).toEqual([]);

    const person = page.getByRole('combobox', { name: 'Person' });
    await person.fill('admin');
    await page.getByRole('option', { name: admin.email }).click();
    await expectLines(page, [`${admin.email} Reports`]);
    await page.reload();
    await expectLines(page, [`${admin.email} Reports`]);
    await expect.poll(() => person.inputValue()).toBe(admin.email);
    await page.getByRole('combobox', { name: 'Application' }).fill('dia');
    await page.getByRole('option', { name: 'Diary' }).click();
    await page.getByRole('button', { name: 'Clear search and filters' }).click();
    await expectLines(page, [`${admin.email} Reports`, `${owner.email} Diary`, `${owner.email} Reports`]);

    await page.goto(`${server.url}/applications/${reports.id}`);
    await page.getByText('2 people').waitFor();
    await page.getByRole('link', { name: 'See who' }).click();
    await expectLines(page, [`${admin.email} Reports`, `${owner.email} Reports`]);
    await page.goto(`${server.url}/people`);
    await page
      .getByRole('button', { name: /^Actions for/ })
      .first()
      .waitFor();
    await page
      .getByRole('row')
      .filter({ hasText: admin.email })
      .getByRole('button', { name: /^Actions for/ })
      .click();
    await page.getByRole('menuitem', { name: 'Applications that act for them' }).click();
    await expectLines(page, [`${admin.email} Reports`]);

    await page.getByRole('button', { name: `End what Reports may do for ${admin.email}` }).click();
    const dialog = page.getByRole('dialog', { name: `End what Reports may do for ${admin.email}?` });
    await dialog.getByText('It stops acting for this person at once').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'End it' }).click();
    await page.getByText('Reports does not act for this person any more.').waitFor();
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    expect((await call(server, '/v1/check', byAdmin.access)).status).toBe(401);
    expect((await call(server, '/v1/check', byOwner.access)).status).toBe(200);
  });

  test('that the person has ended meanwhile is said to be gone', async () => {
    const { server } = fixture;
    const app = await register(server, { name: 'Fleeting' });
    await grantedTo(server, app);
    const { page } = await fixture.signedIn(server.owner, `/applications?view=allowed&application=${app.id}`);
    await page.getByRole('button', { name: `End what Fleeting may do for ${server.owner.email}` }).click();
    for (const { id } of await server.core.listOwnAuthorizations(server.owner.caller)) {
      await server.core.endOwnAuthorization(server.owner.caller, id);
    }
    await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
    await page.getByText('Somebody else has deleted this authorization meanwhile.').waitFor();
  });

  test('says that it could not be loaded, and loads again', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/');
    await page.route('**/v1/authorizations**', (route) => route.fulfill({ status: 500, body: '{}' }));
    await page.goto(`${fixture.server.url}/applications?view=allowed`);
    await page.getByText('This could not be loaded').waitFor();
    await page.unroute('**/v1/authorizations**');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page
      .getByRole('heading', { name: 'Nobody lets an application act' })
      .or(page.getByRole('table'))
      .first()
      .waitFor();
  });

  test('to applications that describe themselves tells where these do so, and their pages change nothing about them', async () => {
    const { server } = fixture;
    const { id: organizationId } = server.organization;
    const [userId, at] = [server.owner.id, server.clock.now()];
    await server.store.write(async (changes) => {
      await changes.applications.describe({
        id: 'described',
        organizationId,
        metadataUrl: 'https://agent.example/oauth/client.json',
        name: 'Your bank',
        type: 'public',
        redirectUris: ['http://127.0.0.1/callback'],
        grants: ['authorization_code'],
        permissions: ['read:funds'],
        logoUrl: null,
        jwksUri: null,
        jwks: null,
        createdAt: at,
        createdBy: userId,
        lifecycle: newLifecycle,
      });
      await changes.authorizations.put({
        id: 'to-described',
        organizationId,
        userId,
        applicationId: 'described',
        api: 'default',
        scope: ['read:funds'],
        createdAt: at,
        changedAt: at,
        lastUsedAt: null,
      });
    });
    const { page } = await fixture.signedIn(server.owner, '/applications?view=allowed&application=described');
    await page.getByRole('cell', { name: 'Your bank agent.example' }).waitFor();
    await page.getByRole('link', { name: 'Your bank' }).click();
    await page.getByRole('heading', { level: 1, name: 'Your bank' }).waitFor();
    await page.getByText('https://agent.example/oauth/client.json').waitFor();
    await page.getByRole('button', { name: 'Deactivate' }).waitFor();
    expect(await page.getByRole('button', { name: 'Change', exact: true }).count()).toBe(0);
    expect(await page.getByRole('tab').count()).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
  });

  test('fits a phone, shows texts as texts, and names whose an application is that is not one’s own [S88]', async () => {
    const { server } = fixture;
    const theirs = await server.addOrganization('initech');
    const app = await register(server, { name: '<img src=x onerror="window.harmed=1">' });
    await server.store.write((changes) =>
      changes.authorizations.put({
        id: 'theirs',
        organizationId: theirs.id,
        userId: theirs.owner.id,
        applicationId: app.id,
        api: 'default',
        scope: ['read:*', 'write:*', 'delete:*', '<b>:*'],
        createdAt: server.clock.now(),
        changedAt: server.clock.now(),
        lastUsedAt: null,
      }),
    );
    const { page } = await fixture.signedIn(theirs.owner, '/applications?view=allowed', { viewport: phone });
    await page.getByText('<img src=x').filter({ visible: true }).first().waitFor();
    await page.getByText(`of ${server.organization.name}`).filter({ visible: true }).first().waitFor();
    expect(await page.getByRole('table').getByRole('link').count()).toBe(0);
    await expectHarmless(page);
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
  });
});
