// A share of the whole as a bar. The number beside it says the same.

import classes from './usage.module.css';

export function Share({ of }: { of: number }) {
  return (
    <div className={classes.bar} aria-hidden>
      <div className={classes.fill} style={{ width: `${Math.max(0, Math.min(1, of)) * 100}%` }} />
    </div>
  );
}
