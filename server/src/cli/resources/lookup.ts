// `keyward tokens lookup`: whose a secret is that was found somewhere. It is pasted, piped in or read from a file, and shown to
// nobody.

import type { LookedUp, LookupResult } from '@keyward/sdk/wire';
import { ask } from '../client/client.ts';
import { text, type Verb } from '../grammar/noun.ts';
import { type Column, note } from '../grammar/show.ts';
import { secretFrom } from '../terminal/prompt.ts';
import { record } from '../terminal/table.ts';
import { stateOf, stateStyle } from './parts.ts';

const fields: readonly Column<LookedUp>[] = [
  {
    title: 'Kind',
    of: ({ type, form }) => `${type}, by its ${form} secret`.replace('access_token secret', 'access token'),
  },
  { title: 'Name', of: ({ name }) => name },
  { title: 'Id', of: ({ id }) => id },
  { title: 'Organization', of: ({ organization }) => organization.name },
  { title: 'Owner', of: ({ owner }) => `${owner.name} (${owner.type})` },
  {
    title: 'State',
    of: stateOf,
    style: stateStyle,
  },
  { title: 'Expires', of: ({ expiresAt }) => expiresAt ?? 'never' },
  { title: 'A call', of: ({ allowed, reason }) => (allowed ? 'is let in' : `is refused: ${reason}`) },
  { title: 'External id', of: ({ externalId }) => externalId },
];

export const lookupVerb: Verb = {
  name: 'lookup',
  summary: 'whose a secret is that was found somewhere',
  examples: ['keyward tokens lookup < found.txt', 'keyward tokens lookup --from found.txt --json'],
  options: [
    { flag: '--from <file>', help: 'the file with the secret; - for standard input' },
    { flag: '--start <text>', help: 'in place of the secret what it begins with, as lists show it' },
    { flag: '--last-four <text>', help: 'and what it ends with' },
    { flag: '--address <address>', help: 'where a call with it would come from' },
  ],
  routes: ['POST /v1/lookup'],
  async run(call) {
    const [start, lastFour, address] = [text(call, 'start'), text(call, 'lastFour'), text(call, 'address')];
    const isShown = start !== undefined || lastFour !== undefined;
    const secret = isShown ? undefined : await secretFrom(call.terminal, text(call, 'from'), 'secret');
    const body = { secret, start, lastFour, address };
    const answer = await ask<LookupResult>(await call.client(), 'POST', '/v1/lookup', { body });
    if (call.json) call.terminal.output.write(`${JSON.stringify(answer)}\n`);
    else call.terminal.output.write(answer.items.map((item) => record(call.terminal, fields, item)).join('\n'));
    if (answer.items.length > 0) return;
    note(call, 'It is nothing that you may see, or nothing of this server.');
    call.outcome.code = 1;
  },
};
