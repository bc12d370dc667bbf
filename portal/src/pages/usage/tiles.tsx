// The period in four numbers.

import type { UsageRow } from '@keyward/sdk/wire';
import { usageWords } from '../../words/usage.ts';
import classes from './usage.module.css';
import { kindOf, sumOf } from './verdicts.ts';

const words = usageWords.tiles;
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });

/** `rows` by verdict; numbers are left out while they load. */
export function Tiles({ rows }: { rows: readonly UsageRow[] | undefined }) {
  const all = sumOf(rows ?? []);
  const of = (kind: 'allowed' | 'refused' | 'limited') =>
    sumOf((rows ?? []).filter(({ verdict }) => kindOf(verdict) === kind));
  const tiles = [
    { label: words.calls, count: all, share: '' },
    ...(['allowed', 'refused', 'limited'] as const).map((kind) => ({
      label: words[kind],
      count: of(kind),
      share: all === 0 ? '' : words.share(percent.format(of(kind) / all)),
    })),
  ];
  return (
    <dl className={classes.tiles}>
      {tiles.map(({ label, count, share }) => (
        <div key={label} className={classes.tile}>
          <dt>{label}</dt>
          <dd>
            <span className={classes.number}>{rows === undefined ? '–' : count.toLocaleString()}</span>
            <span className={classes.ofAll}>{share}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
