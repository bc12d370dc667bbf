// The signing secret of a new webhook, or its new one: shown once.

import type { CreatedWebhook } from '@keyward/sdk/wire';
import { SecretDialog } from '../../parts/secret.tsx';
import { webhooksWords as words } from '../../words/webhooks.ts';
import { focusHeading } from '../access/focus.ts';
import { useUntilClosed } from '../access/until-closed.ts';

interface MadeWebhookProps {
  made: CreatedWebhook | null;
  title: string;
  onClose: () => void;
}

export function MadeWebhook({ made: present, title, onClose }: MadeWebhookProps) {
  const made = useUntilClosed(present);
  if (made === null) return null;
  return (
    <SecretDialog
      isOpen={present !== null}
      title={title}
      note={words.madeNote}
      values={[{ label: words.secret, text: made.secret }]}
      fileName="webhook-secret.txt"
      onClose={() => {
        onClose();
        focusHeading();
      }}
    />
  );
}
