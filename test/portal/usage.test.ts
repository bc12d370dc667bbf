// Usage: what became of calls, in the period that is chosen, and what to do about those that were refused.

import { beforeAll, expect, test } from 'vitest';
import type { UseVerdict } from '../../server/src/core/caller/use.ts';
import type { TestServer } from '../server.ts';
import { axeInBoth } from './browser.ts';
import { onBothDatabases } from './fixture.ts';

const hour = 3_600_000;
const ids: Record<string, string> = {};

async function count(server: TestServer, name: string, verdict: UseVerdict, hoursAgo: number, calls: number) {
  const owner = name.startsWith('mine') ? server.member.caller : server.asOwner;
  ids[name] ??= (await server.core.createApiToken(owner, { name, permissions: [] })).token.id;
  const at = server.clock.now() - hoursAgo * hour;
  const source = { type: 'api_token', id: ids[name] ?? '' } as const;
  const rule = verdict === 'allowed' ? '/orders' : '/stock';
  const organizationId = server.organization.id;
  await server.store.write(({ usage }) =>
    usage.count([{ source, organizationId, rule, verdict, hour: at - (at % hour), calls }]),
  );
}

onBothDatabases('usage', (fixture) => {
  beforeAll(async () => {
    const { server } = fixture;
    for (const name of Object.keys(ids)) delete ids[name];
    await count(server, 'busy', 'allowed', 3, 1200);
    await count(server, 'busy', 'missing_permission', 2, 40);
    await count(server, 'greedy', 'allowed', 3, 300);
    await count(server, 'greedy', 'rate_limited', 3, 60);
    await count(server, 'mine', 'expired', 1, 7);
    await count(server, 'mine', 'allowed', 5 * 24, 5000);
  });

  test('shows sums, reasons with what to do about them, credentials and paths of the period', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/usage');
    const tile = (label: string) => page.locator('dl > div', { hasText: label }).locator('dd').textContent();
    await expect.poll(() => tile('Calls')).toBe('1,607');
    expect(await tile('Allowed')).toBe('1,50093.3% of all');
    expect(await tile('Refused')).toBe('472.9% of all');
    expect(await tile('Over the plan')).toBe('603.7% of all');
    const reasons = page.getByRole('listitem').filter({ has: page.getByText(/\d calls?$/) });
    const counts = async () => (await reasons.allTextContents()).map((text) => /\d+ calls?/.exec(text)?.[0]);
    await expect.poll(counts).toEqual(['60 calls', '40 calls', '7 calls']);
    await expect.poll(() => page.getByRole('region', { name: 'By credential' }).locator('tbody tr').count()).toBe(3);
    await expect.poll(() => page.getByRole('region', { name: 'By path' }).textContent()).toContain('/orders');
    await page.locator('canvas').waitFor();
    await page.getByRole('button', { name: 'Show as table' }).click();
    await expect.poll(() => page.getByRole('region', { name: 'Calls over time' }).textContent()).toContain('1,500');
    await page.getByText('Refused only').click();
    await page.getByRole('columnheader', { name: 'A permission is missing' }).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
  });

  test('keeps the period and the credential in the address, through reload and back', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/usage');
    const calls = () => page.locator('dl > div', { hasText: 'Calls' }).locator('dd').textContent();
    await page.getByText('7 days', { exact: true }).click();
    await expect.poll(calls).toBe('6,607');
    await page.getByRole('button', { name: 'busy' }).click();
    await expect.poll(calls).toBe('1,240');
    await page.getByText('Only busy').waitFor();
    await page.reload();
    await expect.poll(calls).toBe('1,240');
    await page.goBack();
    await expect.poll(calls).toBe('6,607');
    await page.goForward();
    await page.getByRole('button', { name: 'Show all, not only busy' }).click();
    await expect.poll(calls).toBe('6,607');
    await page.getByText('Custom', { exact: true }).click();
    const day = new Date(fixture.server.clock.now() - 5 * 24 * hour).toLocaleDateString('sv');
    await page.getByLabel('From').fill(day);
    await expect.poll(() => page.getByLabel('From').inputValue()).toBe(day);
    await page.getByLabel('Until').fill(day);
    await expect.poll(calls).toBe('5,000');
    await page.getByRole('link', { name: 'API tokens', exact: true }).first().waitFor();
  });

  test('shows a member their own calls alone', async () => {
    const { page } = await fixture.signedIn(fixture.server.member, '/usage');
    await page.getByText('Calls with your own credentials').waitFor();
    const table = page.getByRole('region', { name: 'By credential' });
    await expect.poll(() => table.locator('tbody tr').count()).toBe(1);
    await expect.poll(() => table.textContent()).toContain('mine');
    await page.getByText('The credential has expired').waitFor();
    await page.getByRole('main').getByRole('link', { name: 'API tokens' }).click();
    await page.waitForURL(/\/tokens\?state=expired/);
  });
});
