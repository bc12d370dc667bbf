// How the tests run: unit tests beside their sources, everything that needs the whole system in test/. Two at a time:
// many of them start real databases and servers, and measure nothing.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{rules,sdk,server,portal,examples,bench}/**/*.test.ts', 'test/**/*.test.ts', 'scripts/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    // A second is the default, which a busy machine may need for one look at a page.
    expect: { poll: { timeout: 20_000 } },
  },
});
