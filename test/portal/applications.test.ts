// Applications in the portal: registered by whoever is no developer, with calls that work as they are shown; changed, given
// another secret, and ended with the people counted that it signs out.

import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import type { Person } from '../server.ts';
import { signedIn } from '../wire/native/session-client.ts';
import { grantedTo, refresh, register as registerWith } from '../wire/oauth2/application-flow.ts';
import { call } from '../wire/oauth2/clients.ts';
import { axeInBoth, phone, settled, sideways } from './browser.ts';
import { onDatabase } from './fixture.ts';
import { expectHarmless, payloads } from './payloads.ts';

const uri = 'https://reports.example/callback';
const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code';

/** Asks for what the guarded API of these servers knows. */
const register: typeof registerWith = (server, wanted, as) =>
  registerWith(server, { permissions: ['read:funds'], ...wanted }, as);

/** What a shell prints that is handed a text of the page. */
async function shell(text: string, environment: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', text], { env: { ...process.env, ...environment } });
  return stdout;
}

async function openForm(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Register application' }).first().click();
  await page.getByRole('dialog', { name: 'Register an application' }).waitFor();
}

async function snippet(page: Page, tab: string): Promise<string> {
  await page.getByRole('tab', { name: tab, exact: true }).click();
  return (await page.getByRole('region', { name: tab, exact: true }).textContent()) ?? '';
}

