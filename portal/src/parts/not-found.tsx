// An address that is none of the portal's.

import { Button, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { shellWords } from '../words/shell.ts';
import { Heading } from './heading.tsx';

export function NotFound() {
  const { title, text, home } = shellWords.notFound;
  return (
    <Stack component="main" p="xl" maw={560} mx="auto" mt="10vh" align="flex-start">
      <Heading title={title} />
      <Text>{text}</Text>
      <Button component={Link} to="/">
        {home}
      </Button>
    </Stack>
  );
}
