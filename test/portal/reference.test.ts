// The interactive reference in a real browser, under the same content policy as the portal: what is authorized there is what
// its calls carry, and nothing else.

import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { apiUserClient } from '../wire/oauth2/clients.ts';
import { phone, sideways } from './browser.ts';
import { onDatabase, type PortalFixture } from './fixture.ts';

async function opened(fixture: PortalFixture, page: Page, address = '/docs') {
  await page.goto(fixture.server.url + address);
  await page.locator('#operations-tag-native').waitFor();
  return page;
}

const contents = (page: Page) => page.getByRole('navigation', { name: 'Operations' });

/** Opens one operation, and sends it as it stands. */
async function sent(page: Page, tag: string, id: string): Promise<{ status: string; body: string }> {
  const operation = page.locator(`#operations-${tag}-${id}`);
  await contents(page).locator(`a[href='#/${tag}/${id}']`).click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  const answer = operation.locator('.live-responses-table .response').first();
  await answer.waitFor();
  return {
    status: (await answer.locator('.response-col_status').textContent())?.trim() ?? '',
    body: (await answer.locator('.response-col_description').textContent()) ?? '',
  };
}

const idOf = (operation: Locator) => operation.getAttribute('id');

async function isInView(page: Page, operation: Locator): Promise<boolean> {
  const { y = -1 } = (await operation.boundingBox()) ?? {};
  return y >= -1 && y < (page.viewportSize()?.height ?? 0);
}

async function authorized(page: Page, scheme: string, fill: (form: Locator) => Promise<void>) {
  await page.locator('.auth-wrapper .authorize').first().click();
  const form = page.locator('.auth-container').filter({ hasText: scheme });
  await fill(form);
  await form.locator('button.authorize').click();
  await form.locator('button', { hasText: 'Logout' }).waitFor();
  await form.locator('.btn-done').click();
}

onDatabase('sqlite', 'The reference', (fixture) => {
  test('describes every dialect, and sends a call with the token that was given', async () => {
    const { server } = fixture;
    const { secret } = await server.core.createApiToken(server.asOwner, { name: 'reader', permissions: ['read:plan'] });
    const { page } = await fixture.open();
    await opened(fixture, page);
    for (const tag of ['native', 'oauth2', 'debricked', 'parsers', 'bluebricks', 'rebelcore', 'server']) {
      await page.locator(`#operations-tag-${tag}`).waitFor();
    }
    expect((await sent(page, 'native', 'readSelf')).status).toBe('401');
    const { page: again } = await fixture.open();
    await opened(fixture, again);
    await authorized(again, 'bearer (http, Bearer)', (form) => form.locator('input').fill(secret));
    const answer = await sent(again, 'native', 'readSelf');
    expect(answer.status).toBe('200');
    expect(answer.body).toContain('"name": "reader"');
    expect(server.logs()).not.toContain(secret);
  });

  test('has every operation in its text, and each is opened from there', async () => {
    const { server } = fixture;
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { operationId: string; summary: string }>>;
    };
    const all = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { summary }]) => [`${method.toUpperCase()} ${path}`, summary] as const),
    );
    expect(all.length).toBeGreaterThan(150);
    const { page } = await fixture.open();
    await opened(fixture, page);
    const missed = async () => {
      const text = ((await page.evaluate('document.body.innerText')) as string).split('\n').map((line) => line.trim());
      const lines = new Set(text);
      return all.filter((words) => !words.every((one) => lines.has(one)));
    };
    expect(await missed()).toEqual([]);
    await page.locator('#operations-tag-native').click();
    expect(await missed()).toEqual([]);

    await contents(page).getByLabel('Find an operation').fill('deactivate token');
    await contents(page).getByRole('link', { name: 'List users' }).waitFor({ state: 'hidden' });
    await contents(page).getByRole('link', { name: 'Deactivate an API token' }).press('Enter');
    const operation = page.locator('#operations-native-deactivateToken');
    await operation.locator('.opblock-body').waitFor();
    await expect
      .poll(() => page.evaluate('document.activeElement.closest(".opblock")?.id'))
      .toBe(await idOf(operation));
    await expect.poll(() => isInView(page, operation)).toBe(true);
    // The same address is no change of it.
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('.opblock-body').waitFor({ state: 'detached' });
    await contents(page).getByRole('link', { name: 'Deactivate an API token' }).click();
    await operation.locator('.opblock-body').waitFor();
    await contents(page).getByLabel('Find an operation').fill('no such operation at all');
    await contents(page).getByText('No operation is called so.').waitFor();
  });

  test('names what a schema is, and fits a phone', async () => {
    const { page } = await fixture.open({ viewport: phone });
    await page.goto(`${fixture.server.url}/docs#/native/readToken`);
    const operation = page.locator('#operations-native-readToken');
    await operation.locator('.opblock-body').waitFor();
    await operation.getByRole('tab', { name: 'Schema' }).first().click();
    await operation.getByText('TokenWithDescendants', { exact: true }).waitFor();
    await expect.poll(() => sideways(page)).toBe(0);
    await contents(page).getByText('operations').click();
    await contents(page).getByRole('link', { name: 'List users' }).click();
    await page.locator('#operations-native-listUsers .opblock-body').waitFor();
  });

  test('gets an access token for a client, and sends a call with that', async () => {
    const { id, secret } = await apiUserClient(fixture.server);
    const { page } = await fixture.open();
    await opened(fixture, page);
    await authorized(page, 'oauth (OAuth2, clientCredentials)', async (form) => {
      await form.locator('[data-name=clientId]').fill(id);
      await form.locator('[data-name=clientSecret]').fill(secret);
    });
    const answer = await sent(page, 'native', 'readSelf');
    expect(answer.status).toBe('200');
    expect(answer.body).toContain('"type": "api_user"');
  });

  test('sends no session of whoever is signed in to the portal, and is the same in the dark', async () => {
    const { page } = await fixture.signedInAnew(fixture.server.owner, '/', { scheme: 'dark' });
    await opened(fixture, page);
    await page.locator('html.dark-mode').waitFor();
    expect((await sent(page, 'native', 'readSelf')).status).toBe('401');
    await page.locator('.auth-wrapper .authorize').first().click();
    await expect.poll(() => page.locator('.auth-container').count()).toBeGreaterThan(3);
    expect(
      await page
        .locator('.auth-container')
        .filter({ hasText: /^session/ })
        .count(),
    ).toBe(0);
  });

  test('takes no description and no settings from its address', async () => {
    const { page } = await fixture.open();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).host));
    const elsewhere = 'url=http://127.0.0.1:9/openapi.json&urls.primaryName=x&configUrl=http://127.0.0.1:9/x.json';
    await opened(fixture, page, `/docs?${elsewhere}&layout=StandaloneLayout`);
    expect(new Set(asked)).toEqual(new Set([new URL(fixture.server.url).host]));
  });
});
