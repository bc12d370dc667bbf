// The username and password of a new or rotated API user: shown once, saved as a file, tried at once.

import type { CreatedApiUser } from '@keyward/sdk/wire';
import { useMemo } from 'react';
import { SecretDialog } from '../../parts/secret.tsx';
import { snippetsFor } from '../../parts/snippets.ts';
import { apiUsersWords } from '../../words/api-users.ts';
import { partWords } from '../../words/parts.ts';
import { focusHeading } from '../access/focus.ts';
import { useUntilClosed } from '../access/until-closed.ts';
import { fileNameOf, ToGetStarted, useServerUrl } from '../tokens/made.tsx';

const words = apiUsersWords.new;

export interface MadeApiUserProps {
  made: CreatedApiUser | null;
  title: string;
  note?: string;
  onClose: () => void;
}

export function MadeApiUser({ made: present, title, note = words.note, onClose }: MadeApiUserProps) {
  const made = useUntilClosed(present);
  const url = useServerUrl();
  const snippets = useMemo(
    () => (made === null ? [] : snippetsFor(url, { kind: 'api_user', username: made.username, secret: made.password })),
    [made, url],
  );
  if (made === null) return null;
  const { id, name, username, password } = made;
  return (
    <SecretDialog
      isOpen={present !== null}
      title={title}
      note={note}
      values={[
        { label: partWords.secret.username, text: username },
        { label: partWords.secret.password, text: password },
      ]}
      fileName={`${fileNameOf(name)}.txt`}
      snippets={snippets}
      next={<ToGetStarted credential={{ kind: 'api_user', id, name, username, secret: password }} />}
      onClose={() => {
        onClose();
        focusHeading();
      }}
    />
  );
}
