// Choosing the time that is shown, and whether by hours or by days.

import { Group, SegmentedControl, TextInput } from '@mantine/core';
import { usageWords as words } from '../../words/usage.ts';
import { dateOf, keptDays, type Range, rangeNames } from './range.ts';
import classes from './usage.module.css';

export interface RangePickerProps {
  range: Range;
  onChange: (changes: Record<string, string | null>) => void;
}

export function RangePicker({ range, onChange }: RangePickerProps) {
  const [from, until] = [dateOf(range.from), dateOf(new Date(Date.parse(range.until) - 1).toISOString())];
  const earliest = dateOf(new Date(Date.now() - keptDays * 86_400_000).toISOString());
  const choose = (name: string) =>
    onChange({
      range: name === '24h' ? null : name,
      group: null,
      from: name === 'custom' ? from : null,
      until: name === 'custom' ? until : null,
    });
  return (
    <Group gap="sm" mb="lg" align="flex-end" className={classes.picker}>
      <SegmentedControl
        aria-label={words.range}
        className={classes.ranges}
        value={range.name}
        onChange={choose}
        data={rangeNames.map((value) => ({ value, label: words.ranges[value] ?? value }))}
        size="sm"
        transitionDuration={0}
      />
      {range.name === 'custom' && (
        <>
          <TextInput
            type="date"
            aria-label={words.from}
            value={from}
            min={earliest}
            max={until}
            onChange={({ currentTarget: { value } }) => value !== '' && onChange({ from: value })}
          />
          <TextInput
            type="date"
            aria-label={words.until}
            value={until}
            min={from}
            max={dateOf(new Date().toISOString())}
            onChange={({ currentTarget: { value } }) => value !== '' && onChange({ until: value })}
          />
        </>
      )}
      {range.mayChooseHours && (
        <SegmentedControl
          aria-label={words.group}
          value={range.group}
          onChange={(group) => onChange({ group })}
          data={[
            { value: 'hour', label: words.groups.hour },
            { value: 'day', label: words.groups.day },
          ]}
          size="sm"
          transitionDuration={0}
        />
      )}
    </Group>
  );
}
