// With `fastPath: false` everything is answered as ever: the tests of requests once more, with every request left to Node's
// parser and the router.

import { afterAll, describe, vi } from 'vitest';

vi.stubEnv('KEYWARD_FAST_PATH', 'false');
afterAll(() => vi.unstubAllEnvs());

describe('without the fast path', async () => {
  await import('../app.test.ts');
  await import('../listener/listener.test.ts');
  await import('../gateway/forward-auth.test.ts');
});
