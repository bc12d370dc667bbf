// How the tests run: unit tests beside their sources, everything that needs the whole system in test/. The fast part,
// units and quick wire tests, runs first, so that what is broken is known soon; the rest, and what runs once more without
// the fast path, follow in the same run, under one summary. Three files at a time: much of it waits for something.

import { globSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { fastPart } from './test/fast-part.ts';

const units = ['{rules,sdk,server,portal}/**/*.test.ts', 'scripts/*.test.ts', 'test/architecture.test.ts'];
/**
 * In the folders of the fast part, but with a hundred thousand rows, a thousand requests, a build to make, time to wait for or
 * modules to replace.
 */
const slow = [
  'server/src/cli/server/commands.test.ts',
  'server/src/core/secret.test.ts',
  'server/src/http/fast-path/setting.test.ts',
  'server/src/http/gateway/{passing,web-socket}.test.ts',
  'server/src/http/listener/plain-http.test.ts',
  'server/src/limits/leased.test.ts',
  'test/wire/native/{access-matrix,bad-input,isolation,mass-assignment,problems,states,tokens-large-list}.test.ts',
];
/**
 * What is promised of requests that the fast path answers: these run once more with it off (test/without-fast-path.ts), so
 * that both ways keep the same promises. test/bad-input/fuzz.test.ts asks a server of each kind by itself.
 */
const onFastPath = [
  'server/src/http/{app,cors}.test.ts',
  'server/src/http/listener/listener.test.ts',
  'server/src/http/gateway/{forward-auth,route-fields}.test.ts',
  'test/wire/native/{checks,plan-change,session-requests,states}.test.ts',
  'test/wire/oauth2/introspection.test.ts',
  'test/security/spellings.test.ts',
  'test/verdict/matrix.test.ts',
  'test/calls/refusals.test.ts',
];
const portal = ['test/portal/**/*.test.ts'];
const notOurs = ['**/node_modules/**', '**/dist/**'];
const fast = globSync([...units, 'test/wire/**/*.test.ts'], {
  exclude: [...notOurs, ...slow],
  cwd: import.meta.dirname,
});

/** The SDK's sources, not what was last built of them. */
const conditions = ['keyward-source', 'module', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['keyward-source'] } },
  test: {
    projects: [
      {
        extends: true,
        // Files share what they import, which takes as long as many of them do: a module keeps nothing of a test.
        test: { name: 'fast', include: fast, isolate: false, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        // Whatever is not fast, so that no file can be in neither part.
        test: {
          name: 'rest',
          include: [...units, '{examples,bench}/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...notOurs, ...fast, ...portal],
          sequence: { groupOrder: 1 },
        },
      },
      // Shares what it imports as the fast part does.
      { extends: true, test: { name: 'portal', include: portal, isolate: false, sequence: { groupOrder: 1 } } },
      {
        extends: true,
        test: {
          name: 'without-fast-path',
          include: onFastPath,
          env: { KEYWARD_FAST_PATH: 'false' },
          setupFiles: ['test/without-fast-path.ts', 'test/described-answers.ts'],
          sequence: { groupOrder: 1 },
        },
      },
    ],
    reporters: ['default', fastPart()],
    globalSetup: ['test/global-setup.ts'],
    setupFiles: ['test/described-answers.ts'],
    pool: 'forks',
    execArgv: ['--conditions=keyward-source'],
    maxWorkers: 3,
    // Ends what hangs; no promise of ours. A machine that is slow and busy needs some twenty times what ours does.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
