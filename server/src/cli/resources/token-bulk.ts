// `keyward tokens bulk` and `keyward tokens reveal`: one act upon many API tokens, and the secret of a readable one.

import type { BulkOutcome } from '@keyward/sdk/wire';
import { ask } from '../client/client.ts';
import { find, type Kind } from '../grammar/named.ts';
import type { Verb } from '../grammar/noun.ts';
import { showDone } from '../grammar/show.ts';
import { agreed, isRehearsal, pathTo, thing, withSecret } from '../grammar/verbs.ts';
import { misuse } from '../terminal/command-error.ts';
import { password } from '../terminal/prompt.ts';
import { plain } from '../terminal/terminal.ts';

const actions = ['activate', 'deactivate', 'delete', 'restore'];
const path = '/v1/tokens/bulk';

export const bulkVerb = (kind: Kind): Verb => ({
  name: 'bulk',
  summary: 'do one thing to many; what cannot be done to one keeps it from no other',
  examples: ['keyward tokens bulk deactivate ci nightly-1 --yes'],
  arguments: [
    { name: 'action', help: actions.join(', ') },
    { ...thing(kind, 'tokens'), isMany: true },
  ],
  options: [{ flag: '--descendants', help: 'end what they made too' }],
  acts: true,
  changes: true,
  destroys: true,
  routes: [`POST ${path}`],
  async run(call) {
    const { action = '' } = call.args;
    if (!actions.includes(action)) throw misuse(`${JSON.stringify(action)} is none of ${actions.join(', ')}.`);
    const client = await call.client();
    const among = action === 'restore' ? { deleted: 'only' } : {};
    const ids: string[] = [];
    for (const handle of call.rest) ids.push((await find(client, kind, handle, among)).id);
    const body = { ids, action, ...(call.options.descendants === true && { descendants: true }) };
    if (isRehearsal(call, 'POST', path, body)) return;
    await agreed(call, `${action} ${ids.length} API tokens.`, action === 'delete' || action === 'deactivate');
    const outcome = await ask<BulkOutcome>(client, 'POST', path, { body });
    showDone(call, `Done to ${outcome.done.length}.`, outcome);
    if (outcome.failed.length === 0) return;
    call.outcome.code = 1;
    if (!call.json)
      for (const { id, detail } of outcome.failed) call.terminal.errors.write(`${id}: ${plain(detail)}\n`);
  },
});

export const revealVerb = (kind: Kind): Verb => ({
  name: 'reveal',
  summary: 'the secret of one of your own that was made readable; your password is asked for',
  examples: ['keyward tokens reveal readable --password-stdin < password.txt'],
  arguments: [thing(kind)],
  options: [{ flag: '--password-stdin', help: 'read the password from standard input' }],
  acts: true,
  makesSecret: true,
  routes: ['POST /v1/tokens/{id}/reveal'],
  async run(call) {
    const target = await pathTo(kind, '/reveal')(call);
    const body = { password: await password(call.terminal, call.options.passwordStdin === true || undefined) };
    const answer = await withSecret(call, 'secret', (client) => ask(client, 'POST', target, { body }));
    if (call.json) call.terminal.output.write(`${JSON.stringify(answer)}\n`);
    else if (typeof answer.secret === 'string') call.terminal.output.write(`${answer.secret}\n`);
  },
});
