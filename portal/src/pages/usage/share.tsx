// A share of the whole in words, and how it compares with the largest as a bar.

import classes from './usage.module.css';

export function Share({ of, text }: { of: number; text: string }) {
  return (
    <div className={classes.share}>
      <div className={classes.bar} aria-hidden>
        <div className={classes.fill} style={{ width: `${Math.max(0, Math.min(1, of)) * 100}%` }} />
      </div>
      {text}
    </div>
  );
}
