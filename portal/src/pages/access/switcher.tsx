// A few views of one page, of which one is shown.

import { SegmentedControl } from '@mantine/core';
import classes from './switcher.module.css';

export interface SwitcherProps<V extends string> {
  label: string;
  value: V;
  onChange: (value: V) => void;
  options: readonly (readonly [value: V, label: string])[];
  size?: 'xs' | 'sm';
}

export function Switcher<V extends string>({ label, value, onChange, options, size = 'sm' }: SwitcherProps<V>) {
  return (
    <SegmentedControl
      className={classes.switcher}
      aria-label={label}
      value={value}
      onChange={(next) => onChange(next as V)}
      data={options.map(([one, text]) => ({ value: one, label: text }))}
      size={size}
      mb={size === 'sm' ? 'md' : 0}
      transitionDuration={0}
    />
  );
}
