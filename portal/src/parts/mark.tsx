// A state in one word, on a ground whose colour says whether it is good. The word alone suffices.

import type { ComponentProps } from 'react';
import classes from './mark.module.css';

interface MarkProps extends ComponentProps<'span'> {
  kind: 'good' | 'off' | 'warn' | 'busy';
}

/** What else a span takes, such as what a tooltip gives it, goes to the span. */
export function Mark({ kind, className = '', ...rest }: MarkProps) {
  return <span {...rest} className={`${classes.mark} ${className}`.trim()} data-kind={kind} />;
}
