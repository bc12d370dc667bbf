// A real Chromium for the portal's tests, from npm and with the protections that people's browsers have: it drives the
// built portal on a whole server and notices what a console or a screen reader would. It asserts nothing by itself.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContext, type Page, chromium as playwright } from 'playwright-core';
import { buildPortal } from '../../scripts/build.js';
import type { Person, TestServer } from '../server.ts';

// Before any server starts, since that is when it reads the files.
await buildPortal(process.execPath);

export interface PortalBrowser {
  /** A page in a context of its own: no cookies, nothing remembered. */
  open(options?: OpenOptions): Promise<PortalPage>;
  /**
   * The same in a context that one test after another has: what the portal itself keeps is gone before the next, the
   * scripts stay in the browser's cache. At most one such page at a time.
   */
  openAgain(): Promise<PortalPage>;
  close(): Promise<void>;
}

export interface OpenOptions {
  scheme?: 'light' | 'dark';
  /** CSS pixels; 1280 × 900 unless said otherwise. */
  viewport?: { width: number; height: number };
  timezone?: string;
}

export interface PortalPage {
  page: Page;
  context: BrowserContext;
  /** Errors of the console and of scripts so far, and what the content policy refused; answers that say no are neither. */
  faults(): string[];
  close(): Promise<void>;
}

/** Not Chromium's flags for lambdas: those switch the same-origin policy off. */
const flags = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-zygote'];

const axeSource = readFileSync(
  createRequire(import.meta.resolve('@axe-core/playwright')).resolve('axe-core/axe.min.js'),
  'utf8',
);

export const phone = { width: 375, height: 740 } as const;

/** Starts a browser; one for each test file. */
export async function startBrowser(): Promise<PortalBrowser> {
  const browser: Browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: flags,
    headless: true,
  });
  let kept: BrowserContext | undefined;
  return {
    open: async (options = {}) => {
      const context = await newContext(browser, options);
      return newPage(context, () => context.close());
    },
    openAgain: async () => {
      kept ??= await newContext(browser, {});
      const context = kept;
      return newPage(context, (page) => forget(context, page));
    },
    close: () => browser.close(),
  };
}

async function newContext(browser: Browser, { scheme = 'light', viewport, timezone }: OpenOptions) {
  const context = await browser.newContext({
    locale: 'en-US',
    colorScheme: scheme,
    viewport: viewport ?? { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...(timezone !== undefined && { timezoneId: timezone }),
  });
  // Long, for busy machines: a wait costs nothing once what it waits for is there.
  context.setDefaultTimeout(60_000);
  return context;
}

/** Leaves the context as if nobody had been in it, but for the files that the browser has cached. */
async function forget(context: BrowserContext, page: Page): Promise<void> {
  await context.setOffline(false);
  const origin = new URL(page.url()).origin;
  if (origin !== 'null') {
    const session = await context.newCDPSession(page);
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'local_storage,indexeddb,cache_storage' });
  }
  for (const one of context.pages()) await one.close();
  await context.clearCookies();
  await context.unrouteAll();
}

async function newPage(context: BrowserContext, close: (page: Page) => Promise<void>): Promise<PortalPage> {
  const page = await context.newPage();
  const found: string[] = [];
  page.on('pageerror', (error) => found.push(`script: ${error.message}`));
  page.on('console', (message) => {
    // Chromium writes a line for every answer of 4xx, which is the API saying no as it should.
    if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
    found.push(`console: ${message.text()}`);
  });
  return { page, context, faults: () => found, close: () => close(page) };
}

/** Signs in by the form, as a person would. Ends when the page at `to` is there. */
export async function signIn(
  page: Page,
  server: Pick<TestServer, 'url'>,
  person: Pick<Person, 'email' | 'password'>,
  to = '/',
): Promise<void> {
  await page.goto(`${server.url}/sign-in?${new URLSearchParams({ to })}`);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${server.url}${to}`);
  await arrived(page);
}

/**
 * Ends when a page for the signed in is there, with its heading and the navigation or, on a phone, the way to it. The
 * address is no sign of that: it changes before the page does, and the page before has a heading too.
 */
export async function arrived(page: Page): Promise<void> {
  await page.locator('main:not(#page)').waitFor({ state: 'detached' });
  await page.locator('main#page').getByRole('heading', { level: 1 }).waitFor();
  const navigation = page.getByRole('navigation', { name: 'Main' });
  await navigation
    .or(page.getByRole('button', { name: 'Open the menu' }))
    .first()
    .waitFor();
}

/** Ends when the page has its heading and nothing in it is still to come. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator(waiting).first().waitFor({ state: 'detached' });
}

/** What stands for contents that are being loaded, and marks contents that are being replaced. */
const waiting = '[class*=Skeleton-root], [aria-busy=true], [data-fetching=true]';

/** What sticks out of the page to the side, in CSS pixels: to be polled, since parts are laid out by scripts. */
export async function sideways(page: Page): Promise<number> {
  return (await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')) as number;
}

/** What axe holds against the page as it is, one line each; in one colour scheme. */
export async function axe(page: Page): Promise<string[]> {
  return violationsOf(page, {});
}

/** What axe holds against the page in light and in dark. All else being equal, the second time only colours are judged. */
export async function axeInBoth(page: Page): Promise<string[]> {
  const light = await axeIn(page, 'light');
  await turn(page, 'dark');
  const dark = await violationsOf(page, { runOnly: ['color-contrast', 'link-in-text-block'] });
  return [...light.map((one) => `light: ${one}`), ...dark.map((one) => `dark: ${one}`)];
}

/** What axe holds against the page in one colour scheme, in which it is left. */
export async function axeIn(page: Page, scheme: 'light' | 'dark'): Promise<string[]> {
  await turn(page, scheme);
  return axe(page);
}

async function turn(page: Page, scheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor();
}

interface Violation {
  id: string;
  nodes: { html: string; failureSummary?: string }[];
}

/** As AxeBuilder's `analyze`, in a fraction of the time: no second page, and one load of axe for each document. */
async function violationsOf(page: Page, options: { runOnly?: string[] }): Promise<string[]> {
  await page.locator(waiting).first().waitFor({ state: 'detached' });
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axeSource);
  const wanted = JSON.stringify({ ...options, resultTypes: ['violations'] });
  const found = await page.evaluate(`axe.run(document, ${wanted}).then(({ violations }) => violations)`);
  return (found as Violation[]).flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`),
  );
}
