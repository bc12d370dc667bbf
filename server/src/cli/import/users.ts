// `keyward import users`: people with the password hashes that another system had of them.

import type { Verb } from '../grammar/noun.ts';
import { membersOf, personFields } from './row-fields.ts';
import { runImport } from './run.ts';

export const usersVerb: Verb = {
  name: 'users',
  summary: 'take over users with their password hashes, as CSV or JSON lines',
  examples: ['keyward import users people.csv', 'keyward import users people.csv --role member --dry-run'],
  arguments: [{ name: 'file', help: 'CSV with a head line, or JSON lines; - for standard input' }],
  options: [
    { flag: '--role <role>', help: 'of those whose row says none' },
    { flag: '--rejects <file>', help: 'write the rows that are not taken to this file, with the reasons' },
  ],
  routes: ['POST /v1/imports/users'],
  acts: true,
  changes: true,
  endsItself: true,
  async run(call) {
    const dryRun = call.options.dryRun === true;
    const { role } = call.options;
    await runImport(call, await call.client(), {
      path: '/v1/imports/users',
      what: 'users',
      body: () => (rows) => ({ rows, ...(dryRun && { dryRun }) }),
      toRow: async ({ line, fields }) => {
        const { username, ...members } = membersOf(personFields, { username: 'username' }, fields);
        return { line, ...(role !== undefined && { role }), username: username ?? fields.email ?? '', ...members };
      },
    });
  },
};
