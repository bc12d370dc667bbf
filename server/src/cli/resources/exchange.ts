// `keyward access-token`: a short-lived access token for a credential that is piped in or pasted.

import { ask } from '../client/client.ts';
import { text, type Verb } from '../grammar/noun.ts';
import { asSeconds } from '../grammar/readings.ts';
import { showRecord } from '../grammar/show.ts';
import { type Field, membersOf } from '../grammar/verbs.ts';
import { secretFrom } from '../terminal/prompt.ts';

interface Exchanged {
  accessToken: string;
  expiresAt: string;
}

const members: readonly Field[] = [
  { flag: '--form <form>', help: 'jwt unless said otherwise', to: 'form', choices: ['jwt', 'sealed'] },
  { flag: '--lifetime <time>', help: '1m to 12h; 1h unless said otherwise', to: 'lifetimeSeconds', as: asSeconds },
];

export const accessToken: Verb = {
  name: 'access-token',
  summary: 'get an access token for an API token, or for the password of a user or API user',
  examples: ['keyward access-token < token.txt', 'keyward access-token --from token.txt --lifetime 10m --json'],
  options: [
    { flag: '--from <file>', help: 'the file with the API token or the password; - for standard input' },
    { flag: '--username <name>', help: 'whose password it is' },
    ...members,
  ],
  routes: ['POST /v1/access-tokens'],
  async run(call) {
    const asked = await membersOf(call, members);
    const username = text(call, 'username');
    const secret = await secretFrom(
      call.terminal,
      text(call, 'from'),
      username === undefined ? 'API token' : 'password',
    );
    const body = { ...(username === undefined ? { apiToken: secret } : { username, password: secret }), ...asked };
    const answer = await ask<Exchanged>(await call.client(), 'POST', '/v1/access-tokens', { body });
    if (call.json) showRecord(call, [], answer);
    else call.terminal.output.write(`${answer.accessToken}\n`);
  },
};
