// Signing in as people do it: in a browser, with typing errors, with a second factor, by links from elsewhere.

import { TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { axeInBoth, phone } from './browser.ts';
import { onDatabase } from './fixture.ts';

onDatabase('postgres', 'signing in', (fixture) => {
  test('leads back to where one wanted to go', async () => {
    const { page } = await fixture.open();
    await page.goto(`${fixture.server.url}/account?x=1`);
    await page.waitForURL(/\/sign-in\?to=/);
    await page.getByLabel('E-mail').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByLabel('E-mail').fill(fixture.server.owner.email);
    await page.getByLabel('Password', { exact: true }).fill(fixture.server.owner.password);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${fixture.server.url}/account?x=1`);
    await page.getByRole('heading', { level: 1, name: 'Your account' }).waitFor();
  });

  test('asks for no session where none came with the page, so that a first visit leaves no error behind', async () => {
    const { page } = await fixture.open();
    const refused: string[] = [];
    page.on('response', (answer) => {
      if (answer.status() >= 400) refused.push(answer.url());
    });
    await page.goto(fixture.server.url);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.waitForLoadState('networkidle');
    expect(refused).toEqual([]);
  });

  test('says the same of a wrong password and of an e-mail that nobody has [S88]', async () => {
    const { page } = await fixture.open();
    await page.goto(`${fixture.server.url}/sign-in`);
    const said: (string | null)[] = [];
    for (const email of [fixture.server.owner.email, 'nobody@nowhere.example']) {
      await page.getByLabel('E-mail').fill(email);
      await page.getByLabel('Password', { exact: true }).fill('wrong, and long enough');
      await Promise.all([
        page.waitForResponse((response) => response.request().method() === 'POST'),
        page.getByRole('button', { name: 'Sign in' }).click(),
      ]);
      const alert = page.getByRole('alert').filter({ hasText: 'is wrong' });
      await alert.waitFor();
      said.push(await alert.textContent());
      expect(await page.getByLabel('E-mail').inputValue()).toBe(email);
    }
    expect(said[0]).toBe(said[1]);
    expect(await axeInBoth(page)).toEqual([]);
  });

  test('names what is left empty, at the field, and sends nothing', async () => {
    const { page } = await fixture.open({ viewport: phone });
    await page.goto(`${fixture.server.url}/sign-in`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect.poll(() => page.locator('[aria-invalid=true]').count()).toBe(2);
    await expect.poll(() => page.evaluate('document.activeElement.name')).toBe('email');
    expect(await axeInBoth(page)).toEqual([]);
  });

  test.each(['//evil.example/x', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)', '/\t/evil.example'])(
    'never leads to %j afterwards [S73, S88]',
    async (to) => {
      const { page } = await fixture.open();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(new URL(request.url()).host));
      await page.goto(`${fixture.server.url}/sign-in?${new URLSearchParams({ to })}`);
      await page.getByLabel('E-mail').fill(fixture.server.member.email);
      await page.getByLabel('Password', { exact: true }).fill(fixture.server.member.password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: /^Hello/ }).waitFor();
      expect(page.url()).toBe(`${fixture.server.url}/`);
      expect([...new Set(asked)]).toEqual([new URL(fixture.server.url).host]);
    },
  );

  test('asks for the code of a second factor, and takes a recovery code for it', async () => {
    const { server } = fixture;
    const made = await server.core.createUser(systemIn(server.organization), {
      email: 'factor@acme.example',
      name: 'Fay Factor',
      role: 'member',
    });
    const caller = await server.callerFor({ type: 'user', id: made.user.id });
    const { secret } = await server.core.prepareSecondFactor(caller, made.password);
    const totp = new TOTP({ secret });
    const code = () => totp.generate({ timestamp: server.clock.now() });
    const { recoveryCodes } = await server.core.confirmSecondFactor(caller, code());

    const { page } = await fixture.open();
    const enter = async (text: string) => {
      await page.getByLabel('Code').fill(text);
      await page.getByRole('button', { name: 'Continue' }).click();
    };
    const begin = async () => {
      await page.goto(`${server.url}/sign-in`);
      await page.getByLabel('E-mail').fill('factor@acme.example');
      await page.getByLabel('Password', { exact: true }).fill(made.password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Second factor' }).waitFor();
    };
    await begin();
    expect(await axeInBoth(page)).toEqual([]);
    await enter(code());
    await page.getByText('This code was not accepted').waitFor();
    server.clock.advance(31_000);
    await enter(code());
    await page.getByRole('heading', { name: 'Hello, Fay Factor' }).waitFor();

    await page.context().clearCookies();
    await begin();
    await enter(recoveryCodes[0] ?? '');
    await page.getByRole('heading', { name: 'Hello, Fay Factor' }).waitFor();
  });

  test('hands out a cookie that no script sees, and a new one each time [S85, S88]', async () => {
    const { page, context } = await fixture.signedInAnew(fixture.server.owner);
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({
      name: '__Host-keyward',
      secure: true,
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      domain: '127.0.0.1',
    });
    expect(Buffer.from(cookie?.value ?? '', 'base64url').length).toBeGreaterThanOrEqual(16);
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.goto(`${fixture.server.url}/sign-in`);
    await page.getByLabel('E-mail').fill(fixture.server.owner.email);
    await page.getByLabel('Password', { exact: true }).fill(fixture.server.owner.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: /^Hello/ }).waitFor();
    const [renewed] = await context.cookies();
    expect(renewed?.value).not.toBe(cookie?.value);
    const old = { cookie: `__Host-keyward=${cookie?.value}` };
    expect((await fetch(`${fixture.server.url}/v1/session`, { headers: old })).status).toBe(401);
  });
});
