// What holds for every page of the portal, whoever looks at it, with a server full of data: nothing for axe to object to
// in light or dark, no errors in the console, no scrolling sideways on a phone, and everything within reach of the
// keyboard.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { axeIn, type PortalBrowser, phone, settled, sideways, signIn, startBrowser } from './browser.ts';
import { type SampleServer, startSampleServer } from './sample-server.ts';

const pages = [
  '/',
  '/get-started',
  '/tokens',
  '/tokens/:token',
  '/api-users',
  '/applications',
  '/applications/:application',
  '/applications?view=allowed',
  '/people',
  '/permissions',
  '/apis',
  '/plans',
  '/usage?range=7d',
  '/calls',
  '/journal',
  '/webhooks',
  '/webhooks/:webhook',
  '/signing-keys',
  '/verifiers',
  '/settings',
  '/organizations',
  '/account',
];

let server: SampleServer;
let browser: PortalBrowser;
beforeAll(async () => {
  server = await startSampleServer();
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** Each page in light and dark, and what others see of it in one of them. */
const people = {
  'an operator': { who: () => server.owner, schemes: ['light', 'dark'] },
  'the owner of a tenant': { who: () => server.tenant, schemes: ['light'] },
  'a member': { who: () => server.member, schemes: ['dark'] },
} as const;

describe.each(Object.keys(people) as (keyof typeof people)[])('for %s', (kind) => {
  const { who, schemes } = people[kind];
  test('every page is free of what axe objects to and of console errors [S87]', async () => {
    const { page, faults, close } = await browser.open();
    await signIn(page, server, who());
    const found: string[] = [];
    for (const path of pages) {
      await open(page, path);
      for (const scheme of schemes) found.push(...(await axeIn(page, scheme)).map((one) => `${path} ${scheme} ${one}`));
    }
    expect(found).toEqual([]);
    expect(faults()).toEqual([]);
    await close();
  });

  test('no page scrolls sideways on a phone', async () => {
    const { page, faults, close } = await browser.open({ viewport: phone });
    await signIn(page, server, who());
    const wide: string[] = [];
    for (const path of pages) {
      await open(page, path);
      await expect
        .poll(() => sideways(page))
        .toBe(0)
        .catch(async () => wide.push(`${path}: ${await widest(page)}`));
    }
    expect(wide).toEqual([]);
    expect(faults()).toEqual([]);
    await close();
  });
});

test('everything that can be used on a page is reached by the Tab key, in the light and visible', async () => {
  const { page, close } = await browser.open();
  await signIn(page, server, server.owner);
  const missed: string[] = [];
  for (const path of pages) {
    await open(page, path);
    missed.push(...(await unreached(page)).map((one) => `${path} ${one}`));
  }
  expect(missed).toEqual([]);
  await close();
});

async function open(page: Page, path: string): Promise<void> {
  const { tokenId, applicationId, webhookId } = server;
  const named = path.replace(':token', tokenId).replace(':application', applicationId).replace(':webhook', webhookId);
  await page.goto(server.url + named);
  await settled(page);
}

/** What sticks out of the page, for the message. */
function widest(page: Page): Promise<unknown> {
  return page.evaluate(
    `[...document.querySelectorAll('main *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
      .slice(0, 3).map((one) => one.outerHTML.slice(0, 120)).join(' | ')`,
  );
}

/**
 * What could have been used but was never focused on the way from the top of the page to its end by Tab. Of a group of
 * radio buttons, tabs or the like one is a stop; the arrow keys lead to the others.
 */
async function unreached(page: Page): Promise<string[]> {
  const wanted = (await page.evaluate(`(() => {
    const usable = 'a[href], button, input, select, textarea, [tabindex="0"]';
    const isStop = (one) => {
      if (one.disabled || one.tabIndex < 0 || one.closest('[inert], [aria-hidden="true"]') !== null) return false;
      if (!one.checkVisibility({ visibilityProperty: true })) return false;
      return one.type !== 'radio' || one.checked;
    };
    const stops = [...document.querySelectorAll(usable)].filter(isStop);
    stops.forEach((one, index) => { one.dataset.stop = String(index); });
    document.activeElement?.blur?.();
    window.reached = new Set();
    addEventListener('focusin', ({ target }) => window.reached.add(target.dataset.stop));
    return stops.length;
  })()`)) as number;
  for (let press = 0; press < wanted + 3; press += 1) await page.keyboard.press('Tab');
  return (await page.evaluate(
    `[...document.querySelectorAll('[data-stop]')].filter((one) => !window.reached.has(one.dataset.stop))
      .map((one) => one.outerHTML.slice(0, 160))`,
  )) as string[];
}
