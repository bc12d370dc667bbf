// A secret that was just made: shown once, with ways to try it and the way on to Get started, which is handed it in
// memory alone.

import type { CreatedToken, ServerSettings } from '@keyward/sdk/wire';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { actingFor } from '../../acting.ts';
import { api } from '../../api.ts';
import { type NewCredential, setNewCredential } from '../../new-credential.ts';
import { Icon } from '../../parts/icon.tsx';
import { SecretDialog } from '../../parts/secret.tsx';
import { snippetsFor } from '../../parts/snippets.ts';
import { useMay } from '../../session.ts';
import { partWords } from '../../words/parts.ts';
import { tokensWords } from '../../words/tokens.ts';
import { focusHeading } from '../access/focus.ts';
import { useUntilClosed } from '../access/until-closed.ts';

export interface MadeTokenProps {
  made: CreatedToken | null;
  title?: string;
  note?: string;
  onClose: () => void;
}

export function MadeToken({ made: present, title = tokensWords.new.made, note, onClose }: MadeTokenProps) {
  const made = useUntilClosed(present);
  const url = useServerUrl();
  const snippets = useMemo(() => {
    if (made === null) return [];
    return snippetsFor(url, { kind: 'api_token', secret: made.secret, isExchangeOnly: isExchangeOnly(made) });
  }, [made, url]);
  if (made === null) return null;
  const { token, secret } = made;
  return (
    <SecretDialog
      isOpen={present !== null}
      title={title}
      values={[{ label: partWords.secret.token, text: secret }]}
      fileName={`${fileNameOf(token.name)}.txt`}
      snippets={snippets}
      next={
        <ToGetStarted
          credential={{
            kind: 'api_token',
            id: token.id,
            name: token.name,
            secret,
            isExchangeOnly: isExchangeOnly(made),
          }}
        />
      }
      onClose={() => {
        onClose();
        focusHeading();
      }}
      {...(note !== undefined && { note })}
    />
  );
}

export function ToGetStarted({ credential }: { credential: NewCredential }) {
  const navigate = useNavigate();
  // There one tries what is one's own.
  if (actingFor !== null) return null;
  return (
    <Button
      variant="transparent"
      size="compact-sm"
      px={0}
      w="fit-content"
      rightSection={<Icon name="right" size={16} />}
      onClick={() => {
        setNewCredential(credential);
        // Nothing is lost on this way: the page is handed the secret, and guards it in turn.
        void navigate({ to: '/get-started', ignoreBlocker: true });
      }}
    >
      {tokensWords.new.next}
    </Button>
  );
}

function isExchangeOnly({ token }: CreatedToken): boolean {
  return token.use === 'exchange';
}

/** The server's own address as it is configured, or the page's. */
export function useServerUrl(): string {
  const { data } = useQuery({
    queryKey: ['/v1/settings'],
    queryFn: ({ signal }) => api.get<ServerSettings>('/v1/settings', {}, signal),
    enabled: useMay('read:organization'),
  });
  return data?.url ?? window.location.origin;
}

/** A name as a file may have it. */
export function fileNameOf(name: string): string {
  return (
    name
      .replace(/[^\p{L}\p{N}._-]+/gu, '-')
      .replace(/^[.-]+|-+$/g, '')
      .slice(0, 60) || 'token'
  );
}
