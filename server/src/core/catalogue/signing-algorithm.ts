// What access tokens for an API are signed with unless it says otherwise. Keys are made elsewhere.

import type { JwsAlgorithm } from '@keyward/rules/jws';

export const usualAlgorithm: JwsAlgorithm = 'ES256';
