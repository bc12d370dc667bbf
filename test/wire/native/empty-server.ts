// A server on an empty store, as it is before its set-up. For tests only.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from '../../../server/src/assemble.ts';
import { loadConfig } from '../../../server/src/config/config.ts';
import type { Core } from '../../../server/src/core/core.ts';
import { createLogger } from '../../../server/src/http/log.ts';
import { type TestClock, testClock } from '../../server.ts';

export interface EmptyServer {
  url: string;
  core: Core;
  clock: TestClock;
  stop(): Promise<void>;
}

/** `signInFailures`: as the setting, so that a test may spend it. */
export async function startEmptyServer(signInFailures = 1_000_000): Promise<EmptyServer> {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-empty-'));
  const clock = testClock();
  const environment = {
    KEYWARD_PORT: '0',
    KEYWARD_DATA: join(folder, 'data'),
    KEYWARD_SIGN_IN_FAILURES: String(signInFailures),
  };
  const config = loadConfig({}, environment, folder);
  const server = await assemble(config, { demo: true, clock: clock.now, logger: createLogger('silent') });
  const url = await server.listen();
  return {
    url,
    core: server.core,
    clock,
    async stop() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