async function act(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

onDatabase('postgres', 'applications', (fixture) => {
  async function confirmed(page: Page): Promise<void> {
    const question = page.getByRole('dialog', { name: 'Confirm it is you' });
    await question.getByLabel('Your password', { exact: true }).fill(fixture.server.owner.password);
    await question.getByRole('button', { name: 'Confirm' }).click();
  }

  test('are registered with each fault told at its field, show their secret this once, and their calls work as shown', async () => {
    const { server } = fixture;
    const { page, context } = await fixture.signedIn(server.owner, '/applications');
    await page.getByRole('heading', { name: 'No applications yet' }).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await openForm(page);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Sign people in with a browser').uncheck();
    await dialog.getByRole('button', { name: 'Register' }).click();
    await dialog.getByText('Let it sign people in, with a browser or by a code.').waitFor();
    await dialog.getByLabel('Sign people in with a browser').check();
    await dialog.getByRole('button', { name: 'Register' }).click();
    for (const fault of ['Give it a name', 'Name at least one address', 'Choose at least one permission']) {
      await dialog.getByText(fault).waitFor();
    }
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByLabel('Name', { exact: true }).fill('Monthly reports');
    await dialog.getByLabel('Redirect URIs').fill(`${uri}\n\nhttp://reports.example/other`);
    await dialog.getByLabel('Search permissions').fill('fund');
    await dialog.getByLabel('read:funds').check();
    await dialog.getByRole('button', { name: 'Register' }).click();
    await dialog.getByText('http://reports.example/other: Plain HTTP is for').waitFor();
    await dialog.getByLabel('Redirect URIs').fill(uri);
    await dialog.getByLabel('Logo').fill('http://reports.example/logo.png');
    await dialog.getByRole('button', { name: 'Register' }).click();
    await dialog.getByText('Use an https address').waitFor();
    await dialog.getByLabel('Logo').fill('https://reports.example/logo.png');
    await dialog.getByRole('button', { name: 'Register' }).click();

    await page.getByRole('dialog', { name: 'The new application' }).waitFor();
    const text = async (region: string) =>
      (await page.getByRole('region', { name: region, exact: true }).textContent()) ?? '';
    const [id, secret] = [await text('Client ID'), await text('Client secret')];
    expect(secret).toMatch(/^[0-9A-Za-z]{48}$/);
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(secret);
    await expect.poll(() => snippet(page, 'Sign in')).toContain(server.url);
    const begin = await snippet(page, 'Sign in');
    const redeem = await snippet(page, 'Get tokens');
    const renew = await snippet(page, 'Renew');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await page.waitForURL(`${server.url}/applications/${id}`);
    await page.getByRole('heading', { level: 1, name: 'Monthly reports' }).waitFor();
    await expect.poll(() => page.content()).not.toContain(secret);
    expect(JSON.stringify(await context.storageState()) + page.url()).not.toContain(secret);

    const [address = '', verifier = ''] = (await shell(`${begin}\necho "$VERIFIER"`)).trim().split('\n');
    await page.route(`${uri}**`, (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Reports</h1>' }));
    await page.goto(address);
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await page.waitForURL(`${uri}?**`);
    const code = new URL(page.url()).searchParams.get('code') ?? '';
    const given = JSON.parse(await shell(redeem.replace('code=CODE', `code=${code}`), { VERIFIER: verifier }));
    expect((await call(server, '/v1/check?permissions=read:funds', given.access_token)).status).toBe(200);
    const next = JSON.parse(await shell(renew.replace('REFRESH_TOKEN', given.refresh_token)));
    expect((await call(server, '/v1/check?permissions=read:funds', next.access_token)).status).toBe(200);
    await page.goto(`${server.url}/applications/${id}`);
    await page.getByText('1 person').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
  });

  test('that run in a browser or on a device have no secret, and need no address where they sign in by a code', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/applications');
    await openForm(page);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Television');
    await dialog.getByLabel('In a browser or on a device').check();
    await dialog.getByLabel('Sign people in with a browser').uncheck();
    await dialog.getByLabel('Sign people in by a code').check();
    await dialog.getByLabel('read:funds').check();
    await dialog.getByRole('button', { name: 'Register' }).click();
    await page.getByText('Television is registered.').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Television' }).waitFor();
    expect(await snippet(page, 'Ask for a code')).toContain(`${server.url}/oauth/device`);
    expect(await page.getByRole('tab', { name: 'Sign in', exact: true }).count()).toBe(0);
    await page.getByText('Stay signed in, Sign in by a code').waitFor();
    expect(await page.getByRole('button', { name: 'New secret' }).count()).toBe(0);
    const { items } = await server.core.listApplications(server.asOwner, { ...newest, search: 'television' });
    expect(items).toMatchObject([{ type: 'public', redirectUris: [], grants: ['refresh_token', deviceCode] }]);
  });

  test('that sign with a key of their own have no secret, and a secret gives way to keys', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedInAnew(server.owner, '/applications');
    const keys = JSON.stringify(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }));
    await openForm(page);
    const dialog = page.getByRole('dialog');
    const register = dialog.getByRole('button', { name: 'Register' });
    await dialog.getByLabel('Name', { exact: true }).fill('Signer');
    await dialog.getByLabel('On a server, with a key of its own').check();
    await dialog.getByLabel('Redirect URIs').fill(uri);
    await dialog.getByLabel('read:funds').check();
    await register.click();
    await dialog.getByText('Say where its keys are, or paste them.').waitFor();
    await dialog.getByLabel('Public keys').fill('-----BEGIN PUBLIC KEY-----');
    await register.click();
    await dialog.getByText('This is no https address, and no JSON with keys').waitFor();
    await dialog.getByLabel('Public keys').fill('{"kty":"EC","crv":"P-256"}');
    await register.click();
    await dialog.locator('textarea[name=keys][aria-invalid=true]').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByLabel('Public keys').fill(keys);
    await register.click();
    await page.getByRole('heading', { level: 1, name: 'Signer' }).waitFor();
    await page.getByText('1 key, written down here').waitFor();
    expect(await snippet(page, 'Get tokens')).toContain('client_assertion=$JWT');
    expect(await page.getByRole('button', { name: 'New secret' }).count()).toBe(0);

    const app = await registerWith(server, { name: 'Turning', permissions: ['read:funds'] });
    await page.goto(`${server.url}/applications/${app.id}`);
    await page.getByRole('button', { name: 'New secret' }).waitFor();
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await dialog.getByText('They take the place of its secret, at once.').waitFor();
    await dialog.getByLabel('Public keys').fill('https://turning.example/jwks.json');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await confirmed(page);
    await page.getByRole('definition').filter({ hasText: 'https://turning.example/jwks.json' }).waitFor();
    expect(await page.getByRole('button', { name: 'New secret' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await dialog.getByLabel('Name', { exact: true }).fill('Turned');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Turned' }).waitFor();
    expect(await server.core.readApplication(server.asOwner, app.id)).toMatchObject({
      jwksUri: 'https://turning.example/jwks.json',
    });
  });

  test('are found by name and address, and sorted', async () => {
    const { server } = fixture;
    const theirs = await server.addOrganization('finders');
    for (const [name, host] of [
      ['Beta', 'one.example'],
      ['alpha', 'two.example'],
    ] as const) {
      await register(server, { name, redirectUris: [`https://${host}/back`] }, theirs.owner.caller);
    }
    const { page } = await fixture.signedIn(theirs.owner, '/applications');
    const names = () => page.getByRole('table').getByRole('link').allTextContents();
    await page.getByRole('button', { name: 'Name' }).click();
    await expect.poll(names).toEqual(['alpha', 'Beta']);
    await page.getByRole('button', { name: 'Name' }).click();
    await expect.poll(names).toEqual(['Beta', 'alpha']);
    await page.getByLabel('Search by name or redirect URI').fill('ONE.');
    await expect.poll(names).toEqual(['Beta']);
    await page.getByLabel('Search by name or redirect URI').fill('nothing like it');
    await page.getByRole('button', { name: 'Clear search and filters' }).click();
    await expect.poll(names).toHaveLength(2);
  });

  test('are changed by nobody over another’s change, and say how many they stop acting for', async () => {
    const { server } = fixture;
    const app = await register(server, { name: 'Shared', permissions: ['read:funds', 'run:inference'] });
    await grantedTo(server, app);
    const { page } = await fixture.signedIn(server.owner, `/applications/${app.id}`);
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Change Shared' });
    await dialog.getByText('it stops acting for 1 person at once').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await dialog.getByLabel('Name', { exact: true }).fill('Mine');
    await server.core.updateApplication(server.admin.caller, app.id, { name: 'Theirs', permissions: ['read:funds'] });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Somebody else has changed this application while you were here.').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Theirs', includeHidden: true }).waitFor({ state: 'attached' });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Mine' }).waitFor();
    // What the other changed and this person did not stays.
    expect(await server.core.readApplication(server.asOwner, app.id)).toMatchObject({
      name: 'Mine',
      permissions: ['read:funds'],
    });
  });

  test('get another secret after the password, and the one before stops at once', async () => {
    const { server } = fixture;
    const app = await register(server, { name: 'Leaky' });
    const { refresh: token } = await grantedTo(server, app);
    const { page } = await fixture.signedInAnew(server.owner, `/applications/${app.id}`);
    await page.getByRole('button', { name: 'New secret' }).click();
    await page.getByRole('dialog', { name: 'Make a new secret for Leaky?' }).waitFor();
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    await confirmed(page);
    await page.getByRole('dialog', { name: 'The new secret' }).waitFor();
    const secret = (await page.getByRole('region', { name: 'Client secret', exact: true }).textContent()) ?? '';
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await expect.poll(() => page.content()).not.toContain(secret);
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('H1');
    expect((await refresh(server, app, token)).status).toBe(401);
    expect((await refresh(server, { ...app, secret }, token)).status).toBe(200);
  });

  test('are deactivated, activated and deleted after the people are counted, and end for them', async () => {
    const { server } = fixture;
    const app = await register(server, { name: 'Ending' });
    const { access } = await grantedTo(server, app);
    const { page } = await fixture.signedIn(server.owner, '/applications');
    await page.getByRole('link', { name: 'Ending' }).waitFor();
    // Since the list was loaded somebody else has let it act.
    await grantedTo(server, app, {}, await signedIn(server, server.admin));
    await act(page, 'Ending', 'Deactivate');
    await page.getByRole('dialog').getByText('It stops acting for 2 people at once').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
    await page.getByText('The application is deactivated.').waitFor();
    expect((await call(server, '/v1/check', access)).status).toBe(401);
    await act(page, 'Ending', 'Activate');
    await page.getByText('The application is active again.').waitFor();

    await page.getByRole('link', { name: 'Ending' }).click();
    await page.getByRole('heading', { level: 1, name: 'Ending' }).waitFor();
    await act(page, 'Ending', 'Delete');
    await page.getByRole('dialog').getByText('It signs 2 people out of it at once').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The application is deleted.').waitFor();
    await page.waitForURL(`${server.url}/applications`);
    await expect.poll(() => page.getByRole('link', { name: 'Ending' }).count()).toBe(0);
    await page.goto(`${server.url}/applications/${app.id}`);
    await page.getByRole('heading', { name: 'This application is not there' }).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByRole('link', { name: 'To the list of applications' }).click();
    await page.getByRole('heading', { level: 1, name: 'Applications' }).waitFor();
  });

  test('that a second admin has deleted meanwhile are said to be gone', async () => {
    const { server } = fixture;
    const app = await register(server, { name: 'Short-lived' });
    const { page } = await fixture.signedIn(server.owner, '/applications');
    await act(page, 'Short-lived', 'Deactivate');
    await server.core.deleteApplication(server.admin.caller, app.id);
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
    await page.getByText('Somebody else has deleted this application meanwhile.').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('link', { name: 'Short-lived' }).count()).toBe(0);
  });
});

