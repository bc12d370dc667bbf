// Webhooks in the portal: added with the secret shown this once, tried, looked at with request and answer, changed, sent again,
// switched off and deleted.

import type { Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, startReceiver, status } from '../webhooks/receiver.ts';
import { axeInBoth, phone, settled, sideways } from './browser.ts';
import { onDatabase } from './fixture.ts';

onDatabase('sqlite', 'webhooks', (fixture) => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(() => receiver.stop());

  async function confirmed(page: Page): Promise<void> {
    const question = page.getByRole('dialog', { name: 'Confirm it is you' });
    await question.getByLabel('Your password', { exact: true }).fill(fixture.server.owner.password);
    await question.getByRole('button', { name: 'Confirm' }).click();
  }

  async function act(page: Page, action: string): Promise<void> {
    await page.getByRole('button', { name: `Actions for ${receiver.url}`, exact: true }).click();
    await page.getByRole('menuitem', { name: action }).click();
  }

  test('are added with each fault told at its field, show their secret this once, and what they are sent', async () => {
    const { server } = fixture;
    const { page, context } = await fixture.signedInAnew(server.owner, '/webhooks');
    await page.getByRole('heading', { name: 'No webhooks yet' }).waitFor();
    await page.getByRole('button', { name: 'Add webhook' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Add a webhook' });
    await dialog.getByLabel('Only some events').check();
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.getByText('Give the address of your receiver.').waitFor();
    await dialog.getByText('Choose at least one event.').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByLabel('Address').fill('https://169.254.169.254/latest');
    await dialog.getByLabel('Description').fill('Security channel');
    await dialog.getByLabel('An API token was made').check();
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.getByText('This is a private or reserved address').waitFor();
    await dialog.getByLabel('Address').fill(receiver.url);
    await dialog.getByRole('button', { name: 'Add' }).click();
    await confirmed(page);

    await page.getByRole('dialog', { name: 'The new webhook' }).waitFor();
    const secret = (await page.getByRole('region', { name: 'Signing secret', exact: true }).textContent()) ?? '';
    expect(secret).toMatch(/^whsec_/);
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await page.getByRole('heading', { level: 1, name: 'Security channel' }).waitFor();
    await expect.poll(() => page.content()).not.toContain(secret);
    expect(JSON.stringify(await context.storageState()) + page.url()).not.toContain(secret);

    // After the test what waits is tried again at once.
    receiver.next(status(500), status(204), status(500, {}, 'Out of order <script>alert(1)</script>'));
    await server.core.createApiToken(server.asOwner, { name: 'seen', permissions: [] });
    await expect.poll(() => receiver.received.length, { timeout: 60_000 }).toBe(1);
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page
      .getByRole('row', { name: /webhook\.test/ })
      .getByText('Delivered')
      .waitFor();
    const sent = receiver.received.find(({ event }) => event.type === 'webhook.test');
    new Webhook(secret).verify(sent?.body ?? '', sent?.headers ?? {});
    const row = page.getByRole('row', { name: /token\.created/ });
    await expect.poll(() => row.textContent(), { timeout: 60_000 }).toMatch(/token\.created.*Waiting5002/);
    await page.getByRole('button', { name: 'token.created', exact: true }).click();
    const message = page.getByRole('dialog', { name: 'A message' });
    await message.getByText('"name": "seen"').first().waitFor();
    await message.getByText('Out of order <script>alert(1)</script>').waitFor();
    await message.getByText('Status 500').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByText('Failing', { exact: true }).filter({ visible: true }).first().waitFor();
    server.clock.advance(60_000);
    await row.getByText('Delivered').waitFor();
    await row.getByText('204').waitFor();
    await page.getByText('Active', { exact: true }).filter({ visible: true }).first().waitFor();

    await row.getByRole('button', { name: 'Actions for token.created' }).click();
    await page.getByRole('menuitem', { name: 'Send again' }).click();
    const ids = () => receiver.accepted.filter(({ event }) => event.type === 'token.created').map(({ id }) => id);
    await expect.poll(() => ids().length, { timeout: 60_000 }).toBe(2);
    expect(new Set(ids()).size).toBe(1);
  });

  test('are changed, given another secret, switched off and on, and deleted', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedInAnew(server.owner, '/webhooks');
    page.setDefaultTimeout(15_000);
    await act(page, 'Change');
    const dialog = page.getByRole('dialog', { name: 'Change the webhook' });
    await dialog.getByLabel('Everything that happens').check();
    await dialog.getByLabel('Tell of tokens that expire').fill('30');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('row', { name: /Security channel/ })
      .getByText('Everything')
      .waitFor();
    const [kept] = (await server.core.listWebhooks(server.asOwner)).items;
    expect(kept).toMatchObject({ events: ['*'], expiringDays: 30, url: receiver.url });

    await act(page, 'New secret');
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    await confirmed(page);
    await page.getByRole('dialog', { name: 'The new signing secret' }).waitFor();
    await page.getByRole('button', { name: 'I have saved it' }).click();

    await act(page, 'Switch off');
    await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('Off', { exact: true }).filter({ visible: true }).first().waitFor();
    await act(page, 'Switch on');
    await page.getByText('Active', { exact: true }).filter({ visible: true }).first().waitFor();

    await page.setViewportSize(phone);
    await settled(page);
    expect(await sideways(page)).toBe(0);
    await act(page, 'Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: 'No webhooks yet' }).waitFor();
    expect((await server.core.listWebhooks(server.asOwner)).items).toEqual([]);
  });
});
