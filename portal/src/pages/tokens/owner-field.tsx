// Choosing whose a token is to be: an API user, or another user. Whether its role holds what the token gives, the server says.

import { Select } from '@mantine/core';
import { useState } from 'react';
import { tokensWords } from '../../words/tokens.ts';
import { type FoundOwner, useOwners } from './owners.ts';

const words = tokensWords.owner;

interface OwnerFieldProps {
  label: string;
  description?: string;
  /** What stands there while nobody is chosen. */
  placeholder: string;
  value: FoundOwner | null;
  onChange: (value: FoundOwner | null) => void;
  error: string | undefined;
  /** The id of one that is not offered. */
  without?: string;
  isFocused?: boolean;
}

export function OwnerField({
  label,
  description,
  placeholder,
  value,
  onChange,
  error,
  without,
  isFocused,
}: OwnerFieldProps) {
  const [text, setText] = useState('');
  // What is chosen stands in the box as text too; it is no search.
  const { users, apiUsers } = useOwners(text === value?.label ? '' : text);
  const isOffered = ({ id, active }: FoundOwner) => active && id !== without;
  const [people, machines] = [users.filter(isOffered), apiUsers.filter(isOffered)];
  const optionOf = (one: FoundOwner) => ({ value: keyOf(one), label: one.label });
  const all = [...machines, ...people];
  return (
    <Select
      label={label}
      description={description}
      placeholder={placeholder}
      error={error}
      data={[
        { group: words.apiUsers, items: machines.map(optionOf) },
        { group: words.users, items: people.map(optionOf) },
        // What is chosen is an option in every search.
        ...(value !== null && !all.some((one) => keyOf(one) === keyOf(value)) ? [optionOf(value)] : []),
      ]}
      value={value === null ? null : keyOf(value)}
      onChange={(key) =>
        onChange([...all, ...(value === null ? [] : [value])].find((one) => keyOf(one) === key) ?? null)
      }
      searchable
      clearable
      openOnFocus={false}
      filter={({ options }) => options}
      searchValue={text}
      onSearchChange={setText}
      nothingFoundMessage={words.nothing}
      clearButtonProps={{ 'aria-label': words.clear }}
      {...(isFocused === true && { 'data-autofocus': true })}
    />
  );
}

function keyOf({ type, id }: FoundOwner): string {
  return `${type}:${id}`;
}
