// `keyward import users` and `keyward import api-users`: people and machines with the password hashes that another system had of them.

import type { Verb } from '../grammar/noun.ts';
import { createNamesSeen } from './names-seen.ts';
import { apiUserFields, membersOf, personFields } from './row-fields.ts';
import { runImport } from './run.ts';

export const usersVerb: Verb = peopleVerb({
  name: 'users',
  what: 'users',
  summary: 'take over users with their password hashes, as CSV or JSON lines',
  examples: ['keyward import users people.csv', 'keyward import users people.csv --role member --dry-run'],
  path: '/v1/imports/users',
  fields: personFields,
});

export const apiUsersVerb: Verb = peopleVerb({
  name: 'api-users',
  what: 'API users',
  summary: 'take over API users with their names and password hashes, as CSV or JSON lines',
  examples: [
    'keyward import api-users machines.csv --role member',
    'keyward import api-users machines.csv --role member --dry-run',
  ],
  path: '/v1/imports/api-users',
  fields: apiUserFields,
});

interface People extends Pick<Verb, 'name' | 'summary' | 'examples'> {
  /** In sentences. */
  what: string;
  path: '/v1/imports/users' | '/v1/imports/api-users';
  fields: typeof personFields;
}

function peopleVerb({ what, path, fields: known, ...words }: People): Verb {
  return {
    ...words,
    arguments: [{ name: 'file', help: 'CSV with a head line, or JSON lines; - for standard input' }],
    options: [
      { flag: '--role <role>', help: 'of those whose row says none' },
      { flag: '--rejects <file>', help: 'write the rows that are not taken to this file, with the reasons' },
    ],
    routes: [`POST ${path}`],
    acts: true,
    changes: true,
    endsItself: true,
    async run(call) {
      const dryRun = call.options.dryRun === true;
      const { role } = call.options;
      const names = createNamesSeen();
      await runImport(call, await call.client(), {
        path,
        what,
        body: () => (rows) => ({ rows, ...(dryRun && { dryRun }) }),
        toRow: async ({ line, fields }) => {
          const { username, ...members } = membersOf(known, {}, fields);
          const name = String(username ?? fields.email ?? '');
          names.saw({ line, username: name, passwordHash: String(members.passwordHash ?? '') });
          return { line, ...(role !== undefined && { role }), username: name, ...members };
        },
      });
    },
  };
}
