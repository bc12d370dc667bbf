// `keyward import`: moving in from another system.

import type { Noun } from '../grammar/noun.ts';
import { apiUsersVerb, usersVerb } from './people.ts';
import { tokensVerb } from './tokens.ts';

export const imports: Noun = {
  name: 'import',
  summary: 'moving in: what was made elsewhere, and goes on working as it is',
  verbs: [tokensVerb, usersVerb, apiUsersVerb],
};
