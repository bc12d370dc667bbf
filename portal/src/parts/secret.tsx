// The dialog that shows a secret, once: copied, saved as a file, tried at once. It closes only by the button that says
// it was saved, and keeps nothing.

import { Button, Group, Modal, Stack, Tabs, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { partWords } from '../words/parts.ts';
import { Code, Copy } from './copy.tsx';
import { download } from './download.ts';
import { Icon } from './icon.tsx';
import { LeaveGuard } from './leave-guard.tsx';
import type { Snippet } from './snippets.ts';

const words = partWords.secret;

export interface SecretDialogProps {
  isOpen: boolean;
  title: string;
  /** What is shown, in order, such as username and password. The last one is the secret that `Copy` copies. */
  values: readonly { label: string; text: string }[];
  /** The name of the file, which holds `label: text` lines. */
  fileName: string;
  note?: string;
  snippets?: readonly Snippet[];
  /** Beneath the snippets: where to go on. */
  next?: ReactNode;
  onClose: () => void;
}

export function SecretDialog({
  isOpen,
  title,
  values,
  fileName,
  note = words.once,
  snippets = [],
  next,
  onClose,
}: SecretDialogProps) {
  const secret = values.at(-1)?.text ?? '';
  const file = values.length === 1 ? `${secret}\n` : values.map(({ label, text }) => `${label}: ${text}\n`).join('');
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={title}
      size="lg"
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      styles={{ title: { fontWeight: 650, fontSize: '1.0625rem' } }}
    >
      {isOpen && <LeaveGuard />}
      <Stack gap="md">
        <Text>{note}</Text>
        {values.map(({ label, text }) => (
          <div key={label}>
            <Text fz="sm" fw={600} mb={4}>
              {label}
            </Text>
            <Code text={text} label={label} />
          </div>
        ))}
        {snippets.length > 0 && <Snippets snippets={snippets} />}
        {next}
        <Group justify="space-between">
          <Group gap="xs">
            <Copy as="button" text={secret} label={words.copy} />
            <Button
              variant="default"
              leftSection={<Icon name="download" size={16} />}
              onClick={() => download(fileName, file)}
            >
              {words.download}
            </Button>
          </Group>
          <Button onClick={onClose}>{words.saved}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Tabs with code to copy. */
export function Snippets({ snippets }: { snippets: readonly Snippet[] }) {
  return (
    <Tabs defaultValue={snippets[0]?.id ?? null} keepMounted={false}>
      <Tabs.List aria-label={words.snippets} mb="sm">
        {snippets.map(({ id, label }) => (
          <Tabs.Tab key={id} value={id}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {snippets.map(({ id, label, text }) => (
        <Tabs.Panel key={id} value={id}>
          <Code text={text} label={label} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
