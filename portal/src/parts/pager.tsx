// Below a table: how many entries are shown, and the ways to the other pages. A list that is whole needs neither.

import { Button, Group, Text } from '@mantine/core';
import { partWords } from '../words/parts.ts';
import type { List } from './list.ts';

const words = partWords.list;

export function Pager<T>({ list }: { list: Partial<List<T>> }) {
  const { first, previous, next, items } = list;
  if (list.setSort === undefined) return null;
  return (
    <Group justify="space-between" mt="sm" mb="lg" mih={36}>
      <Text fz="sm" c="dimmed" role="status">
        {items === undefined ? '' : words.shown(items.length)}
      </Text>
      {(first ?? previous ?? next) !== undefined && (
        <Group gap="xs">
          <Button variant="default" size="sm" disabled={first === undefined} onClick={first}>
            {words.first}
          </Button>
          <Button variant="default" size="sm" disabled={previous === undefined} onClick={previous}>
            {words.previous}
          </Button>
          <Button variant="default" size="sm" disabled={next === undefined} onClick={next}>
            {words.next}
          </Button>
        </Group>
      )}
    </Group>
  );
}