onDatabase('sqlite', 'applications in the portal', (fixture) => {
  test('lose nothing that was typed while the network is gone, and are registered once', async () => {
    const { server } = fixture;
    const { page, context } = await fixture.signedIn(server.owner, '/applications');
    fixture.tolerate(/ERR_|Failed to fetch|net::/);
    await openForm(page);
    await page.getByLabel('Name', { exact: true }).fill('patient');
    await page.getByLabel('Redirect URIs').fill(uri);
    await page.getByLabel('read:funds').check();
    await context.setOffline(true);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByText('The server could not be reached. Nothing is lost').waitFor();
    expect(await page.getByLabel('Redirect URIs').inputValue()).toBe(uri);
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await page.getByRole('heading', { level: 1, name: 'patient' }).waitFor();
    const { items } = await server.core.listApplications(server.asOwner, { ...newest, search: 'patient' });
    expect(items).toHaveLength(1);
  });

  test('are seen and not changed by whoever may only see them, and hidden from whoever may not', async () => {
    const { server } = fixture;
    const app = await register(server, { name: 'Visible' });
    const { page } = await fixture.signedIn(await newPerson('viewer'), '/applications');
    await page.getByRole('link', { name: 'Visible' }).waitFor();
    expect(await page.getByRole('button', { name: 'Register application' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Actions for Visible' }).click();
    await expect.poll(() => page.getByRole('menuitem').allTextContents()).toEqual(['Who lets it act']);
    await page.goto(`${server.url}/applications/${app.id}`);
    await page.getByRole('heading', { level: 1, name: 'Visible' }).waitFor();
    await settled(page);
    for (const name of ['Change', 'New secret', 'Deactivate', 'Actions for Visible']) {
      expect(await page.getByRole('button', { name, exact: true }).count()).toBe(0);
    }
    const member = await fixture.signedIn(server.member, '/applications');
    await member.page.getByRole('heading', { name: 'You may not see this page' }).waitFor();
    expect(await member.page.getByRole('link', { name: 'Applications' }).count()).toBe(0);
  });

  test('take texts for texts in every field and place [S88]', async () => {
    const { server } = fixture;
    const ids: string[] = [];
    for (const [index, text] of payloads.slice(0, 8).entries()) {
      const name = `${index} ${text}`.slice(0, 64);
      ids.push((await register(server, { name, redirectUris: [`https://x.example/?a='$(id)${index}`] })).id);
    }
    const { page } = await fixture.signedIn(server.owner, '/applications');
    await page.getByRole('link', { name: '0 <img src=x' }).waitFor();
    await expectHarmless(page);
    await openForm(page);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill(payloads[0] ?? '');
    await dialog.getByLabel('Redirect URIs').fill(payloads.slice(0, 4).join('\n'));
    await dialog.getByLabel('Logo').fill('javascript:window.harmed=1');
    await dialog.getByLabel('read:funds').check();
    await dialog.getByRole('button', { name: 'Register' }).click();
    await dialog.locator('[aria-invalid="true"]').first().waitFor();
    await expectHarmless(page);
    await page.keyboard.press('Escape');
    await page.goto(`${server.url}/applications/${ids[0]}`);
    await page.getByRole('heading', { level: 1, name: '0 <img src=x' }).waitFor();
    await expectHarmless(page);
    const begin = await snippet(page, 'Sign in');
    expect(await shell(begin)).toContain(`redirect_uri=${encodeURIComponent('https://x.example/?a=')}%27%24%28id%290`);
    await act(page, `0 ${payloads[0]}`, 'Delete');
    await page.getByRole('dialog', { name: /^Delete 0 <img/ }).waitFor();
    await expectHarmless(page);
  });

  test('can be registered by keyboard alone, and closing the form leads back to its button', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/applications');
    const button = page.getByRole('button', { name: 'Register application' }).first();
    await button.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('document.activeElement.name')).toBe('name');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Register application');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('document.activeElement.name')).toBe('name');
    await page.keyboard.type('by hand');
    await tabTo(page, 'Redirect URIs');
    await page.keyboard.type(uri);
    await tabTo(page, 'read:funds');
    await page.keyboard.press('Space');
    await tabTo(page, 'Register');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'The new application' }).waitFor();
    await tabTo(page, 'I have saved it');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'by hand' }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('H1');
  });

  test('fit a phone: list, form, secret and page', async () => {
    const { server } = fixture;
    const long = `https://x.example/${'long/'.repeat(60)}`;
    await register(server, { name: 'N'.repeat(60), redirectUris: [long, 'com.example.app:/callback'] });
    const { page } = await fixture.signedIn(server.owner, '/applications', { viewport: phone });
    await page.getByRole('link', { name: 'NNN' }).waitFor();
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
    await openForm(page);
    await page.getByLabel('Name', { exact: true }).fill('small');
    await page.getByLabel('Redirect URIs').fill(long);
    await page.getByLabel('read:funds').check();
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByRole('dialog', { name: 'The new application' }).waitFor();
    await expect.poll(() => sideways(page)).toBe(0);
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await page.getByRole('heading', { level: 1, name: 'small' }).waitFor();
    await settled(page);
    await expect.poll(() => sideways(page)).toBe(0);
    expect(await axeInBoth(page)).toEqual([]);
  });

  test('of a customer are registered there, for its own people', async () => {
    const { server } = fixture;
    const hooli = await server.addOrganization('hooli');
    await register(server, { name: 'Our own' });
    const { page } = await fixture.signedIn(server.owner, `/applications?organization=${hooli.id}`);
    await page.getByRole('heading', { name: 'No applications yet' }).waitFor();
    expect(await page.getByText('What people allow').count()).toBe(0);
    await openForm(page);
    await page.getByLabel('Name', { exact: true }).fill('Theirs');
    await page.getByLabel('Redirect URIs').fill(uri);
    await page.getByLabel('read:funds').check();
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await page.getByRole('heading', { level: 1, name: 'Theirs' }).waitFor();
    expect(new URL(page.url()).searchParams.get('organization')).toBe(hooli.id);
    const { items } = await server.core.listApplications(hooli.owner.caller, newest);
    expect(items.map(({ name }) => name)).toEqual(['Theirs']);
  });

  async function newPerson(role: string): Promise<Person> {
    const { server } = fixture;
    const email = `${role}@acme.example`;
    const { user, password } = await server.core.createUser(systemIn(server.organization), { email, name: role, role });
    return { id: user.id, email, password, caller: await server.callerFor({ type: 'user', id: user.id }) };
  }
});

const newest = { sort: 'createdAt', descending: true, limit: 25 } as const;

async function tabTo(page: Page, name: string): Promise<void> {
  const here = `(() => { const it = document.activeElement; return it.getAttribute('aria-label') ?? it.labels?.[0]?.textContent ?? it.textContent ?? ''; })()`;
  for (let presses = 0; presses < 120; presses += 1) {
    await page.keyboard.press('Tab');
    if (String(await page.evaluate(here)) === name) return;
  }
  throw new Error(`The keyboard does not reach ${name}.`);
}
