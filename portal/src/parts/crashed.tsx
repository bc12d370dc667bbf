// What is shown where a page failed: the fault is ours, or a file of an older build is gone.

import { Button, Stack, Text, Title } from '@mantine/core';
import { shellWords } from '../words/shell.ts';

export function Crashed({ error }: { error: unknown }) {
  const message = error instanceof Error ? error.message : String(error);
  const isStale = /dynamically imported module|preload|module script/i.test(message);
  const { title, text, stale, reload } = shellWords.crashed;
  return (
    <Stack p="xl" maw={560} mx="auto" mt="10vh" align="flex-start" role="alert">
      <Title order={1}>{title}</Title>
      <Text>{isStale ? stale : text}</Text>
      {!isStale && (
        <Text fz="sm" c="dimmed" className="kw-mono">
          {message}
        </Text>
      )}
      <Button onClick={() => window.location.reload()}>{reload}</Button>
    </Stack>
  );
}
