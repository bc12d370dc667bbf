// A link that works once, to be sent on by whoever made it. It is shown here and kept nowhere.

import type { Link } from '@keyward/sdk/wire';
import { Button, Group, Stack, Text } from '@mantine/core';
import { Code, Copy } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { LeaveGuard } from '../../parts/leave-guard.tsx';
import { shortTime } from '../../parts/when.tsx';
import { accessWords } from '../../words/access.ts';
import { peopleWords } from '../../words/people.ts';
import { focusHeading } from '../access/focus.ts';
import { useUntilClosed } from '../access/until-closed.ts';

const words = peopleWords.link;

export interface MadeLink {
  purpose: 'invitation' | 'reset';
  name: string;
  email: string;
  link: Link;
}

export function LinkDialog({ made: present, onClose }: { made: MadeLink | null; onClose: () => void }) {
  const made = useUntilClosed(present);
  const close = () => {
    onClose();
    focusHeading();
  };
  return (
    <Dialog
      isOpen={present !== null}
      title={made === null ? '' : words[made.purpose](made.name)}
      size="lg"
      isShownOnce
      onClose={close}
    >
      {present !== null && <LeaveGuard />}
      {made !== null && (
        <Stack gap="md">
          <Text>{words.text(made.email)}</Text>
          <Code text={made.link.url} label={words.label} />
          <Text fz="sm" c="dimmed">
            {words.once(shortTime(made.link.expiresAt))} {made.purpose === 'reset' && words.resetNote}
          </Text>
          <Group justify="space-between">
            <Copy as="button" text={made.link.url} label={words.copy} />
            <Button onClick={close}>{accessWords.done}</Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}
