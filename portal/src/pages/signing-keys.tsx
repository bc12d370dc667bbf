// Signing keys: one line of succession for each kind of token, what is being replaced and for how long both are good.
// Operators rotate and revoke; the server asks for the password again.

import type { SigningKey, SigningKeyList } from '@keyward/sdk/wire';
import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, part } from '../api.ts';
import { invalidate } from '../invalidate.ts';
import { Confirm } from '../parts/dialog.tsx';
import { Forbidden } from '../parts/forbidden.tsx';
import { showDone } from '../parts/notice.ts';
import { Page } from '../parts/page.tsx';
import { Loaded, Loading } from '../parts/states.tsx';
import { useMay, useSession } from '../session.ts';
import { signingKeyWords as words } from '../words/signing-keys.ts';
import { useEverySecond } from './signing-keys/now.ts';
import { ProfileKeys } from './signing-keys/profile-keys.tsx';
import { stateOf } from './signing-keys/state.ts';

const usual = { oauth: 'ES256', debricked: 'RS256', parsers: 'RS256' } as const;

type Line = Pick<SigningKey, 'profile' | 'algorithm'>;

/** What one key after another signs: of each kind of token, and with each algorithm that an API chose. */
function linesIn(items: readonly SigningKey[]): Line[] {
  const lines: Line[] = Object.entries(usual).map(([profile, algorithm]) => ({ profile, algorithm }) as Line);
  for (const { profile, algorithm } of items) {
    if (!lines.some((line) => isOf(line, { profile, algorithm }))) lines.push({ profile, algorithm });
  }
  return lines;
}

function isOf({ profile, algorithm }: Line, other: Line): boolean {
  return profile === other.profile && algorithm === other.algorithm;
}

type Asked = { kind: 'rotate'; line: Line } | { kind: 'revoke'; key: SigningKey };

export function SigningKeysPage() {
  const mayRead = useMay('read:signing_key');
  const mayRotate = useMay('rotate:signing_key');
  const { isOperator } = useSession().organization;
  const [asked, ask] = useState<Asked | null>(null);
  const now = useEverySecond();
  const keys = useQuery({
    queryKey: ['/v1/signing-keys'],
    queryFn: ({ signal }) => api.get<SigningKeyList>('/v1/signing-keys', {}, signal),
    enabled: mayRead,
  });
  if (!mayRead) return <Forbidden title={words.title} permission="read:signing_key" />;
  const mayChange = mayRotate && isOperator;
  const close = () => ask(null);
  const done = async (text: string) => {
    await invalidate('/v1/signing-keys', '/v1/journal');
    showDone(text);
  };
  return (
    <Page
      title={words.title}
      intro={words.intro}
      actions={
        <Button component="a" href="/.well-known/jwks.json" target="_blank" rel="noreferrer" variant="default">
          {words.published}
        </Button>
      }
    >
      {!mayChange && (
        <Text c="dimmed" fz="sm" mb="md">
          {words.operatorsOnly}
        </Text>
      )}
      <Loaded query={keys} loading={<Loading rows={6} height={64} />}>
        {({ items }) =>
          linesIn(items).map((line) => (
            <ProfileKeys
              key={`${line.profile} ${line.algorithm}`}
              profile={line.profile}
              {...(line.algorithm !== usual[line.profile] && { algorithm: line.algorithm })}
              keys={items.filter((key) => isOf(line, key))}
              now={now}
              {...(mayChange && {
                onRotate: () => ask({ kind: 'rotate', line }),
                onRevoke: (key: SigningKey) => ask({ kind: 'revoke', key }),
              })}
            />
          ))
        }
      </Loaded>
      <Confirm
        isOpen={asked?.kind === 'rotate'}
        title={words.rotate.title}
        go={words.rotate.go}
        onClose={close}
        onConfirm={async () => {
          if (asked?.kind !== 'rotate') return;
          await api.post('/v1/signing-keys/rotate', asked.line);
          await done(words.rotate.done);
        }}
      >
        {words.rotate.text}
      </Confirm>
      <Confirm
        isOpen={asked?.kind === 'revoke'}
        title={words.revoke.title}
        go={words.revoke.go}
        isDangerous
        onClose={close}
        onConfirm={async () => {
          if (asked?.kind !== 'revoke') return;
          await api.post(`/v1/signing-keys/${part(asked.key.kid)}/revoke`);
          await done(words.revoke.done);
        }}
      >
        {words.revoke.text} {asked?.kind === 'revoke' && stateOf(asked.key, now) === 'signs' && words.revoke.replaced}
      </Confirm>
    </Page>
  );
}
