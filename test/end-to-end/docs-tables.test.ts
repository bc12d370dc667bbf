// The tables of the pages for operators, held against the program: a setting, a field, a header or a status that the
// page and the program tell differently is a fault of one of them.

import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProgram } from '../../server/src/cli/program.ts';
import { realTerminal } from '../../server/src/cli/terminal/terminal.ts';
import { listenUrl, loadConfig, type Setting, settings } from '../../server/src/config/config.ts';
import { corsFields } from '../../server/src/config/cors.ts';
import { routeFields } from '../../server/src/config/route.ts';
import { dialectNames } from '../../server/src/dialects/dialect.ts';
import { identityHeaders } from '../../server/src/dialects/identity-headers.ts';
import { blocksIn, readPage, sectionOf, tableIn } from './docs-page.ts';
import { type Demo, startDemo } from './program.ts';
import { freshPlace, root } from './run.ts';

const operating = readPage('docs/operating.md');
const guarding = readPage('docs/guarding.md');

describe('every page', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
    ...globSync('docs/**/*.md', { cwd: root }),
  ];

  test.each(pages)('%s has no link that leads nowhere', (page) => {
    const links = [...readPage(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
    for (const [link, path = '', anchor] of links) {
      const target = path === '' ? page : join(dirname(page), path);
      expect([link, existsSync(join(root, target))]).toEqual([link, true]);
      if (anchor !== undefined)
        expect([link, anchorsIn(readPage(target))]).toEqual([link, expect.arrayContaining([anchor])]);
    }
  });
});

/** As GitHub makes them of headings. */
function anchorsIn(page: string): string[] {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase());
  return headings.map((heading) => heading.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));
}

describe('docs/operating.md', () => {
  test('lists every setting, and every way to set it', () => {
    const rows = Object.entries<Setting>(settings).map(([key, { env, flag, environmentOnly }]) => [
      environmentOnly ? '–' : key,
      env ?? '–',
      flag?.split(' ')[0] ?? '–',
    ]);
    expect(tableIn(sectionOf(operating, '## Settings')).map((row) => row.slice(0, 3))).toEqual(rows);
  });

  test('tells the defaults as they are', () => {
    const told = Object.fromEntries(
      tableIn(sectionOf(operating, '## Settings')).map(([key, , , value]) => [key, value]),
    );
    const { host, port, data, apiUserDomain, logLevel } = settings;
    const plain = { host, port, data, apiUserDomain, logLevel };
    for (const [key, { fallback }] of Object.entries(plain)) expect([key, told[key]]).toEqual([key, String(fallback)]);
    expect(listenUrl({ host: settings.host.fallback, tls: null }, settings.port.fallback)).toBe(
      'http://127.0.0.1:8080',
    );
  });
});

describe('docs/command-line.md', () => {
  test('lists every command and its verbs', () => {
    const commands = createProgram(realTerminal()).commands.filter((command) => !command.name().startsWith('_'));
    const rows = commands.map((command) => [
      command.name(),
      command.commands.map((verb) => verb.name()).join(', ') || '–',
    ]);
    const page = readPage('docs/command-line.md');
    expect(tableIn(sectionOf(page, '## All commands')).map((row) => row.slice(0, 2))).toEqual(rows);
  });
});

