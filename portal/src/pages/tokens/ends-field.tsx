// Choosing when a token ends.

import { NativeSelect, Text, TextInput } from '@mantine/core';
import { shortTime } from '../../parts/when.tsx';
import { tokensWords } from '../../words/tokens.ts';
import { type Ends, endOf, today } from './ends.ts';

const words = tokensWords.ends;

export interface EndsFieldProps {
  value: Ends;
  onChange: (value: Ends) => void;
  error: string | undefined;
  /** The end that it has, which may be kept. */
  present?: string | null;
}

export function EndsField({ value, onChange, error, present }: EndsFieldProps) {
  const options = [
    ...(present ? [{ value: 'keep', label: words.keep(shortTime(present)) }] : []),
    { value: '30', label: words.days(30) },
    { value: '90', label: words.days(90) },
    { value: '365', label: words.year },
    { value: 'date', label: words.date },
    { value: 'never', label: words.never },
  ];
  const end = value.choice === 'keep' ? present : endOf(value);
  const onDay = value.choice === 'date';
  return (
    <div>
      <NativeSelect
        label={words.label}
        description={words.hint}
        data={options}
        value={value.choice}
        error={onDay ? undefined : error}
        onChange={({ currentTarget }) => onChange({ ...value, choice: currentTarget.value as Ends['choice'] })}
      />
      {onDay && (
        <TextInput
          type="date"
          label={words.day}
          mt="xs"
          min={today()}
          value={value.day}
          error={error}
          onChange={({ currentTarget }) => onChange({ ...value, day: currentTarget.value })}
        />
      )}
      <Text fz="sm" c="dimmed" mt={6} role="status">
        {end === null && words.neverText}
        {typeof end === 'string' && value.choice !== 'keep' && words.on(shortTime(end))}
      </Text>
    </div>
  );
}
