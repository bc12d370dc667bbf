// What the organization's own systems call something: the field to give it, and the box that finds by it. Whether it is
// taken, and whether it looks like a secret, the server says.

import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { type ChangeEvent, useEffect, useState } from 'react';
import { partWords } from '../words/parts.ts';
import type { List } from './list.ts';

const words = partWords.externalId;

interface FieldProps {
  name: string;
  value: string;
  onChange: (event: ChangeEvent<HTMLInputElement>) => void;
  error: string | undefined;
}

export function ExternalIdField(props: FieldProps & { 'data-autofocus'?: boolean; disabled?: boolean }) {
  return (
    <TextInput
      label={words.label}
      description={words.hint}
      autoComplete="off"
      spellCheck={false}
      autoCapitalize="none"
      {...props}
    />
  );
}

/** What was typed, as it is sent: nothing is null. */
export function externalIdIn(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}

/** Sets the filter `externalId` of a list: it finds the one that has exactly this. */
export function ExternalIdFilter({ list }: { list: Pick<List<unknown>, 'filter' | 'setFilter'> }) {
  const present = list.filter('externalId') ?? '';
  const [text, setText] = useState(present);
  const find = useDebouncedCallback((wanted: string) => list.setFilter('externalId', wanted || null), 300);
  // The address may change by other ways: back, or "Clear search and filters".
  useEffect(() => setText(present), [present]);
  return (
    <TextInput
      type="search"
      aria-label={words.find}
      placeholder={words.label}
      w={180}
      value={text}
      maxLength={200}
      autoComplete="off"
      spellCheck={false}
      onChange={({ currentTarget: { value } }) => {
        setText(value);
        find(value.trim());
      }}
    />
  );
}
