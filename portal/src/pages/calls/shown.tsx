// What lists and explanations of calls show alike: the credential, the call and the reason, each in a few words.

import type { RecentCall } from '@keyward/sdk/wire';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { callsWords as words } from '../../words/calls.ts';
import { usageWords } from '../../words/usage.ts';
import classes from '../access/cell.module.css';

/** What presented it; without one, or of nobody known, how it began. */
export function Credential({ call: { credential, start, verdict } }: { call: RecentCall }): ReactNode {
  if (credential === null) {
    return <span className="kw-mono">{start ?? (verdict === 'unknown' ? words.unknown : words.noCredential)}</span>;
  }
  const { type, id, name } = credential;
  if (type !== 'api_token') return <span className={classes.link}>{name ?? id}</span>;
  return (
    <Link to={`/tokens/${id}` as never} className={classes.link}>
      {name ?? id}
    </Link>
  );
}

export function callOf({ method, route }: Pick<RecentCall, 'method' | 'route'>): string {
  return [method, route].filter(Boolean).join(' ') || words.noRoute;
}

/** What a reason is called. */
export function titleOf(reason: string): string {
  return (usageWords.reasons.texts[reason] ?? usageWords.reasons.other).title;
}
