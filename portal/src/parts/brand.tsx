// The name of the program with its sign.

import { Group, Text } from '@mantine/core';
import { shellWords } from '../words/shell.ts';

export function Brand({ size = 26 }: { size?: number }) {
  return (
    <Group gap={10} wrap="nowrap">
      <img src="/assets/icon.svg" width={size} height={size} alt="" />
      <Text component="span" fw={700} fz={size * 0.66} lts="-0.01em">
        {shellWords.product}
      </Text>
    </Group>
  );
}
