// Sign-in without a secret, in the portal: outside tokens are trusted by a form that is filled in for where the program runs, and
// not any more when somebody removes them.

import { expect, test } from 'vitest';
import { axeInBoth, phone, sideways } from './browser.ts';
import { onDatabase } from './fixture.ts';

onDatabase('sqlite', 'federated credentials', (fixture) => {
  test('are added from what is usual, told of a mistake at its field, listed and removed', async () => {
    const { server } = fixture;
    const { apiUser } = await server.core.createApiUser(server.asOwner, { name: 'Deployments', role: 'member' });
    const kept = () => server.core.listFederatedCredentials(server.asOwner, apiUser.id);
    const { page } = await fixture.signedInAnew(server.owner, '/api-users');
    await page.getByRole('button', { name: 'Actions for Deployments', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Sign-in without a secret' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign-in of Deployments without a secret' });
    await dialog.getByText('No outside tokens are taken yet.').waitFor();
    expect(await axeInBoth(page)).toEqual([]);

    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.getByRole('button', { name: 'Trust these tokens' }).click();
    await dialog.getByText('Give it a name').waitFor();
    await dialog.getByLabel('Where does it run?').selectOption('Kubernetes');
    await expect.poll(() => dialog.getByLabel('Issuer').inputValue()).toContain('kubernetes');
    await dialog.getByLabel('Where does it run?').selectOption('GitHub Actions');
    await dialog.getByLabel('Name', { exact: true }).fill('Main branch');
    const conditions = dialog.getByLabel('What must stand in the token');
    await conditions.fill('ref');
    await dialog.getByRole('button', { name: 'Trust these tokens' }).click();
    await dialog.getByText('“ref” is not of the form claim = text.').waitFor();
    await conditions.fill('ref = refs/heads/main');
    await dialog.getByRole('button', { name: 'Trust these tokens' }).click();
    await confirm();
    await dialog.getByText('signs for everybody').waitFor();
    await conditions.fill('repository = acme/shop\nref = refs/heads/main');
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Trust these tokens' }).click();
    await page.getByText('Tokens like these are taken now.').waitFor();
    await dialog.getByText('repository = acme/shop').waitFor();
    expect(await kept()).toMatchObject([
      {
        name: 'Main branch',
        issuer: 'https://token.actions.githubusercontent.com',
        audience: server.url,
        conditions: { repository: 'acme/shop', ref: 'refs/heads/main' },
      },
    ]);

    await dialog.getByRole('button', { name: 'Remove Main branch' }).click();
    await dialog.getByText('every access token that was made through it ends at once').waitFor();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('What was made through it has ended.').waitFor();
    await dialog.getByText('No outside tokens are taken yet.').waitFor();
    expect(await kept()).toEqual([]);

    async function confirm(): Promise<void> {
      const question = page.getByRole('dialog', { name: 'Confirm it is you' });
      await question.getByLabel('Your password', { exact: true }).fill(server.owner.password);
      await question.getByRole('button', { name: 'Confirm' }).click();
    }
  });

  test('fit a phone, and their texts are harmless', async () => {
    const { server } = fixture;
    const { apiUser } = await server.core.createApiUser(server.asOwner, { name: 'Phone', role: 'member' });
    await server.core.createFederatedCredential(server.asOwner, apiUser.id, {
      name: '<img src=x onerror=alert(1)>',
      issuer: `https://issuer.example/${'long'.repeat(60)}`,
      conditions: { sub: `<script>alert(1)</script>${'x'.repeat(200)}` },
    });
    const { page } = await fixture.signedIn(server.owner, '/api-users', { viewport: phone });
    await page.getByRole('button', { name: 'Actions for Phone', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Sign-in without a secret' }).click();
    await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
    await page.getByText('<script>alert(1)</script>').waitFor();
    await expect.poll(() => sideways(page)).toBe(0);
  });
});
