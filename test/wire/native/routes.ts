// Every route of the native API, with who may use it; by noun in routes/. The matrix compares this table with the routes that are
// registered, so that a new one without a row fails. For tests only.

import Fastify from 'fastify';
import type { Core } from '../../../server/src/core/core.ts';
import { native } from '../../../server/src/dialects/native.ts';
import { apiUsers } from './routes/api-users.ts';
import { applications } from './routes/applications.ts';
import { catalogue } from './routes/catalogue.ts';
import { checking } from './routes/checking.ts';
import { imports } from './routes/imports.ts';
import { organizations } from './routes/organizations.ts';
import { people } from './routes/people.ts';
import type { Rows } from './routes/row.ts';
import { session } from './routes/session.ts';
import { tokens } from './routes/tokens.ts';
import { webhooks } from './routes/webhooks.ts';

export const table: Rows = {
  ...session,
  ...organizations,
  ...people,
  ...apiUsers,
  ...tokens,
  ...imports,
  ...applications,
  ...catalogue,
  ...checking,
  ...webhooks,
};

export const rows = Object.entries(table).map(([route, row]) => {
  const [method = '', pattern = ''] = route.split(' ');
  return { route, method, pattern, ...row };
});

/** The routes that the dialect registers, as `METHOD /path`. */
export async function registeredRoutes(): Promise<string[]> {
  const app = Fastify({ exposeHeadRoutes: false });
  const found: string[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    found.push(...[method].flat().map((one) => `${one} ${url}`));
  });
  app.register(async (scope) => native.mount(scope, {} as Core));
  await app.ready();
  await app.close();
  return found;
}
