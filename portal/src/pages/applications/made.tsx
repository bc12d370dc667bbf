// The secret of a new or renewed application: shown once, with its id, and the calls to try.

import type { CreatedApplication } from '@keyward/sdk/wire';
import { useMemo } from 'react';
import { SecretDialog } from '../../parts/secret.tsx';
import { applicationsWords } from '../../words/applications.ts';
import { focusHeading } from '../access/focus.ts';
import { useUntilClosed } from '../access/until-closed.ts';
import { fileNameOf, useServerUrl } from '../tokens/made.tsx';
import { snippetsOf } from './snippets.ts';

const words = applicationsWords.new;

export interface MadeApplicationProps {
  made: CreatedApplication | null;
  title: string;
  note: string;
  onClose: () => void;
}

/** Nothing for a public one, which has no secret. */
export function MadeApplication({ made: present, title, note, onClose }: MadeApplicationProps) {
  const made = useUntilClosed(present);
  const url = useServerUrl();
  const snippets = useMemo(() => (made === null ? [] : snippetsOf(url, made, made.secret)), [made, url]);
  if (made === null || made.secret === null) return null;
  return (
    <SecretDialog
      isOpen={present !== null}
      title={title}
      note={note}
      values={[
        { label: words.id, text: made.id },
        { label: words.secret, text: made.secret },
      ]}
      fileName={`${fileNameOf(made.name)}.txt`}
      snippets={snippets}
      onClose={() => {
        onClose();
        focusHeading();
      }}
    />
  );
}
