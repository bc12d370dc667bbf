// What the portal's tests stand on: a whole server on each database, one browser, and people who are signed in. After
// each test it holds against the pages that nothing went wrong in their consoles.

import type { Cookie } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { type Person, startServer, type TestServer } from '../server.ts';
import { arrived, type OpenOptions, type PortalBrowser, type PortalPage, signIn, startBrowser } from './browser.ts';

export interface PortalFixture {
  readonly database: Database;
  readonly server: TestServer;
  /** A page that nobody is signed in to, closed after the test. */
  open(options?: OpenOptions): Promise<PortalPage>;
  /**
   * A page of someone who is signed in, at `to`, ready to be read. By a session that earlier tests may have used, unless
   * it has ended or the password was asked for in it: for all that is not about sessions.
   */
  signedIn(person: Person, to?: string, options?: OpenOptions): Promise<PortalPage>;
  /** The same by a session of its own. */
  signedInAnew(person: Person, to?: string, options?: OpenOptions): Promise<PortalPage>;
  /** Lets the test's pages show such faults, of which it expects some: what a lost connection writes, for one. */
  tolerate(fault: RegExp): void;
}

/** One for each file: what pages leave in it goes with their contexts. */
let browser: Promise<PortalBrowser> | undefined;
let closesAfter: string | undefined;

/** Files may share this module, so that each has to say for itself that the browser ends with it. */
function closeBrowserAfterFile(): void {
  const { testPath } = expect.getState();
  if (testPath === closesAfter) return;
  closesAfter = testPath;
  afterAll(async () => {
    const used = browser;
    browser = undefined;
    await (await used)?.close();
  });
}

type Database = 'sqlite' | 'postgres';

/**
 * The same tests on SQLite and PostgreSQL: for what a database could show otherwise, as search, order and counts. All
 * else is tried on one of them, some pages on this, some on that: a page is a client of the API, which is held on both.
 */
export function onBothDatabases(what: string, tests: (fixture: PortalFixture) => void): void {
  for (const database of ['sqlite', 'postgres'] as const) onDatabase(database, what, tests);
}

export function onDatabase(database: Database, what: string, tests: (fixture: PortalFixture) => void): void {
  closeBrowserAfterFile();
  describe(`${what}, on ${database}`, () => {
    let server: TestServer;
    let opened: PortalPage[] = [];
    let again: PortalPage | undefined;
    let tolerated: RegExp[] = [];
    /** By the person's id. */
    const sessions = new Map<string, Cookie[]>();
    beforeAll(async () => {
      server = await startServer({ database });
    });
    afterEach(async () => {
      const faults = opened.flatMap((page) => page.faults());
      const unexpected = faults.filter((fault) => !tolerated.some((pattern) => pattern.test(fault)));
      await Promise.all(opened.map((page) => page.close()));
      opened = [];
      tolerated = [];
      expect(unexpected).toEqual([]);
    });
    afterAll(() => server?.stop());

    const open = async (options?: OpenOptions) => {
      browser ??= startBrowser();
      const page = await (await browser).open(options);
      opened.push(page);
      return page;
    };
    const openAgain = async () => {
      browser ??= startBrowser();
      again = await (await browser).openAgain();
      opened.push(again);
      return again;
    };
    /** Whether nobody in this test has the context that is used again, and it will do. */
    const isFree = (options?: OpenOptions) => options === undefined && (again === undefined || !opened.includes(again));
    const signedInAnew = async (person: Person, to?: string, options?: OpenOptions) => {
      const page = await open(options);
      await signIn(page.page, server, person, to);
      return page;
    };
    tests({
      database,
      get server() {
        return server;
      },
      open,
      async signedIn(person, to = '/', options) {
        const known = sessions.get(person.id);
        if (known === undefined || !(await isAlive(server, known))) {
          const page = await signedInAnew(person, to, options);
          sessions.set(person.id, await page.context.cookies());
          return page;
        }
        const page = await (isFree(options) ? openAgain() : open(options));
        await page.context.addCookies(known);
        await page.page.goto(server.url + to);
        await arrived(page.page);
        return page;
      },
      signedInAnew,
      tolerate: (fault) => {
        tolerated.push(fault);
      },
    });
  });
}

/** Whether the session goes on with this cookie: asking for the password ends it too, by another cookie. */
async function isAlive({ url }: TestServer, cookies: Cookie[]): Promise<boolean> {
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  return (await fetch(`${url}/v1/session`, { headers: { cookie } })).ok;
}
