// A real Chromium for the portal's tests, from npm and with the protections that people's browsers have: it drives the
// built portal on a whole server and notices what a console or a screen reader would. It asserts nothing by itself.

import AxeBuilder from '@axe-core/playwright';
import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContext, type Page, chromium as playwright } from 'playwright-core';
import { buildPortal } from '../../scripts/build.js';
import type { Person, TestServer } from '../server.ts';

// Before any server starts, since that is when it reads the files.
await buildPortal(process.execPath);

export interface PortalBrowser {
  /** A page in a context of its own: no cookies, nothing remembered. */
  open(options?: OpenOptions): Promise<PortalPage>;
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

export const phone = { width: 375, height: 740 } as const;

/** Starts a browser; one for each test file. */
export async function startBrowser(): Promise<PortalBrowser> {
  const browser: Browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: flags,
    headless: true,
  });
  return { open: (options = {}) => open(browser, options), close: () => browser.close() };
}

async function open(browser: Browser, { scheme = 'light', viewport, timezone }: OpenOptions): Promise<PortalPage> {
  const context = await browser.newContext({
    locale: 'en-US',
    colorScheme: scheme,
    viewport: viewport ?? { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...(timezone !== undefined && { timezoneId: timezone }),
  });
  context.setDefaultTimeout(8_000);
  const page = await context.newPage();
  const found: string[] = [];
  page.on('pageerror', (error) => found.push(`script: ${error.message}`));
  page.on('console', (message) => {
    // Chromium writes a line for every answer of 4xx, which is the API saying no as it should.
    if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
    found.push(`console: ${message.text()}`);
  });
  return { page, context, faults: () => found, close: () => context.close() };
}

/** Signs in by the form, as a person would. Ends on the page at `to`. */
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
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** What axe holds against the page as it is, one line each; in one colour scheme. */
export async function axe(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`));
}

/** What axe holds against the page in light and in dark. */
export async function axeInBoth(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const scheme of ['light', 'dark'] as const) {
    found.push(...(await axeIn(page, scheme)).map((one) => `${scheme}: ${one}`));
  }
  return found;
}

/** What axe holds against the page in one colour scheme, in which it is left. */
export async function axeIn(page: Page, scheme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme: scheme });
  await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor();
  return axe(page);
}
