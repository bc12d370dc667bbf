// `keyward sessions`: where one is signed in, in browsers, on command lines and through applications.

import type { SessionSummary } from '@keyward/sdk/wire';
import { ask } from '../client/client.ts';
import type { Kind } from '../grammar/named.ts';
import type { Noun } from '../grammar/noun.ts';
import { type Column, showDone } from '../grammar/show.ts';
import { actVerb, agreed, isRehearsal, listVerb } from '../grammar/verbs.ts';

const kind: Kind = { word: 'session', path: '/v1/sessions', names: ({ id }) => [id], isKeyed: true };

const columns: readonly Column<SessionSummary>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'THIS ONE', of: ({ current }) => (current ? 'yes' : '') },
  { title: 'BY', of: ({ carrier }) => carrier },
  { title: 'SINCE', of: ({ createdAt }) => createdAt },
  { title: 'LAST USED', of: ({ seenAt }) => seenAt },
  { title: 'FROM', of: ({ address }) => address },
  { title: 'PROGRAM', of: ({ userAgent }) => userAgent },
];

export const sessions: Noun = {
  name: 'sessions',
  summary: 'where you are signed in',
  aliases: ['session'],
  verbs: [
    listVerb<SessionSummary>({
      examples: ['keyward sessions list'],
      path: kind.path,
      columns,
      none: 'You have no session.',
      isWhole: true,
    }),
    actVerb(kind, {
      name: 'end',
      summary: 'sign out somewhere',
      method: 'DELETE',
      act: '',
      done: 'has ended',
      loses: 'whoever uses it is signed out.',
      examples: ['keyward sessions end $SESSION --yes'],
    }),
    {
      name: 'end-others',
      summary: 'sign out everywhere but here',
      examples: ['keyward sessions end-others --yes'],
      routes: ['DELETE /v1/sessions'],
      changes: true,
      destroys: true,
      async run(call) {
        if (isRehearsal(call, 'DELETE', kind.path)) return;
        await agreed(call, 'You are signed out everywhere but here.');
        showDone(call, 'All other sessions have ended.', await ask(await call.client(), 'DELETE', kind.path));
      },
    },
  ],
};
