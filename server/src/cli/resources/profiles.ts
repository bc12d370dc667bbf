// `keyward profiles`: the sign-ins that are kept on this machine, by name. It asks no server.

import type { Noun } from '../grammar/noun.ts';
import type { Column } from '../grammar/show.ts';
import { credentialsPath, profileName, readProfiles } from '../session/credentials-file.ts';
import { table } from '../terminal/table.ts';

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
      async run({ terminal, json, options }) {
        const given = typeof options.profile === 'string' ? options.profile : undefined;
        const current = profileName(given, terminal.environment);
        const kept = [...readProfiles(credentialsPath(terminal.environment))].map(
          ([name, { url, userid: userId }]) => ({
            name,
            url,
            userId,
            current: name === current,
          }),
        );
        terminal.output.write(
          json ? `${JSON.stringify({ items: kept, next: null })}\n` : table(terminal, columns, kept),
        );
      },
    },
  ],
};
