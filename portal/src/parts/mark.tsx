// A state in one word, on a ground whose colour says whether it is good. The word alone suffices.

import type { ReactNode } from 'react';
import classes from './mark.module.css';

export function Mark({ kind, children }: { kind: 'good' | 'off' | 'warn' | 'busy'; children: ReactNode }) {
  return (
    <span className={classes.mark} data-kind={kind}>
      {children}
    </span>
  );
}
