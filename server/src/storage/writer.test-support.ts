// A process that writes to a SQLite file as fast as it can and tells its parent of every acknowledgement, to be killed.

import { openStore } from './open.ts';
import { anEntry, anOrganization } from './records.test-support.ts';

const [, , file = ''] = process.argv;
const store = await openStore({ sqlite: { file } });

await Promise.all(
  Array.from({ length: 8 }, async () => {
    while (process.connected) {
      const organization = anOrganization();
      await store.write(async (changes) => {
        await changes.organizations.insert(organization);
        changes.journal(anEntry(organization.id));
      });
      process.send?.(organization.id);
    }
  }),
);
