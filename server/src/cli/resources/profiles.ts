// `keyward profiles`: the sign-ins that are kept on this machine, by name. `keyward login --profile <name>` makes one.

import type { Call, Noun } from '../grammar/noun.ts';
import { type Column, note } from '../grammar/show.ts';
import { checkedName, credentialsPath, profileName, readKept, useProfile } from '../session/credentials-file.ts';
import { forget } from '../session/logout.ts';
import { nobody } from '../session/sign-in.ts';
import { table } from '../terminal/table.ts';
import { plain, tell } from '../terminal/terminal.ts';

interface Profile {
  name: string;
  url: string | null;
  userId: string;
  current: boolean;
}

const columns: readonly Column<Profile>[] = [
  { title: 'NAME', of: ({ name }) => name },
  { title: 'SERVER', of: ({ url }) => url },
  { title: 'USED NOW', of: ({ current }) => (current ? 'yes' : ''), style: () => 'green' },
];

const named = [{ name: 'profile', help: 'its name' }] as const;

export const profiles: Noun = {
  name: 'profiles',
  summary: 'the sign-ins that are kept on this machine',
  aliases: ['profile'],
  verbs: [
    {
      name: 'list',
      summary: 'list them',
      examples: ['keyward profiles list'],
      routes: [],
      asksNobody: true,
      async run(call) {
        const { terminal, json } = call;
        const { environment } = terminal;
        const current = profileName(undefined, environment);
        const kept: Profile[] = [...readKept(credentialsPath(environment)).profiles].map(
          ([name, { url, userid: userId }]) => ({ name, url, userId, current: name === current }),
        );
        if (json) terminal.output.write(`${JSON.stringify({ items: kept, next: null })}\n`);
        else if (kept.length === 0) note(call, 'Nobody is signed in on this machine.');
        else terminal.output.write(table(terminal, columns, kept));
        if (environment.KEYWARD_TOKEN) note(call, 'KEYWARD_TOKEN is set, and is used in place of them.');
      },
    },
    {
      name: 'use',
      summary: 'use one from now on, where neither --profile nor KEYWARD_PROFILE says another',
      examples: ['keyward profiles use staging'],
      arguments: named,
      routes: [],
      asksNobody: true,
      async run(call) {
        const { terminal, json } = call;
        const { name, url } = existing(call);
        useProfile(credentialsPath(terminal.environment), name);
        tell(
          terminal,
          json,
          { name, url },
          `Commands are for ${url === null ? 'that profile' : plain(url)} from now on.`,
        );
        const wins = ['KEYWARD_TOKEN', 'KEYWARD_PROFILE'].find((one) => terminal.environment[one]);
        if (wins !== undefined) note(call, `But ${wins} is set, and wins over it.`);
      },
    },
    {
      name: 'remove',
      summary: 'sign out of one: end its token at the server, and forget it',
      examples: ['keyward profiles remove staging'],
      arguments: named,
      routes: [],
      asksNobody: true,
      async run(call) {
        const { terminal, json } = call;
        const { name } = existing(call);
        const text = await forget(terminal.environment, name);
        tell(terminal, json, { name }, text ?? 'Nobody was signed in.');
      },
    },
  ],
};

/** Throws CommandError where there is none of that name. */
function existing({ terminal, args }: Call): { name: string; url: string | null } {
  const name = checkedName(args.profile ?? '');
  const kept = readKept(credentialsPath(terminal.environment));
  const one = kept.profiles.get(name);
  if (one === undefined) throw nobody(name, kept);
  return { name, url: one.url };
}
