// Letting an application act for one, in a real browser: from the application, through signing in, to the question, and
// back; and what is allowed, seen and ended in one's account.

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { pkce, redeem, register, requestOf, type TestApplication } from '../wire/oauth2/application-flow.ts';
import { startClientHost } from '../wire/oauth2/client-host.ts';
import { call } from '../wire/oauth2/clients.ts';
import { axeInBoth, phone, settled, sideways } from './browser.ts';
import { onDatabase } from './fixture.ts';

const back = 'https://reports.example/callback';

onDatabase('sqlite', 'letting an application act', (fixture) => {
  let challenge = pkce();

  /** The application's own page is there wherever its host leads. */
  async function begin(page: Page, application: TestApplication, others: Record<string, string> = {}): Promise<void> {
    challenge = pkce();
    await page.route(`${back}**`, (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Reports</h1>' }));
    await page.goto(`${fixture.server.url}/oauth/authorize?${requestOf(application, challenge.challenge, others)}`);
  }

  async function arrivedWith(page: Page): Promise<URLSearchParams> {
    await page.waitForURL(`${back}?**`);
    return new URL(page.url()).searchParams;
  }

  const newApplication = async (name: string, wanted: Parameters<typeof register>[1] = {}) => {
    const { core, store, asOwner } = fixture.server;
    if ((await store.permissions.find('read:reports')) === null) {
      await core.registerPermission(asOwner, { name: 'read:reports', description: 'Read all reports.' });
      await core.registerPermission(asOwner, { name: 'write:reports', description: 'Write reports.' });
    }
    return register(fixture.server, { name, permissions: ['read:reports', 'read:*', 'write:*'], ...wanted });
  };
  const scope = { scope: 'read:reports write:*' };

  test('asks whoever comes to sign in first, tells who wants what, and leads back with a code', async () => {
    const app = await newApplication('Monthly <b>reports</b>');
    const { page } = await fixture.open();
    await begin(page, app, scope);
    await page.waitForURL(/\/sign-in\?to=/);
    await page.getByLabel('E-mail').fill(fixture.server.owner.email);
    await page.getByLabel('Password', { exact: true }).fill(fixture.server.owner.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Let Monthly <b>reports</b> act for you?' }).waitFor();
    for (const text of ['Read all reports.', '“write” with everything', 'reports.example', 'An application of acme.']) {
      await page.getByText(text).first().waitFor();
    }
    await page.getByText(`You are signed in as ${fixture.server.owner.email} of acme.`).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.setViewportSize(phone);
    await expect.poll(() => sideways(page)).toBe(0);
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    const given = await arrivedWith(page);
    expect(given.get('state')).toBe('a state');
    const code = given.get('code') ?? '';
    const { body } = await redeem(fixture.server, app, { code, verifier: challenge.verifier });
    expect((await call(fixture.server, '/v1/check?permissions=read:reports', body.access_token)).status).toBe(200);
  });

  test('leads back without a code where it is not allowed', async () => {
    const app = await newApplication('Nosy');
    const { page } = await fixture.signedIn(fixture.server.owner);
    await begin(page, app, scope);
    await page.getByRole('button', { name: 'Do not allow' }).click();
    const given = await arrivedWith(page);
    expect([given.get('error'), given.has('code')]).toEqual(['access_denied', false]);
  });

  test('asks nobody again for what they allowed, and for what is new alone', async () => {
    const app = await newApplication('Calendar');
    const { page } = await fixture.signedIn(fixture.server.owner);
    await begin(page, app, { scope: 'read:reports' });
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    expect((await arrivedWith(page)).has('code')).toBe(true);
    await begin(page, app, { scope: 'read:reports' });
    expect((await arrivedWith(page)).has('code')).toBe(true);
    await begin(page, app, scope);
    await page.getByText('new', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    expect((await arrivedWith(page)).has('code')).toBe(true);
  });

  test('asks again where any program could have the answer, though nothing is new', async () => {
    const app = await newApplication('Tool', { type: 'public', redirectUris: ['http://127.0.0.1/callback'] });
    const uri = 'http://127.0.0.1:51999/callback';
    const { page } = await fixture.signedIn(fixture.server.owner);
    await page.route(`${uri}**`, (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Tool</h1>' }));
    for (const button of ['Allow', 'Continue']) {
      await begin(page, app, { ...scope, redirect_uri: uri });
      await page.getByText('127.0.0.1:51999').waitFor();
      await page.getByRole('button', { name: button, exact: true }).click();
      await page.waitForURL(`${uri}?**`);
    }
  });

  test('asks for the password where it is everything, and leaves whoever does not say it with the question [S89]', async () => {
    const app = await newApplication('Everything', { permissions: ['*:*'] });
    fixture.tolerate(/403/);
    const { page } = await fixture.signedInAnew(fixture.server.owner);
    const dialog = page.getByRole('dialog', { name: 'Confirm it is you' });
    for (const [button, isFirst] of [
      ['Allow', true],
      ['Continue', false],
    ] as const) {
      await begin(page, app, { scope: '*:*' });
      await page.getByText('Everything that you may do').waitFor();
      await page.getByRole('button', { name: button, exact: true }).click();
      if (isFirst) {
        await dialog.getByRole('button', { name: 'Cancel' }).click();
        await page.getByRole('button', { name: button, exact: true }).click();
        await dialog.getByLabel('Your password').fill(fixture.server.owner.password);
        await dialog.getByRole('button', { name: 'Confirm' }).click();
      }
      expect((await arrivedWith(page)).has('code')).toBe(true);
    }
  });

  test('allows what it showed, though the application has come to ask for more', async () => {
    const app = await newApplication('Growing', { permissions: ['read:reports'] });
    const { page } = await fixture.signedIn(fixture.server.owner);
    await page.route(`${back}**`, (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Reports</h1>' }));
    challenge = pkce();
    const parameters = requestOf(app, challenge.challenge, { scope: undefined });
    await page.goto(`${fixture.server.url}/oauth/authorize?${parameters}`);
    const allow = page.getByRole('button', { name: 'Allow', exact: true });
    await allow.waitFor();
    const { core, asOwner } = fixture.server;
    await core.updateApplication(asOwner, app.id, { permissions: ['read:reports', 'write:reports'] });
    await allow.click();
    const code = (await arrivedWith(page)).get('code') ?? '';
    const { body } = await redeem(fixture.server, app, { code, verifier: challenge.verifier });
    expect(body.scope).toBe('read:reports');
  });

  test('tells whoever may do none of it so, and of a request that was altered that it cannot be asked', async () => {
    const app = await newApplication('Pointless', { permissions: ['write:*'] });
    const { page } = await fixture.signedIn(fixture.server.member);
    await begin(page, app, { scope: 'write:*' });
    await page.getByText('It asks for nothing that you may do yourself').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByRole('button', { name: 'Back to the application' }).click();
    expect((await arrivedWith(page)).get('error')).toBe('access_denied');
    await page.goto(`${fixture.server.url}/consent?request=altered`);
    await page.getByRole('heading', { name: 'This cannot be asked' }).waitFor();
    await settled(page);
    expect(await axeInBoth(page)).toEqual([]);
  });

  test('shows in the account what was allowed, and ends it there', async () => {
    const app = await newApplication('Diary');
    const { page } = await fixture.signedIn(fixture.server.admin);
    await begin(page, app, scope);
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    const code = (await arrivedWith(page)).get('code') ?? '';
    const { body } = await redeem(fixture.server, app, { code, verifier: challenge.verifier });
    await page.goto(`${fixture.server.url}/account`);
    await page.getByText('An application that acts for you').waitFor();
    await page.getByText('read:reports write:*').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByRole('button', { name: 'End what Diary may do for you' }).click();
    await page.getByText('No application acts for you.').waitFor();
    expect((await call(fixture.server, '/v1/check', body.access_token)).status).toBe(401);
  });

  test('asks for the command line of Debricked as for any other, and leads back to a port of the person’s own machine', async () => {
    const { core, asOwner } = fixture.server;
    await core.createRole(asOwner, { name: 'scanner', permissions: ['access:api', 'read:*'] });
    const made = await core.createUser(asOwner, { email: 'scans@acme.example', name: 'Scans', role: 'scanner' });
    const uri = 'http://localhost:9096/callback';
    const tool = { id: '01919462-7d6e-78e8-aa24-ba779213c90f', secret: null, redirectUri: uri };
    const { id, email } = made.user;
    const caller = await fixture.server.callerFor({ type: 'user', id });
    const { page } = await fixture.signedIn({ id, email, password: made.password, caller });
    await page.route(`${uri}**`, (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Done</h1>' }));
    for (const button of ['Do not allow', 'Allow', 'Continue']) {
      challenge = pkce();
      const asked = requestOf(tool, challenge.challenge, { scope: 'select profile basicRepo fullApi' });
      await page.goto(`${fixture.server.url}/app/oauth/authorize?${asked}`);
      await page.getByRole('heading', { level: 1, name: 'Let Debricked CLI act for you?' }).waitFor();
      await page.getByText('localhost:9096').first().waitFor();
      // What they may do themselves, not all that it asks for.
      await page.getByText('“read” with everything').waitFor();
      expect(await page.getByText('Everything that you may do').count()).toBe(0);
      if (button === 'Do not allow') expect(await axeInBoth(page)).toEqual([]);
      await page.getByRole('button', { name: button, exact: true }).click();
      await page.waitForURL(`${uri}?**`);
      const given = new URL(page.url()).searchParams;
      expect([given.get('state'), given.get('error')]).toEqual([
        'a state',
        button === 'Do not allow' ? 'access_denied' : null,
      ]);
      if (button === 'Do not allow') continue;
      const answer = await fetch(`${fixture.server.url}/app/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          client_id: tool.id,
          code: given.get('code') ?? '',
          redirect_uri: uri,
          code_verifier: challenge.verifier,
        }),
      });
      const { access_token: token } = (await answer.json()) as { access_token: string };
      expect((await call(fixture.server, '/v1/check?permissions=access:api,read:reports', token)).status).toBe(200);
    }
    await page.goto(`${fixture.server.url}/account`);
    await page.getByText('Debricked CLI').first().waitFor();
  });

  test('says of a client that nobody registered where it is from, before what it calls itself, and never looks at its logo', async () => {
    const host = await startClientHost();
    try {
      await fixture.server.restart({
        outbound: host.outbound,
        clientMetadata: { hosts: [host.host], permissions: ['read:*'] },
      });
      const client = host.client('/client.json', {
        client_name: 'Your Bank',
        redirect_uris: [back],
        logo_uri: `${host.url}/logo.png`,
      });
      const { page } = await fixture.signedInAnew(fixture.server.owner);
      for (const button of ['Allow', 'Continue']) {
        await begin(page, client, { scope: 'read:reports' });
        await page.getByRole('heading', { level: 1, name: `Let ${host.host} act for you?` }).waitFor();
        await page.getByText('Nobody here has registered it.').waitFor();
        await page.getByText('It calls itself “Your Bank”, which anybody could.').waitFor();
        if (button === 'Allow') expect(await axeInBoth(page)).toEqual([]);
        await page.getByRole('button', { name: button, exact: true }).click();
        expect((await arrivedWith(page)).has('code')).toBe(true);
      }
      await page.goto(`${fixture.server.url}/account`);
      await page.getByText(`Of ${host.host}, at default`).waitFor();
      await page.goto(`${fixture.server.url}/applications`);
      await page.getByText(host.host).first().waitFor();
      await page.getByRole('link', { name: 'Your Bank' }).click();
      await page.getByText(client.id).waitFor();
      expect(await axeInBoth(page)).toEqual([]);
      expect(host.asked).toEqual(['/client.json']);
    } finally {
      await host.stop();
    }
  });
});
