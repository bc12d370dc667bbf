// The question before leaving a page on which something is shown that is shown only once: by Back, by a link, or, in the
// browser's own words, by a reload. What is shown, and how else it can be closed, is for whoever shows it to say.

import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { partWords } from '../words/parts.ts';

const words = partWords.leave;

/** Place it beside what must not be lost, for as long as it is shown. Another view of the same page is no leaving. */
export function LeaveGuard() {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => current.pathname !== next.pathname,
    enableBeforeUnload: true,
    withResolver: true,
  });
  return (
    <Modal
      opened={status === 'blocked'}
      onClose={() => reset?.()}
      title={words.title}
      withCloseButton={false}
      zIndex={400}
      styles={{ title: { fontWeight: 650, fontSize: '1.0625rem' } }}
    >
      <Stack gap="md">
        <Text>{words.text}</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => proceed?.()}>
            {words.leave}
          </Button>
          <Button data-autofocus onClick={() => reset?.()}>
            {words.stay}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
