// A server on an empty store, as it is before its set-up. For tests only.

import type { Core } from '../../../server/src/core/core.ts';
import { assembleAt, newPlace } from '../../assembled-server.ts';
import { type TestClock, testClock } from '../../server.ts';

export interface EmptyServer {
  url: string;
  core: Core;
  clock: TestClock;
  stop(): Promise<void>;
}

/** `signInFailures`: as the setting, so that a test may spend it. */
export async function startEmptyServer(signInFailures = 1_000_000): Promise<EmptyServer> {
  const place = await newPlace();
  const clock = testClock();
  const server = await assembleAt({ place, settings: { signInFailures }, clock: clock.now });
  const url = await server.listen();
  return {
    url,
    core: server.core,
    clock,
    async stop() {
      await server.close();
      place.remove();
    },
  };
}
