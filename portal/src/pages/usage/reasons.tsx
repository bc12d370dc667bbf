// Why calls were refused, the most frequent first, and what to do about each.

import type { UsageRow } from '@keyward/sdk/wire';
import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { usageWords } from '../../words/usage.ts';
import classes from './usage.module.css';

const words = usageWords.reasons;
const links: Record<string, { to: string; search?: Record<string, string> }> = {
  rate_limited: { to: '/plans' },
  missing_permission: { to: '/tokens' },
  expired: { to: '/tokens', search: { state: 'expired' } },
  inactive: { to: '/tokens', search: { state: 'inactive' } },
  revoked: { to: '/tokens' },
  exchange_only: { to: '/tokens' },
  wrong_api: { to: '/tokens' },
  address_not_allowed: { to: '/tokens' },
};

/** `rows` by verdict. */
export function Reasons({ rows }: { rows: readonly UsageRow[] }) {
  const reasons = refusalsIn(rows);
  if (reasons.length === 0) {
    return (
      <Text fz="sm" c="dimmed">
        {words.none}
      </Text>
    );
  }
  return (
    <ul className={classes.reasons}>
      {reasons.map(([reason, calls]) => {
        const { title, text, link } = words.texts[reason] ?? { ...words.other, link: undefined };
        const target = links[reason];
        return (
          <li key={reason} className={classes.reason}>
            <Text fz="sm" fw={600}>
              {title}
            </Text>
            <span className={classes.count}>{calls === 1 ? words.oneCall : words.calls(calls.toLocaleString())}</span>
            <Text fz="sm" c="dimmed" maw={680}>
              {text}{' '}
              {link !== undefined && target !== undefined && (
                <Anchor
                  component={Link}
                  to={target.to}
                  fz="sm"
                  underline="always"
                  {...(target.search && { search: target.search as never })}
                >
                  {link}
                </Anchor>
              )}
            </Text>
          </li>
        );
      })}
    </ul>
  );
}

/** How many calls were refused for each reason, the most first. */
export function refusalsIn(rows: readonly UsageRow[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const { verdict = '', calls } of rows) {
    if (verdict !== 'allowed') sums.set(verdict, (sums.get(verdict) ?? 0) + calls);
  }
  return [...sums].sort(([, a], [, b]) => b - a);
}
