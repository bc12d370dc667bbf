// What the description of the API says of Keyward's own: its endpoints, and the names of the schemas on its wire.

import * as wire from '@keyward/sdk/wire';
import type { TSchema } from 'typebox';
import type { Reference } from '../operation.ts';
import { applications } from './operations/applications.ts';
import { catalogue } from './operations/catalogue.ts';
import { checking } from './operations/checking.ts';
import { credentials } from './operations/credentials.ts';
import { imports } from './operations/imports.ts';
import { people } from './operations/people.ts';
import { signingIn } from './operations/signing-in.ts';
import { webhooks } from './operations/webhooks.ts';

export const reference: Reference = {
  about: "Keyward's own API: everything that the server can do.",
  operations: {
    ...signingIn,
    ...people,
    ...credentials,
    ...imports,
    ...applications,
    ...catalogue,
    ...checking,
    ...webhooks,
  },
  error: wire.Problem,
  takesIdempotencyKey: wire.takesIdempotencyKey,
  schemas: Object.fromEntries(Object.entries<unknown>(wire).filter(isSchema)),
};

/** Among the words of the wire are a few that are no schemas, but parts of them or none of the wire at all. */
function isSchema(entry: [string, unknown]): entry is [string, TSchema] {
  return /^[A-Z]/.test(entry[0]) && typeof entry[1] === 'object';
}
