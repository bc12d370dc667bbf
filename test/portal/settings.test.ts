// Settings: the organization is renamed here; how the server works is shown, and changed elsewhere.

import { expect, test } from 'vitest';
import { axeInBoth } from './browser.ts';
import { onBothDatabases } from './fixture.ts';

onBothDatabases('settings', (fixture) => {
  test('shows an operator how the server was told to work, and lets nobody change it here', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/settings');
    await page.getByText(/In .*keyward\.yaml/).waitFor();
    const main = (await page.getByRole('main').textContent()) ?? '';
    expect(main).toContain(server.url);
    expect(main).toContain(fixture.database === 'sqlite' ? 'SQLite' : 'PostgreSQL');
    expect(main).toContain('After 2 hours without use, and after 12 hours in any case');
    for (const dialect of ['Debricked', 'Parsers', 'Versio', 'Bluebricks', 'RebelCore'])
      expect(main).toContain(dialect);
    expect(await page.getByRole('main').getByRole('textbox').count()).toBe(1);
    expect(await page.getByRole('main').getByRole('switch').count()).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
  });

  test('renames the organization, which the navigation shows at once, and says what is wrong with a name', async () => {
    const { server } = fixture;
    const { owner, id } = await server.addOrganization('before');
    const { page } = await fixture.signedIn(owner, '/settings');
    const name = page.getByRole('main').getByLabel('Name');
    await name.fill('Not A Handle');
    await page.getByRole('button', { name: 'Rename' }).click();
    await expect.poll(() => name.getAttribute('aria-invalid')).toBe('true');
    expect(await name.inputValue()).toBe('Not A Handle');
    await name.fill('acme');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByText('There is an organization named acme already.').waitFor();
    await name.fill('after');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByText('Your organization is called after now.').waitFor();
    await page.getByRole('navigation', { name: 'Main' }).getByText('after', { exact: true }).waitFor();
    expect((await server.core.readOrganization(owner.caller, id)).name).toBe('after');
  });

  test('shows a member neither the policies nor a way to rename', async () => {
    const { page } = await fixture.signedIn(fixture.server.member, '/settings');
    await page.getByText('This organization operates the server.').waitFor();
    expect(await page.getByRole('button', { name: 'Rename' }).count()).toBe(0);
    const tenant = await fixture.server.addOrganization('outsider');
    const { page: theirs } = await fixture.signedIn(tenant.owner, '/settings');
    await theirs.getByText('Whoever runs this server changes it').waitFor();
    expect(await theirs.getByText('Failed sign-ins').count()).toBe(0);
  });
});
