// Get started: its snippets are run as they stand, and the call that they make is seen to arrive.

import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Credential, snippetsOf, type Way, waysOf } from '../../portal/src/pages/get-started/ways.ts';
import { startServer, type TestServer } from '../server.ts';
import { axeInBoth, phone } from './browser.ts';
import { onDatabase } from './fixture.ts';

const run = promisify(execFile);
const allOn = { native: true, debricked: true, parsers: true, versio: true, rebelcore: true };

/** Runs a snippet as it would be pasted; answers what it prints. */
async function pasted(id: string, text: string): Promise<string> {
  const [command, args] =
    id === 'curl' ? ['bash', ['-c', text]] : [process.execPath, ['--input-type=module', '-e', text]];
  return (await run(command as string, args as string[], { timeout: 120_000 })).stdout;
}

describe('the snippets', () => {
  let server: TestServer;
  const credentials: Partial<Record<Way['kind'], Credential>> = {};
  beforeAll(async () => {
    server = await startServer({ database: 'sqlite' });
    const { secret } = await server.core.createApiToken(server.asOwner, { name: 'ci', permissions: ['read:plan'] });
    credentials.api_token = { secret, username: '' };
    const { apiUser, password } = await server.core.createApiUser(server.asOwner, { name: 'machine', role: 'viewer' });
    credentials.api_user = { secret: password, username: apiUser.username };
  });
  afterAll(() => server?.stop());

  const { own, others } = waysOf(allOn);
  test.each([...own, ...others])('of $id work in curl and in Node as they are copied', async (way) => {
    const credential = credentials[way.kind];
    if (credential === undefined) throw new Error('There is no such credential.');
    for (const { id, text } of snippetsOf(way, server.url, credential)) {
      if (id !== 'curl' && id !== 'node') continue;
      expect(await pasted(id, text), text).toContain('200');
    }
  });

  test('are of the dialects that are on, and of no others', () => {
    expect(waysOf({ native: true, parsers: true, versio: false }).others.map(({ id }) => id)).toEqual(['parsers']);
  });
});

onDatabase('sqlite', 'Get started', (fixture) => {
  test('offers every call as a Postman collection, its environment and an OpenAPI document', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/get-started');
    for (const [name, member] of [
      ['Postman collection', 'item'],
      ['Postman environment', 'values'],
      ['OpenAPI document', 'paths'],
    ] as const) {
      const href = await page.getByRole('link', { name }).getAttribute('href');
      expect(await (await fetch(server.url + href)).json(), name).toHaveProperty(member);
    }
  });

  test('leads to the reference of the API', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner, '/get-started');
    const opened = page.waitForEvent('popup');
    await page.getByRole('link', { name: 'API reference' }).click();
    const reference = await opened;
    await reference.getByRole('heading', { level: 1, name: 'API reference' }).waitFor();
    expect(reference.url()).toBe(`${fixture.server.url}/docs`);
  });

  test('takes a new token over from its dialog, and sees its first call arrive', async () => {
    const { server } = fixture;
    const { page, context } = await fixture.signedIn(server.owner, '/get-started');
    await page.getByRole('link', { name: 'Create an API token' }).click();
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('first light');
    await page.getByLabel('Search permissions').fill('read:plan');
    await page.getByLabel('read:plan').check();
    await page.getByRole('button', { name: 'Generate' }).click();
    await page.getByRole('button', { name: /Get started/ }).click();
    await page.getByText('The snippets below hold your new credential first light.').waitFor();
    await page.getByText('Waiting for your first call').waitFor();
    expect(await axeInBoth(page)).toEqual([]);

    const curl = (await page.getByRole('region', { name: 'curl' }).textContent()) ?? '';
    const secret = /kw_\w+/.exec(curl)?.[0] ?? '';
    expect(secret).not.toBe('');
    expect(JSON.stringify(await context.storageState()) + page.url()).not.toContain(secret);
    expect(await pasted('curl', curl)).toContain('200 OK');
    await page.getByText('Your first call with first light has arrived.').waitFor();
    await page.getByText(/From 127\.0\.0\.1 · curl/).waitFor();
    expect(await axeInBoth(page)).toEqual([]);

    await page.reload();
    await expect.poll(() => page.getByRole('region', { name: 'curl' }).textContent()).toContain('YOUR_SECRET');
    await expect.poll(() => page.content()).not.toContain(secret);
  });

  test('fills the snippets with what is pasted, whichever way is chosen, and keeps it out of the address', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.member, '/get-started', { viewport: phone });
    await page.getByLabel('API token', { exact: true }).fill('kw_pasted');
    const shown = (label: string) => page.getByRole('region', { name: label }).textContent();
    await expect.poll(() => shown('curl')).toContain(`curl -i ${server.url}/v1/check`);
    await expect.poll(() => shown('curl')).toContain('Bearer kw_pasted');
    await page.getByLabel('Parsers').check();
    await expect.poll(() => shown('curl')).toContain(`-u 'kw_pasted:'`);
    await page.getByRole('tab', { name: 'Python' }).click();
    await expect.poll(() => shown('Python')).toContain('auth=("kw_pasted", "")');
    await expect.poll(() => page.url()).toBe(`${server.url}/get-started?way=parsers`);
    await page.getByLabel('API token', { exact: true }).fill(`x'; rm -rf ~ #`);
    await page.getByText('This has characters that no credential of this server has.').waitFor();
    await expect.poll(() => shown('Python')).toContain('YOUR_SECRET');
    await page.getByRole('radio', { name: /^A username and a password/ }).check();
    await page.getByText('You may not create one yourself.').first().waitFor();
  });

  test('says why when the call that arrives is refused', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/tokens?new=1');
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('exchange me');
    await page.getByLabel('Search permissions').fill('read:plan');
    await page.getByLabel('read:plan').check();
    await page.getByRole('button', { name: /^More options/ }).click();
    await page.getByLabel('Only to fetch access tokens').check();
    await page.getByRole('button', { name: 'Generate' }).click();
    await page.getByRole('button', { name: /Get started/ }).click();
    const curl = () => page.getByRole('region', { name: 'curl' }).textContent();
    await expect.poll(curl).toContain('/v1/access-tokens');
    await page.getByRole('radio', { name: /^An API token on each call/ }).check();
    await expect.poll(curl).toContain('/v1/check');
    await pasted('curl', (await curl()) ?? '');
    await page.getByText('A call arrived, but was refused').waitFor();
    await page.getByText(/The token may only be exchanged/).waitFor();
    expect(await axeInBoth(page)).toEqual([]);
  });
});
