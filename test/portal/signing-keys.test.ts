// Signing keys: replaced without anybody noticing, and ended at once where they leaked; both ask for the password again.

import { expect, test } from 'vitest';
import { axeInBoth, settled } from './browser.ts';
import { onDatabase } from './fixture.ts';

onDatabase('sqlite', 'signing keys', (fixture) => {
  test('are rotated with an overlap that is told in plain words, and old tokens go on working', async () => {
    const { server } = fixture;
    const { secret } = await server.core.createApiToken(server.asOwner, { name: 'overlap', permissions: [] });
    const exchange = await fetch(`${server.url}/v1/access-tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiToken: secret }),
    });
    const { accessToken } = (await exchange.json()) as { accessToken: string };
    const check = async () =>
      (await fetch(`${server.url}/v1/check`, { headers: { authorization: `Bearer ${accessToken}` } })).status;

    const { page } = await fixture.signedIn(server.owner, '/signing-keys');
    await page.getByRole('button', { name: 'Rotate: Access tokens of Keyward' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    await page.getByLabel('Your password').fill(server.owner.password);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('The new key is published and signs in ten minutes.').waitFor();
    const panel = page.locator('section', { has: page.getByRole('heading', { name: 'Access tokens of Keyward' }) });
    await panel.getByText(/in (9|10) minutes.* Until then the old one signs\./).waitFor();
    await panel.getByText(/Tokens signed with the old key still verify until/).waitFor();
    await panel.getByText('Signs soon').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    expect(await check()).toBe(200);

    // The password was just asked for; it is not asked again.
    const old = panel.getByRole('row').filter({ hasText: 'Signs now' });
    await old.getByRole('button', { name: /^Revoke/ }).click();
    await page.getByText('Every token signed with this key stops working at once').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke the key' }).click();
    await page.getByText('The key is revoked.').waitFor();
    expect(await check()).toBe(401);
    await panel.getByRole('button', { name: 'Show 1 ended key' }).click();
    await panel.getByText('Revoked', { exact: true }).waitFor();
  });

  test('stay as they are if the password is not given, and are only looked at by a tenant', async () => {
    const { server } = fixture;
    const before = await server.core.listSigningKeys(server.asOwner);
    const { page } = await fixture.signedIn(server.admin, '/signing-keys');
    await page.getByRole('button', { name: 'Rotate: Tokens of the Parsers dialect' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    await page.getByLabel('Your password').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByLabel('Your password').count()).toBe(0);
    expect(await server.core.listSigningKeys(server.asOwner)).toHaveLength(before.length);

    const tenant = await server.addOrganization('looker');
    const { page: theirs } = await fixture.signedIn(tenant.owner, '/signing-keys');
    await theirs.getByText('Its operators rotate and revoke them.').waitFor();
    await settled(theirs);
    expect(await theirs.getByRole('button', { name: /Rotate|Revoke/ }).count()).toBe(0);
  });
});
