// `keyward keys`: what signs access tokens, without what signs.

import type { RotatedKey, SigningKey } from '@keyward/sdk/wire';
import type { Kind } from '../grammar/named.ts';
import type { Noun } from '../grammar/noun.ts';
import type { Column } from '../grammar/show.ts';
import { actVerb, listVerb, makeVerb } from '../grammar/verbs.ts';

const kind: Kind = {
  word: 'signing key',
  path: '/v1/signing-keys',
  names: ({ id }) => [id],
  isKeyed: true,
  parameter: 'kid',
};

const columns: readonly Column<SigningKey>[] = [
  { title: 'KID', of: ({ kid }) => kid },
  { title: 'PROFILE', of: ({ profile }) => profile },
  { title: 'ALGORITHM', of: ({ algorithm }) => algorithm },
  { title: 'SIGNS FROM', of: ({ signsFrom }) => signsFrom },
  { title: 'SIGNS UNTIL', of: ({ retiredAt }) => retiredAt },
  { title: 'VERIFIES UNTIL', of: ({ verifiesUntil }) => verifiesUntil },
  { title: 'REVOKED', of: ({ revokedAt }) => revokedAt, style: () => 'red' },
];

export const keys: Noun = {
  name: 'keys',
  summary: 'the keys that sign access tokens',
  aliases: ['key', 'signing-keys'],
  verbs: [
    listVerb<SigningKey>({
      examples: ['keyward keys list'],
      path: kind.path,
      columns,
      none: 'There is no key.',
      isWhole: true,
    }),
    makeVerb<RotatedKey>({
      name: 'rotate',
      summary: 'make another one, which signs ten minutes from now',
      examples: ['keyward keys rotate --for oauth'],
      path: `${kind.path}/rotate`,
      fields: [
        {
          flag: '--for <tokens>',
          help: 'of which access tokens',
          to: 'profile',
          choices: ['oauth', 'debricked', 'parsers'],
          isRequired: true,
        },
        {
          flag: '--algorithm <name>',
          help: 'of oauth: one that an API chose',
          to: 'algorithm',
          choices: ['ES256', 'RS256', 'EdDSA'],
        },
      ],
      shows: [{ title: 'Kid', of: ({ kid }) => kid }],
      note: () => 'It signs ten minutes from now; verifiers have it by then.',
    }),
    actVerb(kind, {
      act: '/revoke',
      summary: 'end it at once, and every token that it signed',
      done: 'is revoked',
      loses: 'every access token that it signed is refused from now on.',
      examples: ['keyward keys revoke $KID --yes', 'keyward keys revoke $KID --dry-run'],
    }),
  ],
};
