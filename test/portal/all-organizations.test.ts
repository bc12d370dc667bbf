// What operators see over all organizations: their usage, every API token, and whose a credential is that was found.

import { beforeAll, expect, test } from 'vitest';
import type { TestServer } from '../server.ts';
import { axeInBoth, phone, sideways } from './browser.ts';
import { onDatabase } from './fixture.ts';

onDatabase('sqlite', 'over all organizations', (fixture) => {
  let hooli: Awaited<ReturnType<TestServer['addOrganization']>>;
  let secret: string;
  let tokenId: string;
  beforeAll(async () => {
    const { server } = fixture;
    hooli = await server.addOrganization('hooli');
    const made = await server.core.createApiToken(hooli.owner.caller, { name: 'their-till', permissions: [] });
    [secret, tokenId] = [made.secret, made.token.id];
    await server.core.createApiToken(server.asOwner, { name: 'our-own', permissions: [] });
    const hour = server.clock.now() - (server.clock.now() % 3_600_000);
    const count = { source: { type: 'api_token', id: tokenId }, organizationId: hooli.id, rule: '/x', hour } as const;
    await server.store.write(({ usage }) =>
      usage.count([
        { ...count, verdict: 'allowed', calls: 1_000_000 },
        { ...count, verdict: 'missing_permission', calls: 2000 },
        { ...count, verdict: 'rate_limited', calls: 300 },
      ]),
    );
  });

  test('operators see which organizations call most, what became of it, and go to the usage of one', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/usage?range=7d');
    const table = page.getByRole('region', { name: 'By organization' });
    const row = table.getByRole('row', { name: /hooli/ });
    await expect
      .poll(() => row.getByRole('cell').allTextContents())
      .toEqual(expect.arrayContaining(['hooli', '1,002,300', '1,000,000', '2,000', '300']));
    expect(await axeInBoth(page)).toEqual([]);
    await row.getByRole('link', { name: 'hooli' }).press('Enter');
    await page.getByRole('region', { name: 'Working in another organization' }).waitFor();
    await expect
      .poll(() => page.locator('dl > div', { hasText: 'Calls' }).locator('dd').textContent())
      .toBe('1,002,300');
    expect(new URL(page.url()).searchParams.get('range')).toBe('7d');
    expect(await table.count()).toBe(0);
    const { page: theirs } = await fixture.signedIn(hooli.owner, '/usage');
    await theirs.getByRole('region', { name: 'By credential' }).waitFor();
    expect(await theirs.getByRole('region', { name: 'By organization' }).count()).toBe(0);
  });

  test('operators see the tokens of all organizations, and each leads to where it is', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/tokens');
    await page.getByText('All organizations’').click();
    await page.getByRole('row', { name: /our-own.*acme/ }).waitFor();
    await page.getByLabel('Search by name or description').fill('their');
    await page.getByText('our-own').waitFor({ state: 'detached' });
    expect(await axeInBoth(page)).toEqual([]);
    await page
      .getByRole('row', { name: /their-till.*hooli/ })
      .getByRole('link')
      .click();
    await page.getByRole('heading', { name: 'their-till' }).waitFor();
    await page.getByRole('region', { name: 'Working in another organization' }).getByText('hooli').waitFor();
    const { page: theirs } = await fixture.signedIn(hooli.owner, '/tokens?whose=everywhere');
    await theirs.getByRole('link', { name: 'their-till' }).waitFor();
    expect(await theirs.getByText('All organizations’').count()).toBe(0);
  });

  test('a secret that was found tells whose it is and what a call would be answered, and is kept nowhere', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/tokens', { viewport: phone });
    const dialog = page.getByRole('dialog');
    const addresses: string[] = [];
    page.on('request', (request) => addresses.push(request.url()));
    await page.getByRole('button', { name: 'Find a credential' }).click();
    await dialog.getByRole('button', { name: 'Find', exact: true }).click();
    await dialog.getByText('Paste the secret, or its beginning').waitFor();
    await dialog.getByLabel('Secret, or its beginning…end').fill(`${secret}x`);
    await page.keyboard.press('Enter');
    await dialog.getByText('Nobody’s').waitFor();
    await dialog.getByRole('button', { name: 'Find another' }).click();
    await dialog.getByLabel('Secret, or its beginning…end').fill(secret);
    await page.keyboard.press('Enter');
    await dialog.getByText('One credential').waitFor();
    await dialog.getByText('would be let in').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await expect.poll(() => sideways(page)).toBe(0);
    const kept = 'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, document.cookie])';
    expect(await page.evaluate(kept)).not.toContain(secret);
    expect(await page.content()).not.toContain(secret);
    expect(addresses.join()).not.toContain(secret);
    expect(server.logs()).not.toContain(secret);

    await server.core.deactivateApiToken(hooli.owner.caller, { id: tokenId });
    await dialog.getByRole('button', { name: 'Find another' }).click();
    await dialog.getByLabel('Secret, or its beginning…end').fill(`${secret.slice(0, 11)}…${secret.slice(-4)}`);
    await page.keyboard.press('Enter');
    await dialog.getByText('would be refused: The credential is deactivated').waitFor();
    await dialog.getByRole('link', { name: 'Open their-till in hooli' }).click();
    await page.getByRole('heading', { name: 'their-till' }).waitFor();
    await page.getByRole('region', { name: 'Working in another organization' }).waitFor();
    const { page: theirs } = await fixture.signedIn(hooli.owner, '/tokens');
    expect(await theirs.getByRole('button', { name: 'Find a credential' }).count()).toBe(0);
  });
});
