// The field that searches what a page shows. What is searched, and when, is the page's affair.

import { TextInput, type TextInputProps } from '@mantine/core';
import { Icon } from './icon.tsx';

interface SearchFieldProps extends Pick<TextInputProps, 'className' | 'maw' | 'mb'> {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

export function SearchField({ label, onChange, ...field }: SearchFieldProps) {
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<Icon name="search" size={16} />}
      maxLength={200}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      {...field}
    />
  );
}
