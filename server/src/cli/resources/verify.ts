// `keyward verify`: what a call with a credential would be answered. The credential is pasted, piped in or read from a file.

import type { VerifyResponse } from '@keyward/sdk/wire';
import { ask } from '../client/client.ts';
import { text, type Verb } from '../grammar/noun.ts';
import { asList, asNumber, limitText } from '../grammar/readings.ts';
import { type Column, showRecord } from '../grammar/show.ts';
import { type Field, membersOf } from '../grammar/verbs.ts';
import { secretFrom } from '../terminal/prompt.ts';

const fields: readonly Column<VerifyResponse>[] = [
  {
    title: 'A call',
    of: ({ allowed, reason }) => (allowed ? 'is let in' : `is refused: ${reason}`),
    style: ({ allowed }) => (allowed ? 'green' : 'red'),
  },
  { title: 'Lacking', of: ({ lacking }) => lacking?.map((one) => `${one.permission} (in its ${one.in})`) },
  { title: 'Who', of: ({ principal }) => principal && `${principal.name} (${principal.type} ${principal.id})` },
  { title: 'Organization', of: ({ principal }) => principal?.organization.name },
  { title: 'May', of: ({ principal }) => principal?.permissions },
  { title: 'Ends', of: ({ principal }) => principal && (principal.expiresAt ?? 'never') },
  {
    title: 'Left',
    of: ({ limit }) => limit && `${limit.remaining} of ${limitText(limit)} (${limit.plan})`,
  },
];

const members: readonly Field[] = [
  { flag: '--permissions <list>', help: 'what the call needs', to: 'permissions', as: asList },
  { flag: '--match <how>', help: 'whether it needs all of them or any', to: 'match', choices: ['all', 'any'] },
  {
    flag: '--cost <number>',
    help: 'what it spends; 0, which only looks, unless said otherwise',
    to: 'cost',
    as: asNumber,
  },
  { flag: '--api <handle>', help: 'the API that it goes to', to: 'api' },
  { flag: '--organization <which>', help: 'the only one whose credentials count: id or name', to: 'organization' },
  { flag: '--plan <id>', help: "what it spends, in place of its organization's", to: 'plan' },
  { flag: '--address <address>', help: 'where it comes from', to: 'address' },
];

export const verify: Verb = {
  name: 'verify',
  summary: 'what a call with a credential would be answered; exits with 1 if it would be refused',
  examples: [
    'keyward verify --permissions read:funds < token.txt',
    'keyward verify --from token.txt --permissions read:funds,read:files --match any --json',
  ],
  options: [{ flag: '--from <file>', help: 'the file with the credential; - for standard input' }, ...members],
  routes: ['POST /v1/verify'],
  async run(call) {
    const asked = await membersOf(call, members);
    const credential = await secretFrom(call.terminal, text(call, 'from'), 'credential');
    // The organization is a member of the question here, and nobody acts for it.
    const answer = await ask<VerifyResponse>(await call.client(), 'POST', '/v1/verify', {
      body: { cost: 0, ...asked, credential },
    });
    showRecord(call, fields, answer);
    if (!answer.allowed) call.outcome.code = 1;
  },
};
