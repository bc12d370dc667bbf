// What the portal's tests stand on: a whole server on each database, one browser, and people who are signed in. After
// each test it holds against the pages that nothing went wrong in their consoles.

import { afterAll, afterEach, beforeAll, describe, expect, vi } from 'vitest';
import { type Person, startServer, type TestServer } from '../server.ts';
import { type OpenOptions, type PortalBrowser, type PortalPage, signIn, startBrowser } from './browser.ts';

export interface Ground {
  readonly database: Database;
  readonly server: TestServer;
  /** A page that nobody is signed in to, closed after the test. */
  open(options?: OpenOptions): Promise<PortalPage>;
  /** A page of someone who has signed in, at `to`. */
  signedIn(person: Person, to?: string, options?: OpenOptions): Promise<PortalPage>;
  /** Lets the test's pages show such faults, of which it expects some: what a lost connection writes, for one. */
  tolerate(fault: RegExp): void;
}

// A browser on a busy machine takes its time; what hangs is ended by the page's own timeouts.
vi.setConfig({ testTimeout: 90_000 });

type Database = 'sqlite' | 'postgres';

/** The same tests on SQLite and PostgreSQL. */
export function onBothDatabases(what: string, tests: (ground: Ground) => void): void {
  for (const database of ['sqlite', 'postgres'] as const) onDatabase(database, what, tests);
}

export function onDatabase(database: Database, what: string, tests: (ground: Ground) => void): void {
  describe(`${what}, on ${database}`, () => {
    let server: TestServer;
    let browser: PortalBrowser;
    let opened: PortalPage[] = [];
    let tolerated: RegExp[] = [];
    beforeAll(async () => {
      server = await startServer({ database });
      browser = await startBrowser();
    });
    afterEach(async () => {
      const faults = opened.flatMap((page) => page.faults());
      const unexpected = faults.filter((fault) => !tolerated.some((pattern) => pattern.test(fault)));
      await Promise.all(opened.map((page) => page.close()));
      opened = [];
      tolerated = [];
      expect(unexpected).toEqual([]);
    });
    afterAll(async () => {
      await browser?.close();
      await server?.stop();
    });

    const open = async (options?: OpenOptions) => {
      const page = await browser.open(options);
      opened.push(page);
      return page;
    };
    tests({
      database,
      get server() {
        return server;
      },
      open,
      async signedIn(person, to, options) {
        const page = await open(options);
        await signIn(page.page, server, person, to);
        return page;
      },
      tolerate: (fault) => {
        tolerated.push(fault);
      },
    });
  });
}
