// Sign-in without a secret, in the portal: outside tokens are trusted by a form that is filled in for where the program runs, and
// not any more when somebody removes them.

import { generateKeyPairSync } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { axeInBoth, phone, sideways } from './browser.ts';
import { onDatabase } from './fixture.ts';

const publicKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });

onDatabase('sqlite', 'federated credentials', (fixture) => {
  async function confirmed(page: Page): Promise<void> {
    const question = page.getByRole('dialog', { name: 'Confirm it is you' });
    await question.getByLabel('Your password', { exact: true }).fill(fixture.server.owner.password);
    await question.getByRole('button', { name: 'Confirm' }).click();
  }

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
    await confirmed(page);
    await dialog.getByText('signs for everybody').waitFor();
    await conditions.fill('repository = acme/shop\nref = refs/heads/main');
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Trust these tokens' }).click();
    await page.getByText('Tokens like these are taken now.').waitFor();
    await dialog.getByText('Put this into a workflow of the repository.').waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Back to the list');
    expect(await axeInBoth(page)).toEqual([]);
    await page.keyboard.press('Enter');
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
  });

  test('are made of a few words for each place, told what is missing, and shown with the text to paste there', async () => {
    const { server } = fixture;
    const { apiUser } = await server.core.createApiUser(server.asOwner, { name: 'Builder', role: 'member' });
    const { page } = await fixture.signedInAnew(server.owner, '/api-users');
    await page.getByRole('button', { name: 'Actions for Builder', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Sign-in without a secret' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign-in of Builder without a secret' });
    const conditions = dialog.getByLabel('What must stand in the token');
    const trust = dialog.getByRole('button', { name: 'Trust these tokens' });
    const add = async (preset: string, name: string) => {
      await dialog.getByRole('button', { name: 'Add' }).click();
      await dialog.getByLabel('Where does it run?').selectOption(preset);
      await dialog.getByLabel('Name', { exact: true }).fill(name);
    };
    const shown = async (tab: string) => {
      await dialog.getByRole('tab', { name: tab }).click();
      const text = await dialog.getByRole('region', { name: tab, exact: true }).textContent();
      return text ?? '';
    };
    const back = () => dialog.getByRole('button', { name: 'Back to the list' }).click();

    await add('GitHub Actions', 'Production');
    await trust.click();
    await dialog.getByText('Say which repository').waitFor();
    await dialog.getByText('Fill this in, or choose other ones above.').waitFor();
    await dialog.getByLabel('Repository').fill('acme/shop');
    await dialog.getByLabel('Which runs of it?').selectOption('Of one environment');
    await dialog.getByLabel('Environment').fill('production');
    await expect.poll(() => conditions.inputValue()).toBe('repository = acme/shop\nenvironment = production');
    expect(await axeInBoth(page)).toEqual([]);
    await trust.click();
    await confirmed(page);
    const workflow = await shown('Workflow');
    for (const text of [
      `client_id=${apiUser.id}`,
      `${server.url}/oauth/token`,
      'environment: "production"',
      'id-token: write',
    ]) {
      expect(workflow).toContain(text);
    }
    await back();

    await add('GitLab CI', 'Protected');
    await dialog.getByLabel('Project').fill('acme/shop');
    await expect.poll(() => conditions.inputValue()).toBe('project_path = acme/shop\nref_protected = true');
    await trust.click();
    expect(await shown('Pipeline')).toContain(`KEYWARD_JWT: { aud: "${server.url}" }`);
    await back();

    await add('Kubernetes', 'The cluster');
    await dialog.getByLabel('Namespace').fill('shop');
    await dialog.getByLabel('Service account').fill('till');
    await dialog.getByLabel('Public keys').fill('no keys');
    await trust.click();
    await dialog.getByText('This is no JSON with keys').waitFor();
    await dialog.getByLabel('Public keys').fill(JSON.stringify({ keys: [publicKey()] }));
    await trust.click();
    expect(await shown('Pod')).toContain('serviceAccountName: "till"');
    await back();

    await add('Anywhere, with a key of its own', 'Its own key');
    await trust.click();
    await dialog.getByText('Paste the public part of the program’s key.').waitFor();
    await dialog.getByLabel('Public keys').fill(JSON.stringify(publicKey()));
    expect(await axeInBoth(page)).toEqual([]);
    await trust.click();
    expect(JSON.parse(await shown('Claims'))).toMatchObject({ iss: apiUser.id, sub: apiUser.id, aud: server.url });
    await back();

    await dialog.getByRole('button', { name: 'How to use Protected' }).click();
    await dialog.getByText('Put this into .gitlab-ci.yml.').waitFor();
    const kept = await server.core.listFederatedCredentials(server.asOwner, apiUser.id);
    expect(kept.map(({ name }) => name).sort()).toEqual(['Its own key', 'Production', 'Protected', 'The cluster']);
    expect(kept.find(({ name }) => name === 'The cluster')).toMatchObject({
      conditions: { sub: 'system:serviceaccount:shop:till' },
      jwks: { keys: [{ kty: 'EC' }] },
    });
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
