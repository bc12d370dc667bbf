// `keyward explain`: why a call was refused, by the id of its answer; or what a call with a credential would be answered, which is
// pasted, piped in or read from a file.

import type { Explanation } from '@keyward/sdk/wire';
import { ask } from '../client/client.ts';
import { text, type Verb } from '../grammar/noun.ts';
import { asList } from '../grammar/readings.ts';
import { type Column, showRecord } from '../grammar/show.ts';
import { type Field, membersOf } from '../grammar/verbs.ts';
import { misuse } from '../terminal/command-error.ts';
import { secretFrom } from '../terminal/prompt.ts';

const fields: readonly Column<Explanation>[] = [
  {
    title: 'The call',
    of: ({ allowed, reason, call }) =>
      allowed
        ? call === null
          ? 'would be let in'
          : `was let in, and would have been refused: ${reason}`
        : `${call === null ? 'would be' : 'was'} refused${reason === null ? '' : `: ${reason}`}`,
    style: ({ allowed }) => (allowed ? 'green' : 'red'),
  },
  { title: 'Why', of: ({ text: why }) => why },
  { title: 'At', of: ({ call }) => call?.at },
  {
    title: 'Credential',
    of: ({ call }) =>
      call?.credential && `${call.credential.name ?? ''} (${call.credential.type} ${call.credential.id})`,
  },
  { title: 'Organization', of: ({ call }) => call?.organization?.name },
  { title: 'Route', of: ({ call }) => call && [call.method, call.route].filter(Boolean).join(' ') },
  { title: 'From', of: ({ call }) => call && [call.address, call.userAgent].filter(Boolean).join(', ') },
  { title: 'Node', of: ({ call }) => call?.node },
];

const members: readonly Field[] = [
  { flag: '--permissions <list>', help: 'what the call needs, where no route says so', to: 'permissions', as: asList },
  { flag: '--match <how>', help: 'whether it needs all of them or any', to: 'match', choices: ['all', 'any'] },
  { flag: '--api <handle>', help: 'the API that it goes to', to: 'api' },
  { flag: '--address <address>', help: 'where it would come from', to: 'address' },
];

export const explain: Verb = {
  name: 'explain',
  summary: 'why a call was refused, or would be; of one that would be, exits with 1',
  examples: [
    'keyward explain $REFUSAL',
    'keyward explain --credential token.txt --route "GET /v2/funds"',
    'keyward explain --permissions read:funds --json < token.txt',
  ],
  arguments: [{ name: 'refusal', help: 'what the answer says in Keyward-Refusal, as 3f9a1c2e-1024', isOptional: true }],
  options: [
    { flag: '--credential <file>', help: 'in its place the file with a credential; - for standard input' },
    { flag: '--route <call>', help: 'the call that it would make, as "GET /orders/17"' },
    ...members,
  ],
  routes: ['GET /v1/refusals/{id}', 'POST /v1/explain'],
  async run(call) {
    const id = call.args.refusal;
    const asked = { ...(await membersOf(call, members)), ...routeIn(text(call, 'route')) };
    const from = text(call, 'credential');
    if (id !== undefined) {
      const isMore = from !== undefined || Object.keys(asked).length > 0;
      if (isMore) throw misuse('A refusal has happened: it is explained by its id alone.', 'Leave out the rest.');
      showRecord(
        call,
        fields,
        await ask<Explanation>(await call.client(), 'GET', `/v1/refusals/${encodeURIComponent(id)}`),
      );
      return;
    }
    const credential = await secretFrom(call.terminal, from, 'credential');
    const body = { credential, ...asked };
    const answer = await ask<Explanation>(await call.client(), 'POST', '/v1/explain', { body });
    showRecord(call, fields, answer);
    if (!answer.allowed) call.outcome.code = 1;
  },
};

function routeIn(given: string | undefined): { method?: string; path?: string } {
  if (given === undefined) return {};
  const [, method = 'GET', path] = /^(?:([A-Za-z]{1,16})\s+)?(\/\S*)$/.exec(given.trim()) ?? [];
  if (path !== undefined) return { method: method.toUpperCase(), path };
  throw misuse('--route is a method and a path.', 'Write it like --route "GET /orders/17".');
}
