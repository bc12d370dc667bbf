// What the commands need of the assembled server. It is loaded only by the commands that need it: a command that talks
// to a running server over HTTP never opens a database.

import type { Server } from '../../assemble.ts';

export type { Server };

export type ServerModule = Pick<typeof import('../../assemble.ts'), 'assemble'> &
  Pick<typeof import('../../assemble/as-operator.ts'), 'assembleAsOperator'> &
  Pick<typeof import('../../assemble/database.ts'), 'migrate' | 'openJournal'>;

export async function loadServerModule(): Promise<ServerModule> {
  const [{ assemble }, { assembleAsOperator }, { migrate, openJournal }] = await Promise.all([
    import('../../assemble.ts'),
    import('../../assemble/as-operator.ts'),
    import('../../assemble/database.ts'),
  ]);
  return { assemble, assembleAsOperator, migrate, openJournal };
}
