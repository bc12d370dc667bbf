// What the commands need of the assembled server. It is loaded only by the commands that need it: a command that talks
// to a running server over HTTP never opens a database.

import type { Server } from '../assemble.ts';

export type { Server };

export type ServerModule = Pick<typeof import('../assemble.ts'), 'assemble' | 'migrate' | 'openJournal'>;

export async function loadServerModule(): Promise<ServerModule> {
  return import('../assemble.ts');
}
