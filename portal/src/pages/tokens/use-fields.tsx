// From where and how a token may be used.

import { Radio, Stack, Textarea } from '@mantine/core';
import type { ChangeEvent } from 'react';
import { tokensWords } from '../../words/tokens.ts';

const words = tokensWords;
const uses = ['both', 'exchange', 'direct'] as const;

export type Use = (typeof uses)[number];

interface AddressesProps {
  name: string;
  value: string;
  onChange: (event: ChangeEvent<HTMLTextAreaElement>) => void;
  error: string | undefined;
}

export function AddressesField(props: AddressesProps) {
  return (
    <Textarea
      label={words.addresses.label}
      description={words.addresses.hint}
      placeholder={words.addresses.placeholder}
      autosize
      minRows={2}
      maxRows={8}
      spellCheck={false}
      {...props}
    />
  );
}

export function UseField({ value, onChange }: { value: Use; onChange: (value: Use) => void }) {
  return (
    <Radio.Group label={words.use.label} value={value} onChange={(next) => onChange(next as Use)}>
      <Stack gap="xs" mt="xs">
        {uses.map((use) => (
          <Radio key={use} value={use} label={words.use[use]} description={words.use[`${use}Hint`]} />
        ))}
      </Stack>
    </Radio.Group>
  );
}

/** The addresses that were typed, one a line or with commas. */
export function addressesIn(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
