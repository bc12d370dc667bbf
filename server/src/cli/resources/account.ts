// `keyward account`: what is one's own: the name, the password and the second factor. Passwords and codes are typed or piped in.

import type { PreparedSecondFactor, RecoveryCodes, Self } from '@keyward/sdk/wire';
import { ask } from '../client/client.ts';
import type { Call, Noun } from '../grammar/noun.ts';
import { note, showDone, showRecord } from '../grammar/show.ts';
import { agreed, isRehearsal } from '../grammar/verbs.ts';
import { misuse } from '../terminal/command-error.ts';
import { newPassword, password, textOrAsk } from '../terminal/prompt.ts';
import { isInteractive } from '../terminal/terminal.ts';

const stdin = { flag: '--password-stdin', help: 'read the password from standard input' };
const ownPassword = ({ terminal, options }: Call) => password(terminal, options.passwordStdin === true || undefined);

export const account: Noun = {
  name: 'account',
  summary: 'your own name, password and second factor',
  verbs: [
    {
      name: 'rename',
      summary: 'change what you are called',
      examples: ['keyward account rename "Ann Example"'],
      arguments: [{ name: 'name', help: 'your name' }],
      changes: true,
      routes: ['PATCH /v1/self'],
      async run(call) {
        const body = { name: call.args.name };
        if (isRehearsal(call, 'PATCH', '/v1/self', body)) return;
        showDone(call, 'You are called so now.', await ask<Self>(await call.client(), 'PATCH', '/v1/self', { body }));
      },
    },
    {
      name: 'password',
      summary: 'choose another password; every other session of yours ends',
      examples: ['keyward account password --passwords-stdin < passwords.txt'],
      options: [
        { flag: '--passwords-stdin', help: 'read both from standard input: the old one, a line break, the new one' },
      ],
      routes: ['PUT /v1/self/password'],
      async run(call) {
        const body = await newPassword(call.terminal, call.options.passwordsStdin === true);
        const answer = await ask<unknown>(await call.client(), 'PUT', '/v1/self/password', { body });
        showDone(call, 'The password is changed. Sign in again: keyward login', answer);
      },
    },
    {
      name: 'second-factor',
      summary: 'ask for a code at every sign-in',
      examples: ['keyward account second-factor --help'],
      options: [stdin],
      routes: ['POST /v1/self/second-factor', 'POST /v1/self/second-factor/confirmation'],
      run: addSecondFactor,
    },
    {
      name: 'remove-second-factor',
      summary: 'sign in with the password alone again',
      examples: ['keyward account remove-second-factor --password-stdin --dry-run'],
      options: [stdin],
      changes: true,
      destroys: true,
      routes: ['DELETE /v1/self/second-factor'],
      async run(call) {
        if (isRehearsal(call, 'DELETE', '/v1/self/second-factor')) return;
        await agreed(call, 'The password alone will be enough to sign in.');
        const body = { password: await ownPassword(call) };
        const answer = await ask<unknown>(await call.client(), 'DELETE', '/v1/self/second-factor', { body });
        showDone(call, 'There is no second factor any more.', answer);
      },
    },
  ],
};

/** Needs a person: between the two requests somebody puts the secret into an authenticator. */
async function addSecondFactor(call: Call): Promise<void> {
  const { terminal } = call;
  if (!isInteractive(terminal)) throw misuse('A second factor is set up by a person, at a terminal.');
  const body = { password: await ownPassword(call) };
  const client = await call.client();
  const prepared = await ask<PreparedSecondFactor>(client, 'POST', '/v1/self/second-factor', { body });
  terminal.errors.write(
    `Put this into your authenticator, by hand or as a link:\n${prepared.secret}\n${prepared.uri}\n`,
  );
  const code = await textOrAsk(terminal, undefined, 'The code that it shows', '--code');
  const answer = await ask<RecoveryCodes>(client, 'POST', '/v1/self/second-factor/confirmation', { body: { code } });
  showRecord(call, [{ title: 'Recovery codes', of: ({ recoveryCodes }: RecoveryCodes) => recoveryCodes }], answer);
  note(call, 'Each works once in place of a code, and they are shown this once.');
}
