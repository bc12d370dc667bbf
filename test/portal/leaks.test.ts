// Leaked tokens in the portal: what becomes of them is chosen in the settings, and each says that it leaked.

import { expect, test } from 'vitest';
import { axeInBoth } from './browser.ts';
import { onBothDatabases } from './fixture.ts';

onBothDatabases('leaked tokens', (fixture) => {
  test('are treated as the settings say, which an owner changes', async () => {
    const { owner, id } = await fixture.server.addOrganization('careful');
    const { page } = await fixture.signedIn(owner, '/settings');
    const choice = page.getByLabel('The token');
    expect(await choice.inputValue()).toBe('deactivate');
    const save = page.getByRole('button', { name: 'Save' });
    expect(await save.isDisabled()).toBe(true);
    await choice.selectOption('shorten 86400000');
    await page.getByLabel('What it made ends with it').uncheck();
    expect(await axeInBoth(page)).toEqual([]);
    await save.click();
    await page.getByText('From now on leaked tokens are treated like this.').waitFor();
    const policy = async () => (await fixture.server.core.readOrganization(owner.caller, id)).leakPolicy;
    expect(await policy()).toEqual({ action: 'shorten', endsAfterMs: 86_400_000, descendants: false });
    await choice.selectOption('notify');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect.poll(policy).toMatchObject({ action: 'notify', endsAfterMs: null });
  });

  test('are shown to a member as they are treated, with nothing to change', async () => {
    const { page } = await fixture.signedIn(fixture.server.member, '/settings');
    await page.getByText('Is deactivated at once').waitFor();
    expect(await page.getByLabel('The token').count()).toBe(0);
  });

  test('say so, and are let work again by who may', async () => {
    const { core, owner, asOwner } = fixture.server;
    const { token, secret } = await core.createApiToken(asOwner, { name: 'Pasted somewhere', permissions: [] });
    await core.reportLeaks(
      { by: 'holder', address: '192.0.2.1' },
      { tokens: [secret], url: 'https://paste.example/1' },
    );
    const { page } = await fixture.signedIn(owner, `/tokens/${token.id}`);
    await page.getByText('Leaked', { exact: true }).waitFor();
    await page.getByText('Reported as leaked').waitFor();
    await page.getByRole('button', { name: 'Activate' }).click();
    await page.getByText('Active', { exact: true }).waitFor();
    expect((await core.readApiToken(asOwner, { id: token.id })).lifecycle.deactivatedAt).toBeNull();
  });
});
