// The program as it is shipped: built, started in a process of its own, on either database, and used in a browser from
// signing in to a first call. What each page does is for the other tests.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { type Demo, startDemo } from '../end-to-end/program.ts';
import { sharedPostgres } from '../postgres.ts';
import { axeInBoth, type PortalBrowser, startBrowser } from './browser.ts';

describe.each(['sqlite', 'postgres'] as const)('the built program on %s', (database) => {
  let program: Demo;
  let browser: PortalBrowser;
  beforeAll(async () => {
    const environment =
      database === 'sqlite'
        ? {}
        : {
            KEYWARD_DATABASE: await (await sharedPostgres()).createDatabase(),
            KEYWARD_SECRETS: generateSealingKeys(),
          };
    [program, browser] = await Promise.all([startDemo({ environment }), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await program?.kill();
  });

  test('lets its owner sign in, make a token and call with it', async () => {
    const { page, faults, close } = await browser.open();
    const { owner } = program.demo;
    await page.goto(program.url);
    await page.getByLabel('E-mail').fill(owner.email);
    await page.getByLabel('Password', { exact: true }).fill(owner.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'API tokens' }).first().click();
    await page.getByRole('button', { name: 'Create token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('From the portal');
    await dialog.getByRole('checkbox', { name: /read:funds/ }).check();
    await dialog.getByRole('button', { name: 'Generate' }).click();
    await page.getByText('Your new API token').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    const secret = /kw_\w{22}_\w{36}/.exec((await dialog.textContent()) ?? '')?.[0] ?? '';
    const headers = { authorization: `Bearer ${secret}` };
    const answer = await fetch(program.url + program.demo.parsers.guardedPath, { headers });
    expect(answer.status).toBe(200);
    expect(program.output()).not.toContain(secret);
    expect(faults()).toEqual([]);
    await close();
  });
});
