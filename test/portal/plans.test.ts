// Plans and limits: what is left is seen while it is spent, and operators change plans and give them.

import { expect, test } from 'vitest';
import { axeInBoth, phone, settled } from './browser.ts';
import { onDatabase } from './fixture.ts';

onDatabase('sqlite', 'plans', (fixture) => {
  test('an operator makes a plan, gives it to an organization, and the limit holds at once', async () => {
    const { server } = fixture;
    const other = await server.addOrganization('tenant');
    const { page } = await fixture.signedIn(server.owner, '/plans');
    await page.getByRole('button', { name: 'New plan' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Save plan' }).click();
    await expect.poll(() => dialog.locator('[aria-invalid=true]').count()).toBe(3);
    await dialog.getByLabel('Id').fill('tiny');
    await dialog.getByLabel('Name').fill('Tiny');
    await dialog.getByLabel('Calls').fill('3');
    await dialog.getByLabel('In', { exact: true }).fill('15');
    await dialog.getByRole('combobox', { name: 'Unit of time' }).click();
    await page.getByRole('option', { name: 'minutes' }).click();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save plan' }).click();
    const row = page.getByRole('row', { name: /Tiny/ });
    await row.getByText('3 every 15 minutes').waitFor();

    await row.getByRole('button', { name: 'Give Tiny to an organization' }).click();
    await dialog.getByRole('combobox', { name: 'Organization' }).fill('tena');
    await page.getByRole('option', { name: 'tenant' }).click();
    await dialog.getByLabel('Contributors').fill('2');
    await dialog.getByText('Comes to 3 calls every 15 minutes.').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The plan of tenant is saved.').waitFor();
    expect(await server.core.readOrganization(server.asOwner, other.id)).toMatchObject({
      planId: 'tiny',
      contributors: 2,
    });

    const { secret } = await server.core.createApiToken(other.owner.caller, { name: 'spends', permissions: [] });
    const call = () => fetch(`${server.url}/v1/check`, { headers: { authorization: `Bearer ${secret}` } });
    expect([await call(), await call(), await call(), await call()].map(({ status }) => status)).toEqual([
      200, 200, 200, 429,
    ]);
  });

  test('an edited plan keeps what was not changed, and says what is wrong at its field', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/plans', { viewport: phone });
    await page.getByRole('button', { name: 'Edit Free' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Calls').fill('0');
    await dialog.getByRole('button', { name: 'Save plan' }).click();
    await dialog.getByText('Use a whole number from 1 on.').waitFor();
    await dialog.getByLabel('Calls').fill('600');
    await dialog.getByLabel('At most').fill('');
    await dialog.getByRole('button', { name: 'Add a limit' }).click();
    const second = dialog.getByRole('group', { name: 'Limit 2' });
    await second.getByLabel('Calls').fill('9');
    await dialog.getByRole('button', { name: 'Save plan' }).click();
    await second.getByText(/Another limit of this plan counts/).waitFor();
    await second.getByRole('combobox', { name: 'Counted' }).click();
    await page.getByRole('option', { name: 'For each credential' }).click();
    await dialog.getByRole('button', { name: 'Add a limit' }).click();
    await dialog.getByRole('button', { name: 'Remove limit 3' }).click();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save plan' }).click();
    await page.getByRole('row', { name: /Free/ }).getByText('600 an hour').waitFor();
    const plans = await server.core.listPlans(server.asOwner);
    expect(plans.find(({ id }) => id === 'free')).toEqual({
      id: 'free',
      name: 'Free',
      limits: [
        { limit: 600, windowMs: 3_600_000, per: 'contributor', cap: null },
        { limit: 9, windowMs: 3_600_000, per: 'api_token', cap: null },
      ],
      whenUnavailable: 'local',
      entitlement: ['*:*'],
      observed: null,
    });
  });
});

onDatabase('postgres', 'the budget', (fixture) => {
  test('falls on the gauge while calls are made, without a reload, and says when calls are let in again', async () => {
    const { server } = fixture;
    const { owner, id } = await server.addOrganization('spender');
    await server.core.putPlan(server.asOwner, {
      id: 'ten',
      name: 'Ten',
      limits: [{ limit: 10, windowMs: 3_600_000, per: 'organization' }],
    });
    await server.core.updateOrganization(server.asOwner, id, { planId: 'ten' });
    const { secret } = await server.core.createApiToken(owner.caller, { name: 'spends', permissions: [] });
    const { page } = await fixture.signedIn(owner, '/plans');
    const meter = page.getByRole('meter', { name: 'Calls left' });
    await expect.poll(() => meter.getAttribute('aria-valuenow')).toBe('10');
    await settled(page);
    expect(await page.getByRole('button', { name: /^(New plan|Edit|Give|Change)/ }).count()).toBe(0);
    const authorization = `Bearer ${secret}`;
    for (let calls = 0; calls < 4; calls += 1) await fetch(`${server.url}/v1/check`, { headers: { authorization } });
    await expect.poll(() => meter.getAttribute('aria-valuenow')).toBe('6');
    await page.getByText('4 used in the last hour').waitFor();
    for (let calls = 0; calls < 7; calls += 1) await fetch(`${server.url}/v1/check`, { headers: { authorization } });
    await page.getByText(/The budget is spent. The next call is let in in (59|1) /).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
  });
});
