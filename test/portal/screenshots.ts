// Takes the pictures of the portal that the docs show: light, dark and phone. `--all <folder>` takes every page in every
// way, for looking them over. It tests nothing.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import type { Page } from 'playwright-core';
import { type OpenOptions, type PortalBrowser, phone, signIn, startBrowser } from './browser.ts';
import { smaller } from './png.ts';
import { type SampleServer, startSampleServer } from './sample-server.ts';

interface Shot {
  name: string;
  path: (server: SampleServer) => string;
  /** What is done on the page before the picture. */
  act?: (page: Page) => Promise<unknown>;
  /** The ways it is shown in the docs. */
  ways: readonly Way[];
}

type Way = 'light' | 'dark' | 'phone';

const ways: Record<Way, OpenOptions> = {
  light: { scheme: 'light', viewport: { width: 1280, height: 800 } },
  dark: { scheme: 'dark', viewport: { width: 1280, height: 800 } },
  phone: { scheme: 'light', viewport: phone },
};

const shots: readonly Shot[] = [
  { name: 'home', path: () => '/', ways: ['light'] },
  { name: 'get-started', path: () => '/get-started', ways: ['light', 'phone'] },
  { name: 'tokens', path: () => '/tokens?whose=all', ways: ['light', 'dark', 'phone'] },
  { name: 'token', path: ({ tokenId }) => `/tokens/${tokenId}`, ways: ['light'] },
  {
    name: 'new-token',
    path: () => '/tokens',
    act: (page) =>
      page
        .getByRole('button', { name: /new|create/i })
        .first()
        .click(),
    ways: ['light'],
  },
  { name: 'api-users', path: () => '/api-users', ways: ['light'] },
  { name: 'applications', path: () => '/applications', ways: ['light'] },
  { name: 'application', path: ({ applicationId }) => `/applications/${applicationId}`, ways: ['light'] },
  { name: 'allowed', path: () => '/applications?view=allowed', ways: [] },
  { name: 'people', path: () => '/people', ways: ['light'] },
  { name: 'permissions', path: () => '/permissions', ways: ['light'] },
  { name: 'plans', path: () => '/plans', ways: ['light', 'phone'] },
  { name: 'usage', path: () => '/usage?range=7d&group=hour', ways: ['light', 'dark', 'phone'] },
  { name: 'journal', path: () => '/journal', ways: ['light'] },
  { name: 'signing-keys', path: () => '/signing-keys', ways: ['light'] },
  { name: 'verifiers', path: () => '/verifiers', ways: ['light'] },
  { name: 'settings', path: () => '/settings', ways: ['light'] },
  { name: 'organizations', path: () => '/organizations', ways: ['light'] },
  { name: 'account', path: () => '/account', ways: [] },
];

const isAll = process.argv[2] === '--all';
const folder = resolve((isAll ? process.argv[3] : process.argv[2]) ?? join(import.meta.dirname, '../../docs/images'));
mkdirSync(folder, { recursive: true });
const server = await startSampleServer();
const browser = await startBrowser();
try {
  for (const way of ['light', 'dark', 'phone'] as const) await takeAll(browser, way);
} finally {
  await browser.close();
  await server.stop();
}

async function takeAll(from: PortalBrowser, way: Way): Promise<void> {
  const { page, close } = await from.open(ways[way]);
  if (way !== 'phone') {
    await page.goto(`${server.url}/sign-in`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    if (isAll) await take(page, 'sign-in', way);
  }
  await signIn(page, server, server.owner);
  for (const { name, path, act, ways: wanted } of shots) {
    if (!isAll && !wanted.includes(way)) continue;
    await page.goto(server.url + path(server));
    await settled(page);
    await act?.(page);
    if (act !== undefined) await settled(page);
    await take(page, name, way);
  }
  await close();
}

/** Until nothing loads any more; pages that keep asking are taken as they are. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForLoadState('networkidle', { timeout: 2500 }).catch(() => {});
  await page.waitForTimeout(250);
}

async function take(page: Page, name: string, way: Way): Promise<void> {
  const image = smaller(await page.screenshot({ animations: 'disabled', fullPage: isAll }));
  const file = `${name}${way === 'light' ? '' : `-${way}`}.png`;
  writeFileSync(join(folder, file), image);
  console.log(`${file}  ${Math.round(image.length / 1000)} kB`);
}