describe('docs/guarding.md', () => {
  test('lists every field of a route', () => {
    const listed = tableIn(sectionOf(guarding, '## What a route says')).map(([field]) => field);
    expect(listed.sort()).toEqual([...routeFields].sort());
  });

  test('lists every field of its CORS policy', () => {
    const listed = tableIn(sectionOf(guarding, '## Calls from web pages')).map(([field]) => field);
    expect(listed).toEqual(corsFields);
  });

  test('lists every header that an upstream may believe', () => {
    const listed = tableIn(sectionOf(guarding, '## What your API gets')).map(([header = '']) => header.toLowerCase());
    const forwarded = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'];
    expect(listed).toEqual([...Object.keys(identityHeaders(undefined)), ...forwarded]);
  });

  test('has no example of settings that the program would refuse', () => {
    for (const page of [operating, guarding, readPage('docs/forward-auth.md')]) {
      for (const { text } of blocksIn(page).filter(({ language }) => language === 'yaml')) {
        const folder = mkdtempSync(join(tmpdir(), 'keyward-docs-'));
        writeFileSync(join(folder, 'keyward.yaml'), text);
        expect(() => loadConfig({}, {}, folder)).not.toThrow();
        rmSync(folder, { recursive: true });
      }
    }
  });

  test('tells what reaches the API', async () => {
    const seen: IncomingMessage[] = [];
    const api = createServer((request, response) => {
      seen.push(request);
      response.end('{}');
    });
    await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
    const { port } = api.address() as AddressInfo;
    const place = freshPlace();
    const upstream = `http://127.0.0.1:${port}/base`;
    const route = `{ path: '/orders/*', permissions: [read:demo_funds], upstream: '${upstream}' }`;
    writeFileSync(join(place.folder, 'keyward.yaml'), `routes: [${route}]`);
    const server = await startDemo({ place });
    try {
      const stale = { 'x-auth-name': 'forged', X_Auth_Principal: 'forged', 'x-forwarded-for': '192.0.2.1' };
      await fetch(`${server.url}/orders/7?a=1&apiToken=${server.demo.parsers.demoKey}&b=%20`, { headers: stale });
      expect(seen[0]?.url).toBe('/base/orders/7?a=1&b=%20');
      const headers = seen[0]?.headers ?? {};
      expect(headers).toMatchObject({
        host: `127.0.0.1:${port}`,
        'x-auth-type': 'api_token',
        'x-auth-name': 'demo',
        'x-auth-permissions': 'read:demo_funds',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'http',
        'x-forwarded-host': new URL(server.url).host,
      });
      expect(JSON.stringify(headers)).not.toMatch(/forged|kw_|authorization/);
    } finally {
      await server.kill();
      api.close();
    }
  });

  describe('tells how each dialect refuses', () => {
    let server: Demo;
    beforeAll(async () => {
      const place = freshPlace();
      const route = (dialect: string) =>
        `  - { path: /as/${dialect}, dialect: ${dialect}, permissions: [read:orders], upstream: "http://127.0.0.1:9" }`;
      writeFileSync(join(place.folder, 'keyward.yaml'), `routes:\n${dialectNames.map(route).join('\n')}\n`);
      server = await startDemo({ place });
    });
    afterAll(() => server?.kill());
    const rows = tableIn(sectionOf(guarding, '## Refusals'));

    test('all of them', () =>
      expect(rows.map(([dialect]) => dialect).sort(), 'the table under ## Refusals has a row for each dialect').toEqual(
        [...dialectNames].sort(),
      ));

    test.each(rows)('%s', async (dialect, none, invalid, lacking, body = '') => {
      const answer = (headers: Record<string, string>) => fetch(`${server.url}/as/${dialect}`, { headers });
      const bare = await answer({});
      const wrong = await answer({ authorization: 'Bearer kw_invalid' });
      const weak = await answer({ authorization: `Bearer ${server.demo.parsers.apiKey}` });
      expect([bare, wrong, weak].map(({ status }) => String(status))).toEqual([none, invalid, lacking]);
      expect(bare.headers.get('www-authenticate')).toBeTruthy();
      const pattern = body.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*');
      expect(await bare.text()).toMatch(new RegExp(`^${pattern}$`));
    });

    test('an upstream that does not answer is 503', async () => {
      const { owner, url } = server.demo;
      const login = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(owner) };
      const { accessToken } = (await (await fetch(`${url}/v1/login`, login)).json()) as { accessToken: string };
      const headers = { authorization: `Bearer ${accessToken}` };
      expect((await fetch(`${url}/as/native`, { headers })).status).toBe(503);
    });
  });
});
