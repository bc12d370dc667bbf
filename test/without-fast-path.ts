// Set-up of the tests that run once more with the fast path off: every server of a test reads KEYWARD_FAST_PATH, and one
// that took the fast path all the same would not start. It changes nothing that a test expects.

import { vi } from 'vitest';

const refuse = (): never => {
  throw new Error('fastPath is false, and yet the fast path is taken.');
};

vi.mock(import('../server/src/http/fast-path/endpoints.ts'), () => ({ mountFastPath: refuse }));
vi.mock(import('../server/src/http/fast-path/connection.ts'), () => ({ listenFast: refuse }));
